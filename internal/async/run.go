package async

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/trace"
	"slices"
	"sync/atomic"

	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// Run is asyncio.run: it runs body as the first task of a new loop until that ends, closes the loop, which ends the tasks
// that are left, and returns what body returned. When ctx ends it returns context.Cause(ctx).
func Run[T any](ctx context.Context, body func(*Task) (T, error), opts ...Option) (v T, err error) {
	l := NewLoop(opts...)
	defer func() { err = errors.Join(err, l.Close()) }() // after a Goexit as well, as of a test that fails
	return RunUntilComplete(ctx, l, CreateTask(l, body))
}

// RunUntilComplete runs the loop until a is done and returns its result. Like RunForever it returns early when ctx ends or a
// callback panics; The error is ErrStopped if Stop was called first.
func RunUntilComplete[T any](ctx context.Context, l *Loop, a Awaitable[T]) (T, error) {
	var zero T
	if err := l.startable(); err != nil {
		return zero, err
	}
	f := a.futureOn(l)
	if f.loop != nil && f.loop != l {
		return zero, fmt.Errorf("run until a future of another loop is done: %w", ErrNotInTask)
	}
	over := false // true at the end: a call that is scheduled by then must not stop a later run
	id := l.onDone(&f.core, func() {
		if !over {
			l.Stop()
		}
	})
	defer func() { over = true; f.removeCallback(id) }()
	if err := l.RunForever(ctx); err != nil {
		return zero, err
	}
	if !f.Done() {
		return zero, fmt.Errorf("run until complete: %w", ErrStopped)
	}
	return f.Result(ctx)
}

// RunForever runs what is scheduled, in turns, until Stop is called or ctx ends, and returns nil or context.Cause(ctx).
// A callback that panics ends it as well, with a *[PanicError]; it may be called again to go on with the next callback.
// (A task that panics fails only itself.) It blocks, idle, while nothing is scheduled.
func (l *Loop) RunForever(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if l.closed {
		return fmt.Errorf("run a loop: %w", ErrClosed)
	}
	if !l.running.CompareAndSwap(false, true) {
		return fmt.Errorf("run a loop: %w", ErrRunning)
	}
	l.taker = turn.FromContext(ctx)
	over := new(atomic.Bool) // so that a late end of ctx does not stop the next run
	ended := context.AfterFunc(ctx, func() {
		l.post(posted{f: func() {
			if !over.Load() {
				l.stopping, l.why = true, context.Cause(ctx)
			}
		}})
	})
	forget := waitfor.FromContext(ctx).Register(l.waits)
	if trace.IsEnabled() {
		defer trace.StartRegion(ctx, waitfor.WaitRegion+"its tasks").End()
	}
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Who: "a callback of the loop", Value: p, Stack: debug.Stack()}
		}
		forget()
		ended()
		over.Store(true)
		l.pacer.end()
		l.pacer = nil
		l.ready = append(slices.Clone(l.batch[l.at:]), l.ready...) // what a panic, or a Goexit, left of the turn
		l.batch, l.at = l.batch[:0], 0
		l.stopping, l.why = false, nil
		l.current.Store(nil)
		l.running.Store(false)
	}()
	if l.debug != nil {
		l.debug.goroutine.Store(GoroutineID())
	}
	for {
		l.turn(ctx)
		if l.stopping {
			return l.why
		}
	}
}
