package ch4

import (
	"context"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var runInExecutorWrong = []catalog.Wrong{
	{Name: "blocked-loop", Title: "waits at a channel in the thread of the loop", Run: blockTheLoop},
}

// blockTheLoop has a task wait at a channel until another task has ticked. No worker does that wait for it.
func blockTheLoop(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	pause := func(ctx context.Context, d time.Duration) (any, error) { return nil, out.Sleep(ctx, d) }
	ticked, loop := make(chan struct{}), out.Actor("loop")
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		async.CreateTask(main, func(t *async.Task) (any, error) {
			if _, err := executor.RunInExecutor(t, pool, pause, time.Second); err != nil {
				return nil, err
			}
			loop.Printf("tick")
			close(ticked)
			return nil, nil
		})
		if _, err := executor.RunInExecutor(main, pool, pause, 5*time.Second); err != nil {
			return nil, err
		}
		select {
		case <-ticked: // returns at once if the other task has ticked already
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		loop.Printf("the ticks are over")
		return nil, nil
	})
	return err
}
