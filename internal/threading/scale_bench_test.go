package threading

import (
	"context"
	"sync"
	"testing"

	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how the work of threads grows with their number, and that of a queue with its items.
func BenchmarkScale(b *testing.B) {
	ctx := context.Background()
	// together starts n threads, calls meanwhile, and joins them.
	together := func(b *testing.B, n int, body func(t *Thread) error, meanwhile func(main *Thread) error) {
		main, all := Main(ctx), make([]*Thread, n)
		for i := range all {
			all[i] = NewThread(main, body)
			if err := all[i].Start(); err != nil {
				b.Fatal(err)
			}
		}
		if err := meanwhile(main); err != nil {
			b.Fatal(err)
		}
		for _, t := range all {
			if err := t.Join(main); err != nil {
				b.Fatal(err)
			}
		}
	}
	nothing := func(*Thread) error { return nil }
	growth.Run(b, "start and join", "threads", growth.Tens(1_000_000), func(b *testing.B, n int) {
		for b.Loop() {
			together(b, n, nothing, nothing)
		}
	})
	waits := growth.Tens(100_000)
	growth.Run(b, "wait for an event", "threads", waits, func(b *testing.B, n int) {
		for b.Loop() {
			e := NewEvent("event")
			together(b, n, func(t *Thread) error { return e.Wait(t) }, func(*Thread) error { e.Set(); return nil })
		}
	})
	growth.Run(b, "wait for a lock", "threads", waits, func(b *testing.B, n int) {
		for b.Loop() {
			l := NewLock("lock")
			together(b, n, func(t *Thread) error { return With(t, l, func() error { return nil }) }, nothing)
		}
	})
	growth.Run(b, "meet at a barrier", "threads", waits, func(b *testing.B, n int) {
		for b.Loop() {
			barrier, err := NewBarrier("barrier", n)
			if err != nil {
				b.Fatal(err)
			}
			together(b, n, func(t *Thread) error { _, err := barrier.Wait(t); return err }, nothing)
		}
	})
	growth.Run(b, "cancel waits for a lock", "threads", waits, func(b *testing.B, n int) {
		for b.Loop() {
			l := NewLock("lock")
			inner, cancel := context.WithCancel(ctx)
			together(b, n, func(*Thread) error { l.Acquire(inner); return nil }, func(main *Thread) error { cancel(); return nil })
		}
	})
	growth.Run(b, "limit goroutines", "threads", waits, func(b *testing.B, n int) {
		for b.Loop() {
			var all sync.WaitGroup
			gate := make(chan struct{})
			for range n {
				all.Go(func() { <-gate })
			}
			close(gate)
			all.Wait()
		}
	})
	items := growth.Tens(1_000_000)
	for _, q := range []struct {
		name string
		make func() *Queue[int]
	}{
		{"queue", func() *Queue[int] { return NewQueue[int]("queue", 0) }},
		{"priority queue", func() *Queue[int] { return NewPriorityQueue("queue", 0, func(a, b int) bool { return a < b }) }},
	} {
		growth.Run(b, q.name, "items", items, func(b *testing.B, n int) {
			for b.Loop() {
				main, queue := Main(ctx), q.make()
				for i := range n {
					if err := queue.Put(main, i*7919%n); err != nil {
						b.Fatal(err)
					}
				}
				for range n {
					if _, err := queue.Get(main); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
