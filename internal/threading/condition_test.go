package threading

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestCondition(t *testing.T) {
	// waiters starts n threads that wait, in the order of their numbers.
	waiters := func(t *testing.T, main *Thread, c *Condition, n int, woken *[]string) (all []*Thread) {
		for range n {
			all = append(all, start(t, main, func(th *Thread) error {
				return With(th, c, func() error {
					err := c.Wait(th)
					*woken = append(*woken, th.Name())
					return err
				})
			}))
			synctest.Wait()
		}
		return all
	}
	inBubble(t, "notify wakes those who wait longest, as many as it says", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(NewLock("lock"))
		var woken []string
		all := waiters(t, main, c, 6, &woken)
		notify := func(n int) string {
			ok(t, c.Acquire(main))
			ok(t, c.Notify(main, n))
			synctest.Wait()
			equal(t, "woken while the notifier has the lock", len(woken), 0)
			ok(t, c.Release(main))
			synctest.Wait()
			s := fmt.Sprint(woken)
			woken = nil
			return s
		}
		equal(t, "0", notify(0), "[]")
		equal(t, "-1", notify(-1), "[]")
		equal(t, "1", notify(1), "[Thread-1]")
		equal(t, "2", notify(2), "[Thread-2 Thread-3]")
		equal(t, "9", notify(9), "[Thread-4 Thread-5 Thread-6]")
		equal(t, "nobody left", notify(1), "[]")
		join(t, main, all...)
	})
	inBubble(t, "notify all wakes all, one after the other", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(nil)
		var woken []string
		all := waiters(t, main, c, 4, &woken)
		ok(t, With(main, c, func() error { return c.NotifyAll(main) }))
		join(t, main, all...)
		equal(t, "woken", fmt.Sprint(woken), "[Thread-1 Thread-2 Thread-3 Thread-4]")
	})
	inBubble(t, "a notification that nobody waits for is lost", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(NewLock("lock"))
		ok(t, c.Acquire(main))
		ok(t, c.Notify(main, 1))
		fails(t, c.WaitTimeout(main, time.Second), ErrTimeout, "wait for a notification on lock: timed out")
		fails(t, c.WaitTimeout(main, 0), ErrTimeout, "")
		equal(t, "owner", c.m.Owner(), main)
	})
	inBubble(t, "without the lock nothing goes", func(t *testing.T, main *Thread, _ func()) {
		for _, l := range []Locker{NewLock("lock"), NewRLock("lock")} {
			c := NewCondition(l)
			fails(t, c.Wait(main), ErrNotOwner, "wait for a notification on lock: not the owner; acquire it first")
			fails(t, c.WaitTimeout(main, time.Second), ErrNotOwner, "")
			fails(t, c.WaitUntil(main, func() bool { return false }), ErrNotOwner, "")
			fails(t, c.Notify(main, 1), ErrNotOwner, "notify the waiters on lock: not the owner; acquire it first")
			fails(t, c.NotifyAll(main), ErrNotOwner, "")
			ok(t, c.Acquire(main))
			join(t, main, start(t, main, func(th *Thread) error {
				fails(t, c.Wait(th), ErrNotOwner, "not the owner, MainThread is")
				fails(t, c.Notify(th, 1), ErrNotOwner, "not the owner, MainThread is")
				equal(t, "try", c.TryAcquire(th), false)
				fails(t, c.AcquireTimeout(th, 0), ErrTimeout, "")
				return nil
			}))
			fails(t, c.Notify(context.Background(), 1), ErrNotOwner, "")
			ok(t, c.Release(main))
		}
	})
	inBubble(t, "a context without a thread will do for a Lock", func(t *testing.T, _ *Thread, _ func()) {
		ctx, c, done := context.Background(), NewCondition(NewLock("lock")), make(chan error)
		go func() {
			done <- With(ctx, c, func() error { return c.Wait(ctx) })
		}()
		synctest.Wait()
		ok(t, With(ctx, c, func() error { return c.Notify(ctx, 1) }))
		ok(t, <-done)
	})
	inBubble(t, "waiting gives up every level of an RLock and restores them", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("rlock")
		c := NewCondition(l)
		ctx, cancel := context.WithCancel(main)
		for _, how := range []struct {
			name string
			wait func(t *Thread) error
			wake func()
			want error
		}{
			{"notified", func(t *Thread) error { return c.Wait(t) }, func() { c.Notify(main, 1) }, nil},
			{"timed out", func(t *Thread) error { return c.WaitTimeout(t, time.Second) }, func() { time.Sleep(2 * time.Second) }, ErrTimeout},
			{"cancelled", func(t *Thread) error { return c.Wait(t) }, func() { cancel(); synctest.Wait() }, context.Canceled},
		} {
			th := start(t, ctx, func(th *Thread) error {
				for range 3 {
					if err := l.Acquire(th); err != nil {
						return err
					}
				}
				err := how.wait(th)
				equal(t, how.name+": owner", l.Owner(), th)
				equal(t, how.name+": depth", l.Depth(), 3)
				for range 3 {
					ok(t, l.Release(th))
				}
				return err
			})
			synctest.Wait()
			ok(t, l.Acquire(main))
			equal(t, how.name+": depth meanwhile", l.Depth(), 1)
			how.wake()
			equal(t, how.name+": the waiter goes on without the lock", l.Owner(), main)
			ok(t, l.Release(main))
			if err := th.Join(main); how.want == nil {
				ok(t, err)
			} else {
				fails(t, err, how.want, "")
			}
		}
	})
	inBubble(t, "after a time-out a free RLock is taken to the same depth", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("rlock")
		for range 3 {
			ok(t, l.Acquire(main))
		}
		fails(t, NewCondition(l).WaitTimeout(main, time.Second), ErrTimeout, "")
		equal(t, "owner", l.Owner(), main)
		equal(t, "depth", l.Depth(), 3)
	})
	inBubble(t, "a wait does not begin under an ended context, and keeps the lock", func(t *testing.T, main *Thread, cancel func()) {
		c := NewCondition(NewLock("lock"))
		ok(t, c.Acquire(main))
		other := start(t, context.WithoutCancel(main), func(t *Thread) error { return c.Acquire(t) })
		synctest.Wait()
		cancel()
		fails(t, c.Wait(main), context.Canceled, "wait for a notification on lock: context canceled")
		equal(t, "owner", c.m.Owner(), main)
		ok(t, c.Release(main))
		join(t, context.Background(), other)
	})
	inBubble(t, "one who was notified has been, whatever happens before it has the lock", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(NewLock("lock"))
		ctx, cancel := context.WithCancel(main)
		timed := start(t, main, func(t *Thread) error {
			return With(t, c, func() error { return c.WaitTimeout(t, time.Second) })
		})
		synctest.Wait()
		cancelled := start(t, ctx, func(t *Thread) error { return With(t, c, func() error { return c.Wait(t) }) })
		synctest.Wait()
		ok(t, c.Acquire(main))
		ok(t, c.Notify(main, 2))
		cancel()
		time.Sleep(time.Minute) // both would give up, were they still waiting
		ok(t, c.Release(main))
		join(t, main, timed, cancelled)
	})
	inBubble(t, "wait until asks first, and again after every notification", func(t *testing.T, main *Thread, _ func()) {
		c := NewCondition(NewLock("lock"))
		n, asked := 0, 0
		th := start(t, main, func(th *Thread) error {
			return With(th, c, func() error {
				return c.WaitUntil(th, func() bool { asked++; return n == 3 })
			})
		})
		for range 3 {
			synctest.Wait()
			ok(t, With(main, c, func() error { n++; return c.NotifyAll(main) }))
		}
		join(t, main, th)
		equal(t, "asked", asked, 4)
		ok(t, c.Acquire(main))
		ok(t, c.WaitUntil(main, func() bool { return true }))
		late, cancel := context.WithTimeout(main, time.Second)
		defer cancel()
		fails(t, c.WaitUntil(late, func() bool { return false }), context.DeadlineExceeded, "")
		equal(t, "owner", c.m.Owner(), main)
	})
	inBubble(t, "several conditions share one lock", func(t *testing.T, main *Thread, _ func()) {
		// The bounded buffer of the textbooks: many on both sides, nothing lost.
		const items, each = 3, 20
		l := NewLock("buffer")
		notEmpty, notFull := NewCondition(l), NewCondition(l)
		var buffer []int
		sum := 0
		var all []*Thread
		for range 4 {
			all = append(all, start(t, main, func(th *Thread) error {
				for i := range each {
					With(th, l, func() error {
						notFull.WaitUntil(th, func() bool { return len(buffer) < items })
						buffer = append(buffer, i+1)
						return notEmpty.Notify(th, 1)
					})
				}
				return nil
			}), start(t, main, func(th *Thread) error {
				for range each {
					With(th, l, func() error {
						notEmpty.WaitUntil(th, func() bool { return len(buffer) > 0 })
						sum += buffer[0]
						buffer = buffer[1:]
						return notFull.Notify(th, 1)
					})
				}
				return nil
			}))
		}
		join(t, main, all...)
		equal(t, "sum", sum, 4*each*(each+1)/2)
		equal(t, "left", len(buffer), 0)
	})
}
