package threading

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// In a bubble, time-outs and grants can be made to fall on the same instant:
// the runtime then lets them race. Whatever wins, nothing may be lost or given
// twice.

const ties = 400

func TestTies(t *testing.T) {
	const tick = time.Millisecond
	inBubble(t, "a lock released when a waiter's time is up", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock")
		granted := 0
		for range ties {
			ok(t, l.Acquire(main))
			impatient := start(t, main, func(t *Thread) error { return l.AcquireTimeout(t, tick) })
			patient := start(t, main, func(t *Thread) error {
				if err := l.Acquire(t); err != nil {
					return err
				}
				return l.Release(t)
			})
			time.Sleep(tick)
			ok(t, l.Release(main))
			if err := impatient.Join(main); err == nil {
				granted++
				equal(t, "owner", l.Owner(), impatient)
				ok(t, l.Release(main))
			} else {
				fails(t, err, ErrTimeout, "")
			}
			join(t, main, patient)
			equal(t, "locked", l.Locked(), false)
		}
		t.Logf("the grant won %d of %d ties", granted, ties)
	})
	inBubble(t, "a lock released when a waiter is cancelled", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("lock")
		granted := 0
		for range ties {
			ok(t, l.Acquire(main))
			ctx, cancel := context.WithCancel(main)
			th := start(t, ctx, func(t *Thread) error {
				if err := l.Acquire(t); err != nil {
					return err
				}
				return l.Release(t)
			})
			go func() {
				time.Sleep(tick)
				cancel()
			}()
			time.Sleep(tick)
			ok(t, l.Release(main))
			if err := th.Join(main); err == nil {
				granted++
			} else {
				fails(t, err, context.Canceled, "")
			}
			equal(t, "locked", l.Locked(), false)
		}
		t.Logf("the grant won %d of %d ties", granted, ties)
	})
	inBubble(t, "semaphores keep their count", func(t *testing.T, main *Thread, _ func()) {
		for range ties {
			s := mustSemaphore("s", 0)
			granted := 0
			var all []*Thread
			for range 4 {
				all = append(all, start(t, main, func(t *Thread) error { return s.AcquireTimeout(t, tick) }))
			}
			time.Sleep(tick)
			ok(t, s.ReleaseN(main, 2))
			for _, th := range all {
				if err := th.Join(main); err == nil {
					granted++
				} else {
					fails(t, err, ErrTimeout, "")
				}
			}
			equal(t, "granted and left", granted+s.Value(), 2)
		}
	})
	inBubble(t, "a notification reaches one who still waits", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(NewLock("lock"))
		for range ties {
			impatient := start(t, main, func(t *Thread) error {
				return With(t, c, func() error { return c.WaitTimeout(t, tick) })
			})
			synctest.Wait() // so that it is first in line
			patient := start(t, main, func(t *Thread) error {
				return With(t, c, func() error { return c.Wait(t) })
			})
			time.Sleep(tick)
			ok(t, With(main, c, func() error { return c.Notify(main, 1) }))
			synctest.Wait()
			if err := impatient.Join(main); err == nil {
				equal(t, "the other waits on", patient.IsAlive(), true)
				ok(t, With(main, c, func() error { return c.Notify(main, 1) }))
			} else {
				fails(t, err, ErrTimeout, "")
			}
			join(t, main, patient) // a lost notification would hang here
		}
	})
	inBubble(t, "a barrier lets all go or none", func(t *testing.T, main *Thread, _ func()) {
		passed := 0
		for range ties {
			b := mustBarrier("barrier", 3)
			impatient := start(t, main, func(t *Thread) error { _, err := b.WaitTimeout(t, tick); return err })
			patient := start(t, main, func(t *Thread) error { _, err := b.Wait(t); return err })
			time.Sleep(tick)
			_, err := b.Wait(main)
			for _, th := range []*Thread{impatient, patient} {
				if joined := th.Join(main); (joined == nil) != (err == nil) {
					t.Fatalf("one got %v, another %v", joined, err)
				}
			}
			equal(t, "broken", b.Broken(), err != nil)
			if err == nil {
				passed++
			}
		}
		t.Logf("%d of %d rounds filled up", passed, ties)
	})
	inBubble(t, "a queue neither loses nor doubles an item", func(t *testing.T, main *Thread, _ func()) {
		for i := range ties {
			q := NewQueue[int]("q", 1)
			get := start(t, main, func(th *Thread) error {
				v, err := q.GetTimeout(th, tick)
				if err == nil {
					equal(t, "item", v, i)
				}
				return err
			})
			time.Sleep(tick)
			ok(t, q.Put(main, i))
			if get.Join(main) == nil {
				equal(t, "len", q.Len(), 0)
				ok(t, q.Put(main, i))
			}
			equal(t, "len", q.Len(), 1)

			put := start(t, main, func(t *Thread) error { return q.PutTimeout(t, i+1, tick) })
			time.Sleep(tick)
			v, err := q.Get(main)
			ok(t, err)
			equal(t, "item", v, i)
			if put.Join(main) == nil {
				v, err = q.TryGet()
				ok(t, err)
				equal(t, "item", v, i+1)
			}
			equal(t, "len", q.Len(), 0)
		}
	})
	inBubble(t, "an event and a thread end their waits once", func(t *testing.T, main *Thread, _ func()) {
		for range ties {
			e := NewEvent("event")
			th := start(t, main, func(t *Thread) error {
				if err := e.WaitTimeout(t, tick); err != nil && !errors.Is(err, ErrTimeout) {
					return err
				}
				time.Sleep(tick)
				return nil
			})
			time.Sleep(tick)
			e.Set()
			e.Clear()
			if err := th.JoinTimeout(main, tick); err != nil {
				fails(t, err, ErrTimeout, "")
			}
			join(t, main, th)
		}
	})
}

// TestHammer is the same in real time: time-outs so short that they hit the
// grant at any place of the code.
func TestHammer(t *testing.T) {
	const threads, rounds = 8, 2000
	hammer := func(t *testing.T, body func(main, self *Thread, i int)) {
		main := Main(t.Context())
		var all []*Thread
		for range threads {
			all = append(all, start(t, main, func(self *Thread) error {
				for i := range rounds {
					body(main, self, i)
				}
				return nil
			}))
		}
		join(t, main, all...)
	}
	// patience is different each time, from none to more than a hand-over.
	patience := func(i int) time.Duration { return time.Duration(i%40) * 250 * time.Nanosecond }

	t.Run("locks", func(t *testing.T) {
		for _, l := range []Locker{NewLock("lock"), NewRLock("rlock")} {
			inside, got := 0, 0 // the race detector watches the lock at work
			var granted atomic.Int64
			hammer(t, func(_, self *Thread, i int) {
				if l.AcquireTimeout(self, patience(i)) != nil {
					return
				}
				granted.Add(1)
				inside++
				got++
				if inside != 1 {
					t.Errorf("%d inside", inside)
				}
				inside--
				ok(t, l.Release(self))
			})
			equal(t, "entries", int64(got), granted.Load())
			equal(t, "locked", l.core().Locked(), false)
			equal(t, "line is empty", l.core().waiters, line{at: l.core().waiters.at})
		}
	})
	t.Run("semaphore", func(t *testing.T) {
		s, err := NewBoundedSemaphore("s", 3)
		ok(t, err)
		var inside atomic.Int64
		hammer(t, func(_, self *Thread, i int) {
			if s.AcquireTimeout(self, patience(i)) != nil {
				return
			}
			if n := inside.Add(1); n > 3 {
				t.Errorf("%d inside", n)
			}
			inside.Add(-1)
			ok(t, s.Release(self))
		})
		equal(t, "value", s.Value(), 3)
		equal(t, "holders", len(s.holders.threads()), 0)
		equal(t, "signal", s.signal, false)
	})
	t.Run("condition", func(t *testing.T) {
		// Half of them hand out tokens with a notification each, half take
		// them; who times out leaves the token and its notification to others.
		c := NewCondition(NewLock("lock"))
		tokens, made, taken := 0, 0, 0
		hammer(t, func(_, self *Thread, i int) {
			ok(t, With(self, c, func() error {
				if self.serial%2 == 0 {
					tokens++
					made++
					return c.Notify(self, 1)
				}
				for tokens == 0 {
					if err := c.WaitTimeout(self, patience(i)); err != nil {
						return nil
					}
				}
				tokens--
				taken++
				return nil
			}))
		})
		equal(t, "tokens", tokens+taken, made)
		equal(t, "locked", c.m.Locked(), false)
	})
	t.Run("queue", func(t *testing.T) {
		q := NewQueue[int]("q", 2)
		var put, got, puts, gots atomic.Int64
		hammer(t, func(_, self *Thread, i int) {
			if self.serial%2 == 0 {
				if q.PutTimeout(self, i, patience(i)) == nil {
					put.Add(int64(i))
					puts.Add(1)
				}
			} else if v, err := q.GetTimeout(self, patience(i)); err == nil {
				got.Add(int64(v))
				gots.Add(1)
				ok(t, q.TaskDone())
			}
		})
		for v, err := q.TryGet(); err == nil; v, err = q.TryGet() {
			got.Add(int64(v))
			gots.Add(1)
			ok(t, q.TaskDone())
		}
		equal(t, "items", gots.Load(), puts.Load())
		equal(t, "sum", got.Load(), put.Load())
		fails(t, q.TaskDone(), ErrTooManyDone, "")
		ok(t, q.Join(t.Context()))
	})
	t.Run("events and cancellation", func(t *testing.T) {
		e := NewEvent("e")
		hammer(t, func(_, self *Thread, i int) {
			switch {
			case self.serial%4 == 0:
				e.Set()
				e.Clear()
			case self.serial%4 == 1:
				ctx, cancel := context.WithCancel(self)
				go cancel()
				e.Wait(ctx)
			default:
				e.WaitTimeout(self, patience(i))
			}
		})
		equal(t, "line is empty", e.waiters, line{at: e.waiters.at})
	})
	t.Run("an event that is set just when one begins to wait", func(t *testing.T) {
		// Two set each other's events in turn; a missed Set would hang.
		main := Main(t.Context())
		var pairs [10 * rounds][2]Event
		play := func(me int) func(t *Thread) error {
			return func(t *Thread) error {
				for i := range pairs {
					pairs[i][me].Set()
					if err := pairs[i][1-me].Wait(t); err != nil {
						return err
					}
				}
				return nil
			}
		}
		join(t, main, start(t, main, play(0)), start(t, main, play(1)))
	})
	t.Run("one thread's context in many goroutines", func(t *testing.T) {
		main := Main(t.Context())
		l, s := NewLock("lock"), mustSemaphore("s", 2)
		done := make(chan int)
		count := 0
		for range threads {
			go func() {
				for i := range rounds {
					if s.AcquireTimeout(main, patience(i)) == nil {
						s.Release(main)
					}
					With(main, l, func() error { count++; return nil })
				}
				done <- 1
			}()
		}
		for range threads {
			<-done
		}
		equal(t, "count", count, threads*rounds)
		equal(t, "value", s.Value(), 2)
	})
	t.Run("barrier", func(t *testing.T) {
		b := mustBarrier("barrier", threads)
		var passed atomic.Int64
		hammer(t, func(_, self *Thread, i int) {
			if index, err := b.Wait(self); err == nil {
				passed.Add(int64(index))
			}
		})
		equal(t, "sum of places", passed.Load(), rounds*threads*(threads-1)/2)
	})
}

// TestFair lets threads fight until each has had enough entries, for a bounded
// number of entries in all: one that is passed over would use it up.
func TestFair(t *testing.T) {
	const threads, enough, bound = 6, 200, 6 * 200 * 100
	fight := func(name string, places int, l interface {
		Acquire(context.Context) error
		Release(context.Context) error
	}) {
		inBubble(t, name, func(t *testing.T, main *Thread, _ func()) {
			var entries [threads]atomic.Int64
			var total atomic.Int64
			satisfied := func() bool {
				for i := range entries {
					if entries[i].Load() < enough {
						return false
					}
				}
				return true
			}
			for range places {
				ok(t, l.Acquire(main))
			}
			var all []*Thread
			for i := range threads {
				all = append(all, start(t, main, func(t *Thread) error {
					for !satisfied() && total.Add(1) < bound {
						err := With(t, l, func() error {
							entries[i].Add(1)
							runtime.Gosched() // so that the others get to stand in line again
							return nil
						})
						if err != nil {
							return err
						}
					}
					return nil
				}))
			}
			synctest.Wait() // all stand in line
			for range places {
				ok(t, l.Release(main))
			}
			join(t, main, all...)
			for i := range entries {
				if n := entries[i].Load(); n < enough {
					t.Errorf("thread %d starved: %d entries of %d", i, n, total.Load())
				}
			}
		})
	}
	fight("Lock", 1, NewLock("lock"))
	fight("RLock", 1, NewRLock("lock"))
	fight("Condition", 1, NewCondition(nil))
	fight("Semaphore", 1, mustSemaphore("semaphore", 1))
	fight("Semaphore of 2", 2, mustSemaphore("semaphore", 2))
}
