package ch4

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// An executorsItem is the argument of one call. It is copied when the call is made in another process.
type executorsItem struct{ Number, Count int }

// evaluateItem is the book's evaluate_item: it counts, only to be busy, and multiplies. Registered, it can be called in
// another process: a process cannot be sent a function, only the name of one it knows.
var evaluateItem = process.Register("ch4.evaluateItem", func(ctx context.Context, item executorsItem) (int, error) {
	if item.Number < 0 {
		return 0, fmt.Errorf("item %d: want at least 0", item.Number)
	}
	i := 0
	for range item.Count {
		if i++; i%(1<<20) == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
	}
	return i * item.Number, nil
})

// executorsPid says which process it is called in.
var executorsPid = process.Register("ch4.executorsPid", func(context.Context, int) (int, error) { return os.Getpid(), nil })

func executorsRun(ctx context.Context, out *transcript.Log, count, workers int) error {
	var items []executorsItem
	for number := 1; number <= 10; number++ {
		items = append(items, executorsItem{number, count})
	}

	begun := time.Now()
	inTurn := make(map[int]int)
	for _, item := range items {
		result, err := evaluateItem(ctx, item)
		if err != nil {
			return err
		}
		inTurn[item.Number] = result
		out.Actor(fmt.Sprintf("item %d", item.Number)).Printf("%d", result)
	}
	sequential := time.Since(begun)
	out.Printf("Sequential execution in %.3f seconds", sequential.Seconds())

	for _, kind := range []struct {
		name string
		make func(context.Context, int, ...executor.PoolOption) (*executor.Executor, error)
		here bool // it works in this process
	}{{"Thread", executor.NewThreadPool, true}, {"Process", executor.NewProcessPool, false}} {
		begun := time.Now()
		results, pid, err := executorsInPool(ctx, out, kind.make, workers, items)
		if err != nil {
			return err
		}
		took := time.Since(begun)
		out.Printf("%s pool execution in %.3f seconds (ratio %.2f)", kind.name, took.Seconds(), sequential.Seconds()/took.Seconds())
		out.Check("the "+kind.name+" pool's results are those of the sequence", fmt.Sprint(results) == fmt.Sprint(inTurn), true)
		out.Check(fmt.Sprintf("the %s pool works in this process: %t", kind.name, kind.here), pid == os.Getpid(), kind.here)
	}
	out.Note("%d workers on %d processors. In Python the thread pool gains nothing, for one thread at a time runs Python; "+
		"in Go it gains what the processors allow, and the processes only add the price of starting them.", workers, runtime.GOMAXPROCS(0))
	return executorsRest(ctx, out)
}

// executorsInPool submits all items and tells their results in the order in which they come. It returns them, and the number of
// the process of one worker.
func executorsInPool(ctx context.Context, out *transcript.Log, newPool func(context.Context, int, ...executor.PoolOption) (*executor.Executor, error), workers int, items []executorsItem) (_ map[int]int, pid int, err error) {
	pool, err := newPool(ctx, workers)
	if err != nil {
		return nil, 0, err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx)) // Python's with: wait until every worker is gone
	number := make(map[*async.Future[int]]int)
	var futures []*async.Future[int]
	for _, item := range items {
		f := executor.Submit(pool, evaluateItem, item)
		futures, number[f] = append(futures, f), item.Number
	}
	results := make(map[int]int)
	for f, err := range async.AsCompleted(ctx, futures...) {
		if err != nil {
			return nil, 0, err
		}
		result, err := f.Result(ctx)
		if err != nil {
			return nil, 0, err
		}
		results[number[f]] = result
		out.Actor(fmt.Sprintf("item %d", number[f])).Printf("%d", result)
	}
	pid, err = executor.Submit(pool, executorsPid, 0).Result(ctx)
	return results, pid, err
}

// executorsRest shows what else an executor can do, on a pool of one worker that is busy until told otherwise.
func executorsRest(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 1)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	begun, release := make(chan struct{}), make(chan struct{})
	busy := executor.Submit(pool, func(ctx context.Context, _ int) (string, error) {
		close(begun)
		select {
		case <-release:
			return "done", nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}, 0)
	waiting := executor.Submit(pool, evaluateItem, executorsItem{1, 1})
	select {
	case <-begun:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	out.Printf("cancel what waits: %v, what runs: %v", waiting.Cancel(), busy.Cancel())
	out.Check("a cancelled future says so", errors.Is(waiting.Exception(ctx), async.ErrCancelled), true)
	out.Check("what runs goes on", busy.Running(), true)
	close(release)
	result, err := busy.Result(ctx)
	if err != nil {
		return err
	}
	out.Check("what ran came to its end", result, "done")

	_, err = executor.Submit(pool, evaluateItem, executorsItem{-1, 1}).Result(ctx)
	out.Printf("the caller gets the error: %v", err)

	var mapped []int
	for result, err := range executor.Map(ctx, pool, evaluateItem, []executorsItem{{3, 1}, {1, 1}, {2, 1}}) {
		if err != nil {
			return err
		}
		mapped = append(mapped, result)
	}
	out.Printf("map keeps the order of the arguments: %v", mapped)
	out.Check("3, 1, 2 stay 3, 1, 2", slices.Equal(mapped, []int{3, 1, 2}), true)

	if err := pool.Shutdown(ctx); err != nil {
		return err
	}
	late := executor.Submit(pool, evaluateItem, executorsItem{1, 1}).Exception(ctx)
	out.Printf("%v", late)
	out.Check("after shutdown nothing is taken", errors.Is(late, async.ErrClosed), true)
	return nil
}

var executors = catalog.Recipe{
	ID: "ch4.executors", Section: "4.2", Title: "Hand work to a pool of threads or processes",
	Python: "concurrent.futures", Go: "executor.Executor, goroutines",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 10_000_000, 1, 1_000_000_000, "number to which each item counts")
		workers := catalog.Int(f, "workers", 5, 1, 64, "threads in the one pool, processes in the other")
		return func(ctx context.Context, out *transcript.Log) error { return executorsRun(ctx, out, *count, *workers) }
	},
}
