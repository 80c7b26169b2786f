package ch3

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A dictionary, a list and a lock live in a process of their own. Other processes reach them through proxies.

// # Many processes write

func shareDictionary(ctx context.Context, out *transcript.Log, workers, times int) error {
	mgr, err := process.NewManager(ctx)
	if err != nil {
		return err
	}
	defer mgr.Close()
	dictionary, err1 := process.NewManagedDict[int, int](ctx, mgr)
	list, err2 := process.NewManagedList[int](ctx, mgr)
	lock, err3 := process.NewManagedLock(ctx, mgr)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}

	jobs, jobsCtx := errgroup.WithContext(ctx)
	for i := range workers {
		jobs.Go(func() error {
			job := managed{Dictionary: dictionary, List: list, Key: i, Item: 2 * i}
			pid, err := process.Call(jobsCtx, write, job)
			if err == nil {
				out.Actor(fmt.Sprintf("worker %d", i)).Printf("process %d: key = %d value = %d", pid, i, 2*i)
			}
			return err
		})
	}
	if err := jobs.Wait(); err != nil {
		return err
	}
	results, err := dictionary.Copy(ctx)
	if err != nil {
		return err
	}
	out.Printf("Results: %v", results)
	complete := len(results) == workers
	for key, item := range results {
		complete = complete && item == 2*key
	}
	out.Note("%d processes wrote into a dictionary that another process holds. This process reads it.", workers)
	out.Check("the dictionary holds what every worker wrote", complete, true)

	order, err := list.Copy(ctx)
	if err != nil {
		return err
	}
	out.Printf("they came in this order: %v", order)
	slices.Sort(order)
	out.Check("the list holds every key once", len(slices.Compact(order)), workers)

	if err := updateOneValue(ctx, out, managed{Dictionary: dictionary, Lock: lock, Key: -1, Item: times}); err != nil {
		return err
	}

	_, err = dictionary.Get(ctx, 99)
	out.Check("a key that is not there is an error", errors.Is(err, process.ErrNoKey), true)
	if err := mgr.Close(); err != nil {
		return err
	}
	_, err = dictionary.Len(ctx)
	out.Printf("after close: %v", err)
	out.Check("what the manager held is gone with it", errors.Is(err, process.ErrManagerGone), true)
	return nil
}

// write is the book's worker. It writes into the dictionary and notes its key at the end of the list.
var write = process.Register("ch3.worker", func(ctx context.Context, t managed) (int, error) {
	err := t.Dictionary.Set(ctx, t.Key, t.Item)
	if err == nil {
		err = t.List.Append(ctx, t.Key)
	}
	return os.Getpid(), err
})

// managed is sent to a process. It has only proxies: the objects themselves stay in the manager's process.
type managed struct {
	Dictionary *process.ManagedDict[int, int]
	List       *process.ManagedList[int]
	Lock       *process.ManagedLock
	Key, Item  int
}

// # One value from several processes

// updateOneValue changes one value from several processes: with the lock, without it, and after its holder has died.
func updateOneValue(ctx context.Context, out *transcript.Log, t managed) error {
	if err := t.Dictionary.Set(ctx, t.Key, 0); err != nil {
		return err
	}
	adders, addersCtx := errgroup.WithContext(ctx)
	for range 5 {
		adders.Go(func() error {
			_, err := process.Call(addersCtx, addOnes, t)
			return err
		})
	}
	if err := adders.Wait(); err != nil {
		return err
	}
	read, err := t.Dictionary.Get(ctx, t.Key) // here begins an update without the lock …
	if err != nil {
		return err
	}
	out.Printf("five processes added %d each: %d", t.Item, read)
	out.Check("under the lock no update is lost", read, 5*t.Item)

	t.Item = 1
	if _, err := process.Call(ctx, addOnes, t); err != nil { // … another process comes between …
		return err
	}
	if err := t.Dictionary.Set(ctx, t.Key, read+1); err != nil { // … and this overwrites its update.
		return err
	}
	after, err := t.Dictionary.Get(ctx, t.Key)
	if err != nil {
		return err
	}
	out.Printf("two more, one of them without the lock: %d", after)
	out.Check("of those two, one update is lost", after-read, 1)

	_, died := process.Call(ctx, dieWithLock, t)
	err = t.Lock.Acquire(ctx)
	out.Printf("%v", err)
	told := errors.Is(died, process.ErrDied) && errors.Is(err, process.ErrOwnerDied)
	out.Check("the next process gets a dead process's lock, and is told", told, true)
	return t.Lock.Release()
}

// addOnes adds 1 to the value of a key, Item times. Get and Set are two requests, and the lock keeps them together.
var addOnes = process.Register("ch3.add", func(ctx context.Context, t managed) (struct{}, error) {
	for range t.Item {
		if err := t.Lock.Acquire(ctx); err != nil {
			return struct{}{}, err
		}
		value, err := t.Dictionary.Get(ctx, t.Key)
		if err == nil {
			err = t.Dictionary.Set(ctx, t.Key, value+1)
		}
		if err := errors.Join(err, t.Lock.Release()); err != nil {
			return struct{}{}, err
		}
	}
	return struct{}{}, nil
})

// dieWithLock dies while it holds the lock.
var dieWithLock = process.Register("ch3.die", func(ctx context.Context, t managed) (struct{}, error) {
	if err := t.Lock.Acquire(ctx); err != nil {
		return struct{}{}, err
	}
	os.Exit(3)
	return struct{}{}, nil
})

var manager = catalog.Recipe{
	ID: "ch3.manager", Section: "3.9", Title: "Share a dictionary through a manager",
	Python: "multiprocessing.Manager", Go: "process.Manager",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 10, 1, 50, "processes that write into the dictionary")
		times := catalog.Int(f, "times", 20, 0, 1000, "number of times that each of five processes adds 1")
		return func(ctx context.Context, out *transcript.Log) error {
			return shareDictionary(ctx, out, *workers, *times)
		}
	},
	Wrong: managerWrong,
}
