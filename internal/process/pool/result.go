package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/trace"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/waitfor"
)

// An AsyncResult is the result of a call that was made to a pool, once it is ready.
type AsyncResult[R any] struct {
	pool         *Pool
	stopWatching func() bool
	done         chan struct{}
	value        R
	err          error
}

func newResult[R any](p *Pool) *AsyncResult[R] {
	return &AsyncResult[R]{pool: p, stopWatching: func() bool { return true }, done: make(chan struct{})}
}

// submit gives the pool what the result comes from. What is still in the queue when ctx ends is given up at once.
func (r *AsyncResult[R]) submit(ctx context.Context, o *callOptions, tasks ...task) {
	r.stopWatching = context.AfterFunc(ctx, r.pool.sweep)
	if err := r.pool.submit(tasks...); err != nil {
		r.settle(o, err, func() {})
	} else if ctx.Err() != nil {
		r.pool.sweep()
	}
}

// settle makes the result ready, after the callback, and calls then.
func (r *AsyncResult[R]) settle(o *callOptions, err error, then func()) {
	r.err = err
	r.stopWatching()
	ready := func() {
		close(r.done)
		then()
	}
	callback, _ := o.callback.(func(R))
	switch {
	case err == nil && callback != nil:
		go r.after(func() { callback(r.value) }, ready)
	case err != nil && o.onError != nil:
		go r.after(func() { o.onError(err) }, ready)
	default:
		ready()
	}
}

// after calls a callback and then ready, also if the callback panics, which becomes a part of the error, or ends its
// goroutine.
func (r *AsyncResult[R]) after(callback, ready func()) {
	defer ready()
	defer func() {
		if v := recover(); v != nil {
			r.err = errors.Join(r.err, &CallbackError{v, string(debug.Stack())})
		}
	}()
	callback()
}

// A CallbackError is the error of a result whose callback has panicked.
type CallbackError struct {
	Value any    // that it panicked with
	Stack string // where it did
}

func (e *CallbackError) Error() string { return fmt.Sprintf("the callback panicked: %v", e.Value) }

// get waits for the result as long as it takes.
func (r *AsyncResult[R]) get() (R, error) {
	defer trace.StartRegion(context.Background(), waitfor.WaitRegion+"the pool").End()
	<-r.done
	return r.value, r.err
}

// Ready reports whether there is a result, or an error.
func (r *AsyncResult[R]) Ready() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Successful reports whether there is a result. As long as the call is not ready it is false, where Python raises
// ValueError.
func (r *AsyncResult[R]) Successful() bool { return r.Ready() && r.err == nil }

// Wait waits until there is a result, or an error, and returns nil then, or context.Cause(ctx) if ctx ends first.
func (r *AsyncResult[R]) Wait(ctx context.Context) error {
	select {
	case <-r.done:
		return nil
	default:
	}
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the pool").End()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Get waits for the result and returns it. Its ctx says how long to wait; the call goes on when it ends.
func (r *AsyncResult[R]) Get(ctx context.Context) (R, error) {
	if err := r.Wait(ctx); err != nil {
		var none R
		return none, err
	}
	return r.value, r.err
}

// GetTimeout is [AsyncResult.Get] that waits no longer than d: then the error wraps [failure.ErrTimeout].
func (r *AsyncResult[R]) GetTimeout(ctx context.Context, d time.Duration) (R, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d, fmt.Errorf("get the result of a call: %w after %v", failure.ErrTimeout, d))
	defer cancel()
	return r.Get(ctx)
}
