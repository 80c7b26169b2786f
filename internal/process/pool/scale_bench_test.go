package pool

import (
	"testing"

	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how the work of a pool grows with its workers, and with what it has to do.
func BenchmarkScale(b *testing.B) {
	workers := growth.Doubles(1, 64)
	growth.Run(b, "apply", "workers", workers, func(b *testing.B, n int) {
		p := newPool(b, n)
		for b.Loop() {
			if got, err := Apply(b.Context(), p, twice, 4); err != nil || got != 8 {
				b.Fatal(got, err)
			}
		}
	})
	squares := func(b *testing.B, workers, n int) {
		args, p := upTo(n), newPool(b, workers)
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
