package ch4

import (
	"context"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var executorsWrong = []catalog.Wrong{
	{Name: "unread-error", Title: "does not read the result that comes last", Run: readTheFirstTwo},
	{Name: "pool-starvation", Title: "waits in a job for another job of the same pool", Run: waitInThePool},
}

// readTheFirstTwo submits three items, of which one is wrong, and reads results until two have come.
func readTheFirstTwo(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 3)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	var futures []*async.Future[int]
	for i, number := range []int{-1, 1, 2} {
		futures = append(futures, executor.Submit(pool, func(ctx context.Context, it item) (int, error) {
			if err := out.Sleep(ctx, time.Duration(i)*time.Second); err != nil {
				return 0, err
			}
			return evaluateItem(ctx, it)
		}, item{number, 1}))
	}
	read := 0
	for f, err := range async.AsCompleted(ctx, futures...) {
		if err != nil {
			return err
		}
		if result, err := f.Result(ctx); err != nil {
			out.Printf("the caller gets the error: %v", err)
		} else {
			out.Printf("a result is %d", result)
		}
		if read++; read == 2 {
			break // enough to go on with
		}
	}
	return context.Cause(ctx)
}

// waitInThePool submits two jobs to a pool of two workers. Each job submits another one, and waits for it.
func waitInThePool(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	evaluate := func(ctx context.Context, it item) (int, error) {
		if err := out.Sleep(ctx, time.Second); err != nil {
			return 0, err
		}
		return executor.Submit(pool, evaluateItem, it).Result(ctx)
	}
	first := executor.Submit(pool, evaluate, item{1, 10})
	if err := out.Sleep(ctx, 3*time.Second); err != nil { // by then the first one should be done
		return err
	}
	second := executor.Submit(pool, evaluate, item{2, 10})
	for _, f := range []*async.Future[int]{first, second} {
		result, err := f.Result(ctx)
		if err != nil {
			return err
		}
		out.Printf("a result is %d", result)
	}
	return nil
}
