package ch4

import (
	"context"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var coroutinesWrong = []catalog.Wrong{
	{Name: "forgotten-await", Title: "does not await the task that saves the result", Run: forgetToAwait},
}

// forgetToAwait starts a task that saves a walk through the states, and ends when it has shown the walk.
func forgetToAwait(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	pause := func(ctx context.Context, d time.Duration) (any, error) { return nil, out.Sleep(ctx, d) }
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		async.CreateTask(main, func(t *async.Task) (any, error) {
			if _, err := executor.RunInExecutor(t, pool, pause, time.Second); err != nil {
				return nil, err
			}
			out.Actor("archive").Printf("the walk is saved")
			return nil, nil
		}) // the future of its result is dropped
		if _, err := executor.RunInExecutor(main, pool, pause, 5*time.Second); err != nil {
			return nil, err
		}
		out.Printf("the walk is shown")
		return nil, nil // Run ends the tasks that are left
	})
	return err
}
