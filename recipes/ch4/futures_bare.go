package ch4

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A sum and a factorial are computed at the same time. Each has a future, and a callback that is called with its result.

// A future is where a result will be: it is there when done is closed. Any number of goroutines may wait for that. Where only one
// waits, a channel with room for one value is future enough.
type future[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// begin computes in a goroutine of its own.
func begin[T any](compute func() (T, error)) *future[T] {
	f := &future[T]{done: make(chan struct{})}
	go func() {
		defer close(f.done) // what is written before is seen by all that have waited
		f.value, f.err = compute()
	}()
	return f
}

// result waits until the result is there, or ctx ends.
func (f *future[T]) result(ctx context.Context) (value T, err error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return value, context.Cause(ctx)
	}
}

// whenDone waits and calls back, unless there is an error. A goroutine may wait, so it needs no loop that calls it.
func whenDone[T any](ctx context.Context, f *future[T], callback func(T)) func() error {
	return func() error {
		value, err := f.result(ctx)
		if err == nil {
			callback(value)
		}
		return err
	}
}

// compute combines the numbers 1 to n, with a pause after each.
func compute(ctx context.Context, out *transcript.Log, n, start int, combine func(a, b int) int) (int, error) {
	result := start
	for i := 1; i <= n; i++ {
		result = combine(result, i)
		if err := out.Sleep(ctx, time.Second); err != nil {
			return 0, err
		}
	}
	return result, nil
}

func sumAndProduct(ctx context.Context, out *transcript.Log, n1, n2 int) (results [2]int, err error) {
	sum := begin(func() (int, error) {
		return compute(ctx, out, n1, 0, func(a, b int) int { return a + b })
	})
	product := begin(func() (int, error) {
		return compute(ctx, out, n2, 1, func(a, b int) int { return a * b })
	})
	var callbacks errgroup.Group
	callbacks.Go(whenDone(ctx, sum, func(v int) {
		out.Actor("first").Printf("first goroutine (sum of N integers) result = %d", v)
		results[0] = v
	}))
	callbacks.Go(whenDone(ctx, product, func(v int) {
		out.Actor("second").Printf("second goroutine (factorial) result = %d", v)
		results[1] = v
	}))
	err = callbacks.Wait()
	return results, err
}

func futuresBare(ctx context.Context, out *transcript.Log) error {
	for i, want := range [][2]int{{1, 1}, {3, 2}, {6, 6}, {10, 24}} {
		out.Printf("N1 = %d, N2 = %d", i+1, i+1)
		results, err := sumAndProduct(ctx, out, i+1, i+1)
		if err != nil {
			return err
		}
		out.Check("sum and factorial", results, want)
	}

	out.Note("Other ends: the work is cancelled, or it fails. Each wait for the result returns the error.")
	errCancelled, errNoAnswer := errors.New("cancelled"), errors.New("no answer")
	request, cancel := context.WithCancelCause(ctx)
	cancelled := begin(func() (int, error) {
		<-request.Done()
		return 0, context.Cause(request)
	})
	cancel(errCancelled)
	_, err := cancelled.result(ctx)
	out.Printf("of the cancelled one: %v", err)
	failed := begin(func() (int, error) { return 0, errNoAnswer })
	_, err = failed.result(ctx)
	out.Printf("of the failed one: %v", err)
	_, again := failed.result(ctx)
	out.Check("the second wait gets the same error", again == err, true)
	return context.Cause(ctx)
}
