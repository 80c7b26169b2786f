package async

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// WaitFor waits for a no longer than d of the loop's clock (of the real one outside of tasks), then cancels it and returns
// ErrTimeout: asyncio.wait_for. It does the same if ctx ends first, and then returns context.Cause(ctx). It returns when the
// cancelled task has ended. If that ended with a result all the same, WaitFor returns it; if it failed, WaitFor returns both
// errors. If the waiting task is cancelled, the request is passed on to a, as in [Await]. With d of 0 or less a is cancelled
// at once unless it is done, as in Python; no d stands for ever. A function that an executor runs already cannot be
// cancelled, and goes on.
func WaitFor[T any](ctx context.Context, a Awaitable[T], d time.Duration) (T, error) {
	var zero T
	f, isFuture := a.(*Future[T])
	switch t := taskOf(ctx); {
	case isFuture && f.Done():
		return f.Result(ctx)
	case t == nil && !isFuture:
		return zero, fmt.Errorf("wait for a coroutine: %w", ErrNotInTask)
	case t == nil && f.loop != nil:
		return zero, fmt.Errorf("wait for a loop's future that is not done: %w", ErrNotInTask)
	case t != nil && isFuture:
		if err := t.mayAwait(&f.core); err != nil {
			return zero, err
		}
	case t != nil:
		if err := t.check("wait for a coroutine"); err != nil { // before it is started
			return zero, err
		}
		f = a.futureOn(t.fut.loop)
	}
	asked := 0
	if t := taskOf(ctx); t != nil {
		asked = t.Cancelling()
	}
	late := timedOut(taskOf(ctx), d)
	if d > 0 {
		late = f.waitTimeout(ctx, d)
	}
	switch {
	case late == nil:
		return f.Result(ctx)
	case errors.Is(late, ErrTimeout) || ended(ctx, late):
		return f.abandon(ctx, late, asked)
	}
	return zero, late
}

// Shield returns a future that becomes done as f does but can be cancelled without cancelling f: asyncio.shield. If f is done
// it returns f. What f is the result of goes on, whatever becomes of a wait for the shield; so keep f, to end it.
func Shield[T any](f *Future[T]) *Future[T] {
	if f.Done() {
		return f
	}
	outer := new(Future[T])
	outer.loop = f.loop
	id := f.AddDoneCallback(func(*Future[T]) {
		outer.mu.Lock()
		if outer.Done() {
			outer.mu.Unlock()
			return
		}
		f.retrieved.Store(true)
		outer.value = f.value
		outer.settle(f.state.Load(), f.failure())
	})
	outer.onCancel(func() bool {
		f.removeCallback(id) // f may outlive any number of shields
		return outer.cancel()
	})
	return outer
}

// leave ends a wait that has failed. What a [Gather] has started ends with it if it was ctx that ended.
func (f *Future[T]) leave(ctx context.Context, err error) (T, error) {
	if g := f.gathering(); g != nil && len(g.started) > 0 && ended(ctx, err) {
		return f.abandon(ctx, err, taskOf(ctx).Cancelling())
	}
	var zero T
	return zero, err
}

// ended reports whether a wait failed with err because ctx has ended, and not because the task of ctx was cancelled.
func ended(ctx context.Context, err error) bool {
	return ctx != context.Context(taskOf(ctx)) && ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}

// abandon ends f because a wait for it was given up for the reason why: f is told to end, and waited for. What it then
// returns, other than that it was cancelled, is not lost. If the task of ctx had been told to end more often than asked, that
// is the reason.
func (f *Future[T]) abandon(ctx context.Context, why error, asked int) (T, error) {
	var zero T
	if !f.Cancel() {
		return zero, why
	}
	t := taskOf(ctx)
	if t != nil {
		ctx = t // for ctx may have ended
	}
	v, err := f.Result(ctx)
	if g := f.gathering(); g != nil && t != nil {
		g.wait(t)
	}
	switch {
	case err == nil:
		return v, nil
	case !onlyCancelled(err):
		return zero, errors.Join(why, err)
	case t != nil && t.Cancelling() > asked:
		return zero, err
	}
	return zero, why
}
