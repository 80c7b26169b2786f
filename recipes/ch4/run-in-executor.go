package ch4

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

// A function that blocks would stop a loop and all its tasks. A worker of a pool calls it, and the loop goes on.

// tickMeanwhile awaits a function that blocks until another task of the same loop has ticked a number of times.
func tickMeanwhile(ctx context.Context, out *transcript.Log, ticks int) (err error) {
	worker, loop := out.Actor("worker"), out.Actor("loop")
	pool, err := executor.NewThreadPool(ctx, 1, executor.WithInitializer(func(_ context.Context, n int) (struct{}, error) {
		worker.Printf("made ready with %d, before its first function", n)
		return struct{}{}, nil
	}, ticks))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Shutdown(context.WithoutCancel(ctx))) }()

	ticked := make(chan struct{})
	untilTicked := func(ctx context.Context, n int) (int, error) {
		worker.Printf("blocks")
		select {
		case <-ticked: // blocks its thread, in which no loop and no task runs
			return n * n, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	made := 0
	square, err := async.Run(ctx, func(t *async.Task) (int, error) {
		ticker := async.CreateTask(t.Loop(), func(t *async.Task) (any, error) {
			for made < ticks {
				made++
				loop.Printf("tick %d", made)
				if err := t.Sleep(time.Second); err != nil {
					return nil, err
				}
			}
			close(ticked)
			return nil, nil
		})
		square, err := executor.RunInExecutor(t, pool, untilTicked, ticks)
		if err != nil {
			return 0, err
		}
		loop.Printf("the function that blocked returned %d", square)
		_, err = ticker.Result(t)
		return square, err
	}, async.WithPace(out.Sleep))
	if err != nil {
		return err
	}
	out.Check("the loop ticked while the function blocked", made, ticks)
	out.Check("and got its result", square, ticks*ticks)
	return nil
}

// cancelPending takes back the functions that a pool has not begun.
func cancelPending(ctx context.Context, out *transcript.Log, waiting int) error {
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
	select {
	case <-begun:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	var behind []*async.Future[int]
	for i := range waiting {
		behind = append(behind, executor.Submit(pool, giveBack, i))
	}
	out.Printf("one function runs, %d wait, %d are taken back", waiting, pool.CancelPending())
	close(release)
	result, err := busy.Result(ctx)
	if err != nil {
		return err
	}
	cancelled := 0
	for _, f := range behind {
		if errors.Is(f.Exception(ctx), async.ErrCancelled) {
			cancelled++
		}
	}
	out.Check("futures that were cancelled", cancelled, waiting)
	out.Check("what ran came to its end", result, "done")
	return nil
}

// giveBack returns what it gets.
func giveBack(_ context.Context, n int) (int, error) { return n, nil }

// breakPool makes a pool whose workers cannot be made ready.
func breakPool(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 1, executor.WithInitializer(func(context.Context, int) (struct{}, error) {
		return struct{}{}, errors.New("there is no table")
	}, 0))
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	broken := executor.Submit(pool, giveBack, 1).Exception(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("%v", broken)
	out.Check("an initializer that fails breaks the pool", errors.Is(broken, executor.ErrBrokenPool), true)
	return nil
}

var runInExecutor = catalog.Recipe{
	ID: "ch4.run-in-executor", Section: "4.2", Title: "Call what blocks while the loop goes on",
	Python: "loop.run_in_executor", Go: "executor.RunInExecutor",
	New: func(f *pflag.FlagSet) catalog.Run {
		ticks := catalog.Int(f, "ticks", 3, 1, 1000, "number of ticks of the loop while a function blocks")
		waiting := catalog.Int(f, "waiting", 4, 0, 10_000, "functions that wait in the queue to be taken back")
		return func(ctx context.Context, out *transcript.Log) error {
			out.Note("A task awaits a function that blocks until another task has ticked. On the loop it would block both tasks.")
			if err := tickMeanwhile(ctx, out, *ticks); err != nil {
				return err
			}
			if err := cancelPending(ctx, out, *waiting); err != nil {
				return err
			}
			return breakPool(ctx, out)
		}
	},
	Wrong: runInExecutorWrong,
	Bare:  runInExecutorBare,
}
