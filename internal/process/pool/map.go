package pool

import (
	"context"
	"fmt"
	"runtime/trace"
	"sync"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// What these functions call must be registered; arguments and results are copied between the processes. Where Python has a
// second form for several arguments (starmap), a struct holds them here.

// CallOption is an option of a call that is made to a pool.
type CallOption func(*callOptions)

type callOptions struct {
	size     int
	callback any // func(T)
	onError  func(error)
	invalid  error
}

// maxChunk is where larger chunks gain nothing any more (BenchmarkChunk).
const maxChunk = 8192

// WithChunkSize says how many items a worker gets at once. What one chunk costs is what a call costs, 2 to 50 µs; a large
// chunk leaves the other workers with nothing to do at the end. The default is a quarter of each worker's share, at most
// 8192, for [Map], and 1 for [Imap], as in Python. The results of a chunk must not take more than 64 MiB.
func WithChunkSize(n int) CallOption {
	return func(o *callOptions) {
		if o.size = n; n < 0 {
			o.invalid = fmt.Errorf("chunks of %d items: %w", n, failure.ErrNegative)
		}
	}
}

// WithCallback has f called with the result, as the one argument, before the result is ready. T is the type of the result:
// []R for [MapAsync]. Unlike in Python f may take its time, since it has a goroutine of its own; but it must not wait for
// the very result, which waits for f. If f panics, the error of the result is a *[CallbackError]; if f ends its goroutine, the
// result is ready all the same.
func WithCallback[T any](f func(T)) CallOption {
	return func(o *callOptions) { o.callback = f }
}

// WithErrorCallback has f called with the error, if there is one, as [WithCallback] has with the result.
func WithErrorCallback(f func(error)) CallOption {
	return func(o *callOptions) { o.onError = f }
}

// Apply has a worker call f(arg) and waits for the result: Pool.apply. Alone it gains nothing over [worker.Do], since one
// process works and one waits; but a worker that died is replaced. The calling goroutine speaks to a worker itself if one is free
// and argument and result are [wire.Bare]: otherwise it takes longer by what two switches of goroutines cost.
//
// The error is a *[worker.RemoteError] if f failed, and a *[LostError] if workers died of it. It wraps
// [worker.ErrNotRegistered], [wire.ErrTooLarge], [failure.ErrClosed] if the pool was closed, [failure.ErrBroken] if its
// initializer failed. When ctx ends, the worker that is at it is killed and replaced, and the error is context.Cause(ctx).
func Apply[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), arg A) (R, error) {
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the pool").End()
	r, o, c := newApply(ctx, p, f, arg, nil)
	if c != nil && !(wire.Bare[A]() && wire.Bare[R]() && p.serve(c)) {
		if err := p.submit(c); err != nil {
			r.settle(o, err, func() {})
		}
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		p.sweep() // if it is in the queue
		<-r.done
	}
	return r.value, r.err
}

// ApplyAsync has a worker call f(arg) and does not wait: Pool.apply_async.
func ApplyAsync[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), arg A, opts ...CallOption) *AsyncResult[R] {
	r, o, c := newApply(ctx, p, f, arg, opts)
	if c != nil {
		r.submit(ctx, o, c)
	}
	return r
}

// newApply returns a result, its options, and the task that it comes from: nil if the result is an error already.
func newApply[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), arg A, opts []CallOption) (*AsyncResult[R], *callOptions, task) {
	r := newResult[R](p)
	o, name, err := prepare[R](ctx, f, opts)
	if err != nil {
		r.settle(o, err, func() {})
		return r, o, nil
	}
	results := make([]R, 1)
	c := &chunk[A, R]{ctx: ctx, name: name, alone: true, args: []A{arg}, results: results}
	c.onDone = func(c *chunk[A, R]) {
		var err error
		if c.errs != nil {
			err = c.errs[0]
		}
		r.value = results[0]
		r.settle(o, err, p.settled)
	}
	return r, o, c
}

// Map has the workers call f for each of args, in chunks, and waits for the results, which come in the order of args:
// Pool.map.
//
// All items are called, whatever becomes of others. If any fail, Map returns no results and the *[ItemError] of the first of
// them, first in the order of args, which wraps a *[worker.RemoteError], or the *[LostError] of its chunk. Of the other
// errors and of the end of ctx, what [Apply] says holds for each chunk.
func Map[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args []A, opts ...CallOption) ([]R, error) {
	return MapAsync(ctx, p, f, args, opts...).get()
}

// MapAsync does what [Map] does and does not wait: Pool.map_async. Until the result is ready args must not be changed.
func MapAsync[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args []A, opts ...CallOption) *AsyncResult[[]R] {
	r := newResult[[]R](p)
	o, name, err := prepare[[]R](ctx, f, opts)
	if err != nil || len(args) == 0 {
		r.settle(o, err, func() {})
		return r
	}
	size := o.size
	if size == 0 {
		size = chunkSize(len(args), p.size)
	}
	var (
		results = make([]R, len(args))
		mu      sync.Mutex
		missing = len(args)
		first   = len(args) // of those that failed
		failed  error
		tasks   []task
	)
	onDone := func(c *chunk[A, R]) {
		mu.Lock()
		for i, err := range c.errs {
			if err != nil && c.first+i < first {
				first, failed = c.first+i, err
				break
			}
		}
		missing -= len(c.args)
		all := missing == 0
		mu.Unlock()
		if all {
			if r.value = results; failed != nil {
				r.value = nil
			}
			r.settle(o, failed, p.settled)
		}
	}
	for at := 0; at < len(args); at += size {
		end := min(at+size, len(args))
		tasks = append(tasks, &chunk[A, R]{
			ctx: ctx, name: name, first: at, args: args[at:end:end], results: results[at:end:end], onDone: onDone,
		})
	}
	r.submit(ctx, o, tasks...)
	return r
}

// chunkSize is the default size of a chunk of n items.
func chunkSize(n, workers int) int {
	parts := 4 * workers
	return min((n+parts-1)/parts, maxChunk)
}

// prepare returns the options of a call and the name of f, or why the call is not to be made. T is the type of its result.
func prepare[T, A, R any](ctx context.Context, f func(context.Context, A) (R, error), opts []CallOption) (*callOptions, string, error) {
	o := new(callOptions)
	for _, set := range opts {
		set(o)
	}
	if _, fits := o.callback.(func(T)); o.callback != nil && !fits && o.invalid == nil {
		o.invalid = fmt.Errorf("the callback is a %T, but the result is a %T", o.callback, *new(T))
	}
	if o.invalid != nil {
		return o, "", o.invalid
	}
	if ctx.Err() != nil {
		return o, "", context.Cause(ctx)
	}
	name, err := worker.Name(f)
	return o, name, err
}
