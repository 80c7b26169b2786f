package executor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"

	"cookbook/internal/async"
	"cookbook/internal/process"
)

// Submit has f(arg) run by the next worker that is free and returns the future of what it returns. It does not block, also
// in a worker of the same pool; but see [Executor] before such a worker waits for the future. A
// panic in f becomes the future's error, a *async.PanicError, or, from a process, a *process.RemoteError. The future fails
// at once with async.ErrClosed if the executor was shut down, with ErrBrokenPool if it is broken, and with
// process.ErrNotRegistered if a process cannot know f.
func Submit[A, R any](e *Executor, f func(context.Context, A) (R, error), arg A) *async.Future[R] {
	c := &call[A, R]{f: f, arg: arg}
	if e.processes {
		if _, err := process.Name(f); err != nil {
			c.SetException(err)
			return &c.Future
		}
	}
	if err := e.add(c); err != nil {
		c.SetException(err)
	}
	return &c.Future
}

// Map submits f for each argument, at once, and yields the results in the order of the arguments, waiting for each; ctx
// says who waits, see [async.Await]. When the caller stops early, what has not begun is cancelled.
func Map[A, R any](ctx context.Context, e *Executor, f func(context.Context, A) (R, error), args []A) iter.Seq2[R, error] {
	futures := make([]*async.Future[R], len(args))
	for i, a := range args {
		futures[i] = Submit(e, f, a)
	}
	return func(yield func(R, error) bool) {
		for _, f := range slices.Backward(futures) {
			defer f.Cancel()
		}
		for _, f := range futures {
			if !yield(f.Result(ctx)) {
				return
			}
		}
	}
}

// RunInExecutor has a worker run f(arg), which may block, while the task waits and the loop goes on: loop.run_in_executor.
// If the task is cancelled meanwhile, f is cancelled if no worker has begun it. Otherwise RunInExecutor returns ErrCancelled
// all the same, and f runs to its end, as in Python: what it returns then is lost.
func RunInExecutor[A, R any](t *async.Task, e *Executor, f func(context.Context, A) (R, error), arg A) (R, error) {
	return Submit(e, f, arg).Result(t)
}

// A call is a function, its argument, and the future of its result.
type call[A, R any] struct {
	async.Future[R]
	f   func(context.Context, A) (R, error)
	arg A
}

func (c *call[A, R]) run(ctx context.Context, w *process.Worker) (fatal error) {
	settled := false
	defer func() {
		if !settled {
			c.SetException(errors.New("the function ended its goroutine by runtime.Goexit"))
		}
	}()
	v, err := invoke(ctx, w, c.f, c.arg)
	settled = true
	switch {
	case err != nil && w != nil && w.Err() != nil:
		if ctx.Err() == nil {
			c.SetException(fmt.Errorf("%w: %w", ErrBrokenPool, err))
		} else {
			c.SetException(context.Cause(ctx))
		}
		return err
	case err != nil:
		c.SetException(err)
	default:
		c.SetResult(v)
	}
	return nil
}

func (c *call[A, R]) fail(err error) {
	if c.SetRunning() {
		c.SetException(err)
	}
}

// invoke calls f here or, if there is one, in the worker's process.
func invoke[A, R any](ctx context.Context, w *process.Worker, f func(context.Context, A) (R, error), arg A) (v R, err error) {
	if w != nil {
		return process.Do(ctx, w, f, arg)
	}
	defer func() {
		if p := recover(); p != nil {
			err = &async.PanicError{Who: "a function in a thread pool", Value: p, Stack: debug.Stack()}
		}
	}()
	return f(ctx, arg)
}
