package async

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"cookbook/internal/process"
)

// call is a function, its argument, and the future of its result.
type call[A, R any] struct {
	Future[R]
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
	if c.begin() {
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
			err = &PanicError{Who: "a function in a thread pool", Value: p, Stack: debug.Stack()}
		}
	}()
	return f(ctx, arg)
}
