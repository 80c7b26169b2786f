package pool

import (
	"context"
	"testing"
	"time"

	"cookbook/internal/measure/growth"
	"cookbook/internal/process/worker"
)

var pause = worker.Register("bench.pause", func(context.Context, int) (int, error) { time.Sleep(20 * time.Millisecond); return 0, nil })

// started returns a pool whose workers all serve.
func started(b *testing.B, workers int) *Pool {
	p := newPool(b, workers)
	if _, err := Map(b.Context(), p, pause, upTo(3*workers), WithChunkSize(1)); err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkScale is how the work of a pool grows with its workers, and with what it has to do.
func BenchmarkScale(b *testing.B) {
	workers := growth.Doubles(1, 64)
	growth.Run(b, "apply", "workers", workers, func(b *testing.B, n int) {
		p := started(b, n)
		for b.Loop() {
			if got, err := Apply(b.Context(), p, twice, 4); err != nil || got != 8 {
				b.Fatal(got, err)
			}
		}
	})
	squares := func(b *testing.B, workers, n int) {
		args, p := upTo(n), started(b, workers)
		for b.Loop() {
			if got, err := Map(b.Context(), p, square, args); err != nil || got[n-1] != (n-1)*(n-1) {
				b.Fatal(err)
			}
		}
	}
	growth.Run(b, "map of 100000", "workers", workers, func(b *testing.B, n int) { squares(b, n, 100_000) })
	growth.Run(b, "map", "tasks", growth.Tens(1_000_000), func(b *testing.B, n int) { squares(b, 4, n) })
	growth.Run(b, "start and end", "workers", workers, func(b *testing.B, n int) {
		for b.Loop() {
			p := newPool(b, n)
			p.Close()
			if err := p.Join(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
