//go:build linux

package process

import (
	"testing"

	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how a queue between processes grows with its items, and a group with its processes.
func BenchmarkScale(b *testing.B) {
	growth.Run(b, "queue", "items", growth.Tens(1_000_000), func(b *testing.B, n int) {
		g := group(b)
		q, err := NewQueue[int](g, "queue", 0)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			p := New(g, fillInts, filling{q, n})
			started(b, p)
			for range n {
				if _, err := q.Get(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			if err := p.Join(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	growth.Run(b, "start and join", "processes", growth.Doubles(1, 64), func(b *testing.B, n int) {
		g := group(b)
		for b.Loop() {
			all := make([]*Process, n)
			for i := range all {
				all[i] = New(g, twice, 1)
			}
			started(b, all...)
			for _, p := range all {
				if err := p.Join(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
