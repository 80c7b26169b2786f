package async

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/trace"
	"sync/atomic"
	"time"

	"cookbook/internal/waitfor"
)

// Gather runs all awaitables on the loop at once and returns a future of their results, in their order: asyncio.gather.
// The first error makes the future done with that error; the others go on. Cancelling the future cancels all of them. It
// panics with ErrNotInTask if a future belongs to another loop.
func Gather[T any](on Owner, awaitables ...Awaitable[T]) *Future[[]T] {
	l, _ := on.owner()
	var (
		outer   = CreateFuture[[]T](l)
		parts   = make([]*Future[T], len(awaitables))
		results = make([]T, len(awaitables))
		left    = len(awaitables)
		asked   = false // to be cancelled
	)
	if left == 0 {
		outer.SetResult(results)
	}
	outer.onCancel = func() bool {
		for _, f := range parts {
			asked = f.Cancel() || asked
		}
		return asked
	}
	for i, a := range awaitables {
		f := a.futureOn(l)
		parts[i] = f
		l.onDone(&f.core, func() {
			left--
			f.retrieved.Store(true)
			results[i] = f.value
			switch {
			case outer.Done():
			case f.Cancelled():
				outer.mu.Lock()
				outer.settle(cancelled, f.err)
			case f.err != nil:
				outer.SetException(f.err)
			case left == 0 && asked: // and all of them refused
				outer.mu.Lock()
				outer.settle(cancelled, ErrCancelled)
			case left == 0:
				outer.SetResult(results)
			}
		})
	}
	return outer
}

// When says what [Wait] waits for.
type When int

const (
	AllCompleted   When = iota // all are done
	FirstCompleted             // one is done, cancelled included
	FirstException             // one has failed, or all are done
)

// Wait waits for some or all of the futures and returns which are done and which are not, each in the order given:
// concurrent.futures.wait and asyncio.wait. Ctx says who waits, see [Await]. With an error, the lists say which futures are
// done at that moment. If Wait is cancelled, it cancels none of the futures.
func Wait[T any](ctx context.Context, when When, futures ...*Future[T]) (done, notDone []*Future[T], err error) {
	enough := NewFuture[struct{}]()
	if t := taskOf(ctx); t != nil {
		enough = CreateFuture[struct{}](t.loop)
	}
	var left atomic.Int64
	left.Store(int64(len(futures)))
	if len(futures) == 0 {
		enough.SetResult(struct{}{})
	}
	for _, f := range futures {
		forget, err := whenDone(ctx, &f.core, func() {
			failed := f.err != nil && !f.Cancelled()
			if left.Add(-1) == 0 || when == FirstCompleted || when == FirstException && failed {
				enough.SetResult(struct{}{}) // ErrDone does not matter
			}
		})
		if err != nil {
			return nil, futures, err
		}
		defer forget()
	}
	_, err = enough.Result(ctx)
	for _, f := range futures {
		if f.Done() {
			done = append(done, f)
		} else {
			notDone = append(notDone, f)
		}
	}
	return done, notDone, err
}

// AsCompleted yields the futures as they become done, each once: concurrent.futures.as_completed. If it can no longer wait,
// it yields a nil future with the reason, and ends. Ctx says who waits, see [Await].
func AsCompleted[T any](ctx context.Context, futures ...*Future[T]) iter.Seq2[*Future[T], error] {
	return func(yield func(*Future[T], error) bool) {
		put, get := completions[T](ctx, len(futures))
		for _, f := range futures {
			forget, err := whenDone(ctx, &f.core, func() { put(f) })
			if err != nil {
				yield(nil, err)
				return
			}
			defer forget()
		}
		for range futures {
			f, err := get()
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// completions connects the futures that become done with the one who waits for them: inside a loop by a list, otherwise by a
// channel.
func completions[T any](ctx context.Context, n int) (put func(*Future[T]), get func() (*Future[T], error)) {
	if t := taskOf(ctx); t != nil {
		var completed []*Future[T]
		more := CreateFuture[struct{}](t.loop)
		put = func(f *Future[T]) {
			completed = append(completed, f)
			more.SetResult(struct{}{}) // ErrDone does not matter
		}
		return put, func() (*Future[T], error) {
			if len(completed) == 0 {
				more = CreateFuture[struct{}](t.loop)
				if _, err := more.Result(ctx); err != nil {
					return nil, err
				}
			}
			f := completed[0]
			completed = completed[1:]
			return f, nil
		}
	}
	completed := make(chan *Future[T], n)
	return func(f *Future[T]) { completed <- f }, func() (*Future[T], error) {
		defer trace.StartRegion(ctx, waitfor.WaitRegion+"a future").End()
		select {
		case f := <-completed:
			return f, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// whenDone has f called once c is done: in a task, on the task's loop; outside of tasks, on the goroutine that makes c done.
func whenDone(ctx context.Context, c *core, f func()) (forget func(), err error) {
	t := taskOf(ctx)
	switch {
	case t != nil && (c.loop == nil || c.loop == t.loop):
		return t.loop.onDone(c, f), nil
	case t == nil && c.loop == nil:
		id := c.addCallback(f)
		return func() { c.removeCallback(id) }, nil
	}
	return nil, fmt.Errorf("wait for a loop's future: %w", ErrNotInTask)
}

// WaitFor waits for a no longer than d of the loop's clock (of the real one outside of tasks), then cancels it and returns
// ErrTimeout: asyncio.wait_for. It waits until the cancelled task has ended. If the task ended with a result all the same,
// WaitFor returns that. A function that an executor runs already cannot be cancelled, and goes on.
func WaitFor[T any](ctx context.Context, a Awaitable[T], d time.Duration) (T, error) {
	var zero T
	f, ok := a.(*Future[T])
	if !ok {
		t := taskOf(ctx)
		if t == nil {
			return zero, fmt.Errorf("wait for a coroutine: %w", ErrNotInTask)
		}
		f = a.futureOn(t.loop)
	}
	if f.Done() {
		return f.Result(ctx)
	}
	t, asked := taskOf(ctx), 0
	if t != nil {
		asked = t.cancelling
	}
	late := f.waitTimeout(ctx, d)
	switch {
	case late == nil:
		return f.Result(ctx)
	case !errors.Is(late, ErrTimeout) || !f.Cancel():
		return zero, late
	}
	v, err := f.Result(ctx)
	if errors.Is(err, ErrCancelled) && (t == nil || t.cancelling <= asked) {
		return zero, late
	}
	return v, err
}

// Shield returns a future that becomes done as f does but can be cancelled without cancelling f: asyncio.shield.
func Shield[T any](f *Future[T]) *Future[T] {
	outer := new(Future[T])
	outer.loop = f.loop
	f.AddDoneCallback(func(*Future[T]) {
		outer.mu.Lock()
		if outer.Done() {
			outer.mu.Unlock()
			return
		}
		f.retrieved.Store(true)
		outer.value = f.value
		outer.settle(f.state.Load(), f.err)
	})
	return outer
}
