package threading

import (
	"context"
	"sync"
	"testing"

	"golang.org/x/sync/semaphore"
)

// Each benchmark runs beside the plain-Go limit that it is held against:
//
//	Lock       ≤ 4   × sync.Mutex
//	Semaphore  ≤ 1.2 × golang.org/x/sync/semaphore
//	Condition  ≤ 1.5 × sync.Cond, ping-pong
//	Event      ≤ 1.5 × sync.Cond, ping-pong
//	Queue      ≤ 1.3 × a buffered channel, 1 producer and 3 consumers
//	Thread     ≤ 2   × a goroutine and a WaitGroup, start and join
//	Barrier      beside a barrier made of a sync.Cond, for information
//
// One operation of a ping-pong is there and back. The ping-pongs and the queue
// run under a context that cannot end, like their limits; "cancellable" shows
// what a context that can end costs: a select in place of a receive.

func BenchmarkLock(b *testing.B) {
	b.Run("Lock", func(b *testing.B) {
		t, l := Main(context.Background()), NewLock("lock")
		b.ReportAllocs()
		for b.Loop() {
			l.Acquire(t)
			l.Release(t)
		}
	})
	b.Run("RLock", func(b *testing.B) {
		t, l := Main(context.Background()), NewRLock("rlock")
		b.ReportAllocs()
		for b.Loop() {
			l.Acquire(t)
			l.Release(t)
		}
	})
	b.Run("RLock re-entered", func(b *testing.B) {
		t, l := Main(context.Background()), NewRLock("rlock")
		l.Acquire(t)
		b.ReportAllocs()
		for b.Loop() {
			l.Acquire(t)
			l.Release(t)
		}
	})
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
	b.Run("limit sync.Mutex", func(b *testing.B) {
		var mu sync.Mutex
		b.ReportAllocs()
		for b.Loop() {
			mu.Lock()
			//lint:ignore SA2001 the lock alone is what is measured
			mu.Unlock()
		}
	})
}

func BenchmarkSemaphore(b *testing.B) {
	b.Run("Semaphore", func(b *testing.B) {
		t := Main(context.Background())
		s, _ := NewSemaphore("semaphore", 1)
		b.ReportAllocs()
		for b.Loop() {
			s.Acquire(t)
			s.Release(t)
		}
	})
	b.Run("limit x-sync", func(b *testing.B) {
		ctx, s := context.Background(), semaphore.NewWeighted(1)
		b.ReportAllocs()
		for b.Loop() {
			s.Acquire(ctx, 1)
			s.Release(1)
		}
	})
}

// withPartner runs body beside partner, which ends before it returns.
func withPartner(b *testing.B, ctx context.Context, partner func(t *Thread), body func(t *Thread)) {
	main := Main(ctx)
	other := NewThread(main, func(t *Thread) error { partner(t); return nil })
	other.Start()
	b.ReportAllocs()
	b.ResetTimer()
	body(main)
	b.StopTimer()
	other.Join(main)
}

func BenchmarkCondition(b *testing.B) {
	pingPong := func(b *testing.B, ctx context.Context) {
		l := NewLock("lock")
		c := NewCondition(l)
		turn := 0
		play := func(me int) func(*Thread) {
			return func(t *Thread) {
				c.Acquire(t)
				for range b.N {
					for turn != me {
						c.Wait(t)
					}
					turn = 1 - me
					c.Notify(t, 1)
				}
				c.Release(t)
			}
		}
		withPartner(b, ctx, play(1), play(0))
	}
	b.Run("Condition", func(b *testing.B) { pingPong(b, context.Background()) })
	b.Run("Condition cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		pingPong(b, ctx)
	})
	b.Run("limit sync.Cond", benchmarkCondPingPong)
}

func benchmarkCondPingPong(b *testing.B) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	turn := 0
	play := func(me int) func(*Thread) {
		return func(*Thread) {
			mu.Lock()
			for range b.N {
				for turn != me {
					c.Wait()
				}
				turn = 1 - me
				c.Signal()
			}
			mu.Unlock()
		}
	}
	withPartner(b, context.Background(), play(1), play(0))
}

func BenchmarkEvent(b *testing.B) {
	pingPong := func(b *testing.B, ctx context.Context) {
		ping, pong := NewEvent("ping"), NewEvent("pong")
		withPartner(b, ctx, func(t *Thread) {
			for range b.N {
				ping.Wait(t)
				ping.Clear()
				pong.Set()
			}
		}, func(t *Thread) {
			for range b.N {
				ping.Set()
				pong.Wait(t)
				pong.Clear()
			}
		})
	}
	b.Run("Event", func(b *testing.B) { pingPong(b, context.Background()) })
	b.Run("Event cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		pingPong(b, ctx)
	})
	b.Run("limit sync.Cond", benchmarkCondPingPong)
}

func BenchmarkQueue(b *testing.B) {
	const consumers, capacity = 3, 64
	run := func(b *testing.B, ctx context.Context) {
		q := NewQueue[int]("queue", capacity)
		main := Main(ctx)
		var all []*Thread
		for range consumers {
			t := NewThread(main, func(t *Thread) error {
				for {
					if _, err := q.Get(t); err != nil {
						return nil
					}
				}
			})
			t.Start()
			all = append(all, t)
		}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			q.Put(main, i)
		}
		q.Close()
		for _, t := range all {
			t.Join(main)
		}
	}
	b.Run("Queue", func(b *testing.B) { run(b, context.Background()) })
	b.Run("Queue cancellable", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		run(b, ctx)
	})
	b.Run("limit channel", func(b *testing.B) {
		c := make(chan int, capacity)
		var wg sync.WaitGroup
		for range consumers {
			wg.Go(func() {
				for range c {
				}
			})
		}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			c <- i
		}
		close(c)
		wg.Wait()
	})
}

func BenchmarkThread(b *testing.B) {
	b.Run("Thread", func(b *testing.B) {
		main := Main(context.Background())
		body := func(*Thread) error { return nil }
		b.ReportAllocs()
		for b.Loop() {
			t := NewThread(main, body)
			t.Start()
			t.Join(main)
		}
	})
	b.Run("limit goroutine and WaitGroup", func(b *testing.B) {
		body := func() {}
		b.ReportAllocs()
		for b.Loop() {
			var wg sync.WaitGroup
			wg.Go(body)
			wg.Wait()
		}
	})
}

func BenchmarkBarrier(b *testing.B) {
	b.Run("Barrier", func(b *testing.B) {
		barrier, _ := NewBarrier("barrier", 2)
		play := func(t *Thread) {
			for range b.N {
				barrier.Wait(t)
			}
		}
		withPartner(b, context.Background(), play, play)
	})
	b.Run("limit sync.Cond barrier", func(b *testing.B) {
		var mu sync.Mutex
		c := sync.NewCond(&mu)
		waiting, round := 0, 0
		play := func(*Thread) {
			for range b.N {
				mu.Lock()
				if waiting++; waiting == 2 {
					waiting = 0
					round++
					c.Broadcast()
				} else {
					for was := round; was == round; {
						c.Wait()
					}
				}
				mu.Unlock()
			}
		}
		withPartner(b, context.Background(), play, play)
	})
}
