package async

import (
	"context"
	"fmt"
	"iter"
	"runtime/trace"
	"slices"
	"sync/atomic"

	"cookbook/internal/waitfor"
)

// When says what [Wait] waits for.
type When int

const (
	AllCompleted   When = iota // all are done
	FirstCompleted             // one is done, cancelled included
	FirstException             // one has failed, or all are done
)

// Wait waits for some or all of the futures and returns which are done and which are not, each once and in the order given:
// concurrent.futures.wait and asyncio.wait. Ctx says who waits, see [Await]. With an error, the lists say which futures are
// done at that moment. If Wait is cancelled, or its context ends, it cancels none of the futures: it has started none.
func Wait[T any](ctx context.Context, when When, futures ...*Future[T]) (done, notDone []*Future[T], err error) {
	futures = distinct(futures)
	enough := NewFuture[struct{}]()
	if t := taskOf(ctx); t != nil {
		enough = CreateFuture[struct{}](t.fut.loop)
	}
	var left atomic.Int64
	left.Store(int64(len(futures)))
	if len(futures) == 0 {
		enough.SetResult(struct{}{})
	}
	forget, err := whenDone(ctx, futures, func(f *Future[T]) {
		failed := f.failure() != nil && !f.Cancelled()
		if left.Add(-1) == 0 || when == FirstCompleted || when == FirstException && failed {
			enough.SetResult(struct{}{}) // ErrDone does not matter
		}
	})
	if err != nil {
		return nil, futures, err
	}
	defer forget()
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
		futures := distinct(futures)
		put, get := completions[T](ctx, len(futures))
		forget, err := whenDone(ctx, futures, put)
		if err != nil {
			yield(nil, err)
			return
		}
		defer forget()
		for range futures {
			f, err := get()
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// distinct returns each of all once.
func distinct[T comparable](all []T) []T {
	const few = 16 // so many are searched faster than hashed
	var seen map[T]struct{}
	if len(all) > few {
		seen = make(map[T]struct{}, len(all))
	}
	kept := make([]T, 0, len(all))
	for _, v := range all {
		if seen == nil && slices.Contains(kept, v) {
			continue
		}
		if seen != nil {
			before := len(seen)
			if seen[v] = struct{}{}; len(seen) == before {
				continue
			}
		}
		kept = append(kept, v)
	}
	return kept
}

// completions connects the futures that become done with the one who waits for them: inside a loop by a list, otherwise by a
// channel.
func completions[T any](ctx context.Context, n int) (put func(*Future[T]), get func() (*Future[T], error)) {
	if t := taskOf(ctx); t != nil {
		var completed []*Future[T]
		more := CreateFuture[struct{}](t.fut.loop)
		put = func(f *Future[T]) {
			completed = append(completed, f)
			more.SetResult(struct{}{}) // ErrDone does not matter
		}
		return put, func() (*Future[T], error) {
			if len(completed) == 0 {
				more = CreateFuture[struct{}](t.fut.loop)
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

// whenDone has f called with each future once it is done: in a task, on the task's loop; outside of tasks, on the goroutine
// that makes it done. With an error nothing is called.
func whenDone[T any](ctx context.Context, futures []*Future[T], f func(*Future[T])) (forget func(), err error) {
	t := taskOf(ctx)
	for _, c := range futures {
		if c.loop != nil && (t == nil || c.loop != t.fut.loop) {
			return nil, fmt.Errorf("wait for a loop's future: %w", ErrNotInTask)
		}
	}
	ids := make([]int, len(futures))
	for i, c := range futures {
		if t != nil {
			ids[i] = t.fut.loop.onDone(&c.core, func() { f(c) })
		} else {
			ids[i] = c.addCallback(func() { f(c) })
		}
	}
	return func() {
		for i, c := range futures {
			c.removeCallback(ids[i])
		}
	}, nil
}
