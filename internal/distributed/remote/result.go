package remote

import (
	"context"
	"fmt"
	"runtime"
)

// A Result is what a call comes to that was not waited for: RPyC's AsyncResult.
type Result struct {
	doing string
	done  chan struct{} // closed when value and err are there
	value any
	err   error
}

// Async begins a call of an object and does not wait for its result. When ctx ends before the result is there, the call is ended at
// the server, and the context's cause is its error: that is RPyC's set_expiry. Calls that one goroutine begins come to the server
// in that order.
//
// RPyC: rpyc.async_(f)(args).
func Async(ctx context.Context, f *Ref, args ...any) *Result {
	c := f.conn
	r := &Result{doing: "call " + f.kind, done: make(chan struct{})}
	sent, held, err := c.outAll(append([]any{f}, arguments(args)...))
	var started *call
	if err == nil {
		started, err = c.peer.start(ctx, opCall, sent...)
	}
	runtime.KeepAlive(f)
	if err != nil {
		r.err = c.explain(r.doing, held, err)
		close(r.done)
		return r
	}
	c.peer.spawn(func() {
		defer close(r.done)
		if r.value, r.err = c.peer.wait(ctx, started); r.err != nil {
			r.err = c.explain(r.doing, held, r.err)
			return
		}
		r.value, r.err = c.in(r.value)
	})
	return r
}

// Done is closed when there is a result or an error.
func (r *Result) Done() <-chan struct{} { return r.done }

// Ready reports whether there is a result or an error.
func (r *Result) Ready() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Wait waits until there is a result or an error, and does not return them. If ctx ends first, the error is its cause, and the call
// goes on.
func (r *Result) Wait(ctx context.Context) error {
	if r.Ready() {
		return nil
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the result of %s: %w", r.doing, context.Cause(ctx))
	}
}

// Value waits as [Result.Wait] does and returns the result.
func (r *Result) Value(ctx context.Context) (any, error) {
	if err := r.Wait(ctx); err != nil {
		return nil, err
	}
	return r.value, r.err
}
