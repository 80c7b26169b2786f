package futures

import (
	"context"
	"fmt"
	"testing"

	"cookbook/internal/process"
)

const benchLoops = 100_000

// spin is some work: about 0.25 ms.
func spin(_ context.Context, x int) (int, error) {
	for i := range benchLoops {
		x = x*31 + i
	}
	return x, nil
}

var (
	spinning = Register("test.spin", spin)
	spinPool = process.Register("test.spin-pool", spin)
)

// BenchmarkMap is 1,000 calls of 0.25 ms and of nothing, here in a loop, by a pool of two processes, and by two workers.
func BenchmarkMap(b *testing.B) {
	inputs := upTo(1000)
	b.Run("loop", func(b *testing.B) {
		for b.Loop() {
			for _, x := range inputs {
				spin(b.Context(), x)
			}
		}
	})
	b.Run("process.Map", func(b *testing.B) {
		p, err := process.NewPool(b.Context(), 2)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Close()
		for b.Loop() {
			if _, err := process.Map(b.Context(), p, spinPool, inputs); err != nil {
				b.Fatal(err)
			}
		}
	})
	s := session(b, 2)
	b.Run("futures.Map", func(b *testing.B) {
		for b.Loop() {
			if _, err := Map(b.Context(), s, spinning, inputs); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, small := range []struct{ n, chunk int }{{1, 0}, {1000, 0}, {1000, 500}, {100_000, 0}} {
		inputs := upTo(small.n)
		b.Run(fmt.Sprintf("futures.Map of %d doubles in chunks of %d", small.n, small.chunk), func(b *testing.B) {
			for b.Loop() {
				if _, err := Map(b.Context(), s, double, inputs, WithChunk(small.chunk)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
