package threading

import (
	"context"
	"fmt"
	"io"
	"runtime/trace"
	"testing"
)

// What else the primitives can do, and what that costs. The primitives themselves stand beside plain Go and Python in package
// bench/primitive: go test -bench 'Primitives/thread' ./internal/bench/primitive. These ratios to plain Go are wanted there:
//
//	thread lock       ≤ 4   × sync.Mutex
//	thread semaphore  ≤ 1.2 × golang.org/x/sync/semaphore
//	thread condition  ≤ 1.5 × sync.Cond
//	thread event      ≤ 1.5 × sync.Cond
//	thread queue      ≤ 1.3 × a buffered channel
//	thread, start     ≤ 2   × a goroutine and a WaitGroup

func BenchmarkLock(b *testing.B) {
	b.Run("RLock re-entered", func(b *testing.B) {
		t, l := Main(context.Background()), NewRLock("rlock")
		l.Acquire(t)
		b.ReportAllocs()
		for b.Loop() {
			l.Acquire(t)
			l.Release(t)
		}
	})
	for _, traced := range []bool{false, true} {
		b.Run(fmt.Sprintf("Lock in a recorded run %v", traced), func(b *testing.B) {
			if traced {
				if err := trace.Start(io.Discard); err != nil {
					b.Skipf("no second trace in one process: %v", err)
				}
				defer trace.Stop()
			}
			t, l := Main(context.Background()), NewLock("lock")
			b.ReportAllocs()
			for b.Loop() {
				l.Acquire(t)
				l.Release(t)
			}
		})
	}
	b.Run("Lock derived context", func(b *testing.B) {
		ctx, cancel := context.WithCancel(Main(context.Background()))
		defer cancel()
		l := NewLock("lock")
		b.ReportAllocs()
		for b.Loop() {
			l.Acquire(ctx)
			l.Release(ctx)
		}
	})
}

// BenchmarkCancellable is what a context that can end costs: a select in place of a receive. One operation is there and back.
func BenchmarkCancellable(b *testing.B) {
	for _, kind := range []struct {
		name    string
		context func() (context.Context, context.CancelFunc)
	}{
		{"no", func() (context.Context, context.CancelFunc) { return context.Background(), func() {} }},
		{"yes", func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) }},
	} {
		b.Run("Event/"+kind.name, func(b *testing.B) {
			ctx, cancel := kind.context()
			defer cancel()
			ping, pong := NewEvent("ping"), NewEvent("pong")
			main := Main(ctx)
			other := NewThread(main, func(t *Thread) error {
				for range b.N {
					ping.Wait(t)
					ping.Clear()
					pong.Set()
				}
				return nil
			})
			other.Start()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				ping.Set()
				pong.Wait(main)
				pong.Clear()
			}
			b.StopTimer()
			other.Join(main)
		})
	}
}
