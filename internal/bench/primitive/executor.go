package primitive

import (
	"context"
	"sync"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/executor"
	"cookbook/internal/process"
)

// Of calls to a pool, a batch is submitted before the first result is asked for.
const workers, batch = 5, 1000

// square is what pools are asked to do; remoteSquare is the same in other processes.
func square(_ context.Context, x int) (int, error) { return x * x, nil }

var remoteSquare = process.Register("bench.square", func(ctx context.Context, x int) (int, error) { return square(ctx, x) })

func submitToThreads(ctx context.Context, n int) (time.Duration, error) {
	pool, err := executor.NewThreadPool(ctx, workers)
	if err != nil {
		return 0, err
	}
	return submit(ctx, pool, square, n)
}

func submitToProcesses(ctx context.Context, n int) (time.Duration, error) {
	pool, err := executor.NewProcessPool(ctx, workers)
	if err != nil {
		return 0, err
	}
	return submit(ctx, pool, remoteSquare, n)
}

func submit(ctx context.Context, pool *executor.Executor, f func(context.Context, int) (int, error), n int) (time.Duration, error) {
	defer pool.Shutdown(ctx)
	futures := make([]*async.Future[int], batch)
	work := func() error {
		for i := range futures {
			futures[i] = executor.Submit(pool, f, i)
		}
		for _, f := range futures {
			if _, err := f.Result(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	if err := work(); err != nil { // the workers are there
		return 0, err
	}
	return timed(n, work)
}

// submitByChannel has goroutines on a channel, and a channel for each result.
func submitByChannel(ctx context.Context, n int) (time.Duration, error) {
	type job struct {
		arg    int
		result chan int
	}
	jobs := make(chan job, batch)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for j := range jobs {
				v, _ := square(ctx, j.arg)
				j.result <- v
			}
		})
	}
	results := make([]chan int, batch)
	took, err := timed(n, func() error {
		for i := range results {
			results[i] = make(chan int, 1)
			jobs <- job{i, results[i]}
		}
		for _, r := range results {
			<-r
		}
		return nil
	})
	close(jobs)
	running.Wait()
	return took, err
}

func asCompleted(ctx context.Context, n int) (time.Duration, error) {
	pool, err := executor.NewThreadPool(ctx, workers)
	if err != nil {
		return 0, err
	}
	defer pool.Shutdown(ctx)
	futures := make([]*async.Future[int], batch)
	return timed(n, func() error {
		for i := range futures {
			futures[i] = executor.Submit(pool, square, i)
		}
		for _, err := range async.AsCompleted(ctx, futures...) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}
