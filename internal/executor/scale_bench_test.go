package executor

import (
	"context"
	"testing"

	"cookbook/internal/async"
	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how the work of an executor grows with the calls that are submitted to it at once, and with its workers.
func BenchmarkScale(b *testing.B) {
	ctx := context.Background()
	calls := func(b *testing.B, workers, n int, take func(all []*async.Future[int]) error) {
		pool, err := NewThreadPool(ctx, workers)
		if err != nil {
			b.Fatal(err)
		}
		defer pool.Shutdown(ctx)
		all := make([]*async.Future[int], n)
		for b.Loop() {
			for i := range all {
				all[i] = Submit(pool, square, i)
			}
			if err := take(all); err != nil {
				b.Fatal(err)
			}
		}
	}
	asCompleted := func(all []*async.Future[int]) error {
		for _, err := range async.AsCompleted(ctx, all...) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	growth.Run(b, "as_completed", "calls", growth.Tens(1_000_000), func(b *testing.B, n int) { calls(b, 5, n, asCompleted) })
	growth.Run(b, "submit 1000", "workers", growth.Doubles(1, 64), func(b *testing.B, n int) { calls(b, n, 1000, asCompleted) })
	growth.Run(b, "cancel", "calls", growth.Tens(1_000_000), func(b *testing.B, n int) {
		for b.Loop() {
			pool, err := NewThreadPool(ctx, 1)
			if err != nil {
				b.Fatal(err)
			}
			gate := make(chan struct{})
			Submit(pool, func(context.Context, int) (int, error) { <-gate; return 0, nil }, 0)
			for i := range n {
				Submit(pool, square, i)
			}
			pool.CancelPending()
			close(gate)
			if err := pool.Shutdown(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
