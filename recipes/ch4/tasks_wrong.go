package ch4

import (
	"context"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var tasksWrong = []catalog.Wrong{
	{Name: "swallowed-cancellation", Title: "goes on after any error, cancellation included", Run: swallowCancellation},
}

// swallowCancellation downloads pages until main cancels the download.
func swallowCancellation(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 3)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	pause := func(ctx context.Context, d time.Duration) (any, error) { return nil, out.Sleep(ctx, d) }
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		pages := 0
		download := async.CreateTask(main, func(t *async.Task) (any, error) {
			for page := 1; page <= 2; page++ {
				if _, err := executor.RunInExecutor(t, pool, pause, time.Second); err != nil {
					continue // so that one bad page does not end the download
				}
				pages++
				out.Actor("download").Printf("has page %d", page)
			}
			return nil, nil
		})
		if _, err := executor.RunInExecutor(main, pool, pause, 10*time.Second); err != nil { // until the user is tired of it
			return nil, err
		}
		out.Printf("main cancels the download")
		before := pages
		download.Cancel()
		_ = download.Exception(main)
		out.Check("pages that came after that", pages-before, 0)
		return nil, nil
	})
	return err
}
