package ch4

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var groupsWrong = []catalog.Wrong{
	{Name: "lost-error", Title: "waits with a gather, which gives the first of two errors", Run: gatherErrors},
}

// gatherErrors waits for two printers with one Gather. Both fail, and the one that has no toner fails first.
func gatherErrors(ctx context.Context, out *transcript.Log) error {
	errNoToner := errors.New("no toner")
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	pause := func(ctx context.Context, d time.Duration) (any, error) { return nil, out.Sleep(ctx, d) }
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		o := office{out: out, main: main}
		printer := func(name string, fails error, after time.Duration) *async.Future[any] {
			return o.start(main, name, func(t *async.Task) error {
				if _, err := executor.RunInExecutor(t, pool, pause, after); err != nil {
					return err
				}
				o.say(t, "has %v", fails)
				return fails
			})
		}
		both := async.Gather(main, printer("printer 1", errNoToner, time.Second), printer("printer 2", errNoPaper, 4*time.Second))
		_, err := async.Await(main, both) // returns at the first error: nobody asks for the other
		out.Check("main knows that there is no toner", errors.Is(err, errNoToner), true)
		return nil, nil
	})
	return err
}
