package ch4

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// The same work is done in sequence, by a pool of threads, and by a pool of processes.

// A newPool makes a pool of a number of workers.
type newPool func(context.Context, int, ...executor.PoolOption) (*executor.Executor, error)

// evaluateInPool submits all items and prints their results in the order in which they come. It returns the results, and
// the process number of one worker.
func evaluateInPool(
	ctx context.Context, out *transcript.Log, makePool newPool, workers int, items []item,
) (_ map[int]int, pid int, err error) {
	pool, err := makePool(ctx, workers)
	if err != nil {
		return nil, 0, err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx)) // Python's with: wait until every worker is gone
	number := make(map[*async.Future[int]]int)
	var futures []*async.Future[int]
	for _, i := range items {
		f := executor.Submit(pool, evaluateItem, i)
		futures, number[f] = append(futures, f), i.Number
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
	pid, err = executor.Submit(pool, pidOf, 0).Result(ctx)
	return results, pid, err
}

// evaluateItem is the book's evaluate_item: it counts, only to be busy, and multiplies. It is registered, so it can be
// called in another process: only the name of a function is sent.
var evaluateItem = process.Register("ch4.evaluateItem", func(ctx context.Context, it item) (int, error) {
	if it.Number < 0 {
		return 0, fmt.Errorf("item %d: want at least 0", it.Number)
	}
	i := 0
	for range it.Count {
		if i++; i%(1<<20) == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
	}
	return i * it.Number, nil
})

// An item is the argument of one call. It is copied when the call is made in another process.
type item struct{ Number, Count int }

// pidOf returns the number of the process in which it is called.
var pidOf = process.Register("ch4.pidOf", func(context.Context, int) (int, error) { return os.Getpid(), nil })

// # What else a pool does

// useOneWorker shows what else an executor can do, on a pool of one worker that is busy until it is released.
func useOneWorker(ctx context.Context, out *transcript.Log) error {
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
	waiting := executor.Submit(pool, evaluateItem, item{1, 1})
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
	_, err = executor.Submit(pool, evaluateItem, item{-1, 1}).Result(ctx)
	out.Printf("the caller gets the error: %v", err)

	var mapped []int
	for result, err := range executor.Map(ctx, pool, evaluateItem, []item{{3, 1}, {1, 1}, {2, 1}}) {
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
	late := executor.Submit(pool, evaluateItem, item{1, 1}).Exception(ctx)
	out.Printf("%v", late)
	out.Check("after shutdown nothing is taken", errors.Is(late, async.ErrClosed), true)
	return nil
}

// # The run

func comparePools(ctx context.Context, out *transcript.Log, count, workers int) error {
	var items []item
	for number := 1; number <= 10; number++ {
		items = append(items, item{number, count})
	}
	begun := time.Now()
	inTurn := make(map[int]int)
	for _, it := range items {
		result, err := evaluateItem(ctx, it)
		if err != nil {
			return err
		}
		inTurn[it.Number] = result
		out.Actor(fmt.Sprintf("item %d", it.Number)).Printf("%d", result)
	}
	sequential := time.Since(begun)
	out.Printf("Sequential execution in %.3f seconds", sequential.Seconds())

	for _, kind := range []struct {
		name string
		make newPool
		here bool // it works in this process
	}{{"Thread", executor.NewThreadPool, true}, {"Process", executor.NewProcessPool, false}} {
		begun := time.Now()
		results, pid, err := evaluateInPool(ctx, out, kind.make, workers, items)
		if err != nil {
			return err
		}
		took := time.Since(begun).Seconds()
		out.Printf("%s pool execution in %.3f seconds (ratio %.2f)", kind.name, took, sequential.Seconds()/took)
		out.Check("the "+kind.name+" pool's results are those of the sequence", maps.Equal(results, inTurn), true)
		out.Check(fmt.Sprintf("the %s pool works in this process: %t", kind.name, kind.here), pid == os.Getpid(), kind.here)
	}
	out.Note("%d workers on %d processors. In the usual Python the thread pool gains nothing: one thread at a time runs "+
		"Python. In Go it is as fast as its workers and the processors allow, and processes only add the time to start them.",
		workers, runtime.GOMAXPROCS(0))
	return useOneWorker(ctx, out)
}

var executors = catalog.Recipe{
	ID: "ch4.executors", Section: "4.2", Title: "Hand work to a pool of threads or processes",
	Python: "concurrent.futures", Go: "executor.Executor, goroutines",
	Needs: []catalog.Need{catalog.Processes}, Wrong: executorsWrong,
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 10_000_000, 1, 1_000_000_000, "number to which each item counts")
		workers := catalog.Int(f, "workers", 5, 1, 64, "threads in the one pool, processes in the other")
		return func(ctx context.Context, out *transcript.Log) error { return comparePools(ctx, out, *count, *workers) }
	},
	Bare: executorsBare,
}
