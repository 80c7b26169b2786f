package threading

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestSemaphore(t *testing.T) {
	inBubble(t, "lets as many in as its value says, the others in the order of coming", func(t *testing.T, main *Thread, _ func()) {
		s := mustSemaphore("pool", 2)
		inside, most := 0, 0
		l := NewLock("count")
		count := func(t *Thread, n int) {
			With(t, l, func() error { inside += n; most = max(most, inside); return nil })
		}
		var all []*Thread
		for range 6 {
			all = append(all, start(t, main, func(t *Thread) error {
				return With(t, s, func() error {
					count(t, 1)
					time.Sleep(time.Second)
					count(t, -1)
					return nil
				})
			}))
		}
		join(t, main, all...)
		equal(t, "most inside at once", most, 2)
		equal(t, "value", s.Value(), 2)
	})
	inBubble(t, "starts at zero: a signal", func(t *testing.T, main *Thread, _ func()) {
		s := mustSemaphore("items", 0)
		var order []string
		var all []*Thread
		for range 3 {
			all = append(all, start(t, main, func(th *Thread) error {
				err := s.Acquire(th)
				order = append(order, th.Name())
				return err
			}))
			synctest.Wait()
		}
		for _, th := range all {
			ok(t, s.Release(main))
			join(t, main, th)
		}
		equal(t, "order", fmt.Sprint(order), "[Thread-1 Thread-2 Thread-3]")
		ok(t, s.ReleaseN(main, 3))
		equal(t, "text", s.String(), "items (3 free)")
		for range 3 {
			ok(t, s.Acquire(main))
		}
		equal(t, "try", s.TryAcquire(main), false)
	})
	inBubble(t, "a release of many wakes many", func(t *testing.T, main *Thread, _ func()) {
		s := mustSemaphore("items", 0)
		var all []*Thread
		for range 3 {
			all = append(all, start(t, main, func(t *Thread) error { return s.Acquire(t) }))
		}
		synctest.Wait()
		ok(t, s.ReleaseN(main, 5))
		join(t, main, all...)
		equal(t, "value", s.Value(), 2)
		ok(t, s.ReleaseN(main, 0))
		fails(t, s.ReleaseN(main, -1), ErrNegative, "release items: -1 times")
		equal(t, "value", s.Value(), 2)
	})
	inBubble(t, "a release of very many takes no longer than the threads it wakes", func(t *testing.T, main *Thread, _ func()) {
		for _, held := range []int{0, 3} {
			s := mustSemaphore("items", held)
			for range held {
				ok(t, s.Acquire(main))
			}
			var all []*Thread
			for range 3 {
				all = append(all, start(t, main, func(t *Thread) error { return s.Acquire(t) }))
				synctest.Wait()
			}
			ok(t, s.ReleaseN(main, 1))
			join(t, main, all[0])
			equal(t, "the next waits", all[1].IsAlive(), true)
			ok(t, s.ReleaseN(main, math.MaxInt)) // one by one that would take centuries
			join(t, main, all...)
			equal(t, "value", s.Value(), math.MaxInt-2)
			fails(t, s.ReleaseN(main, 3), ErrTooManyReleases, "release items: ")
			equal(t, "value", s.Value(), math.MaxInt-2)
			ok(t, s.ReleaseN(main, 2))
			fails(t, s.Release(main), ErrTooManyReleases, "1 more would exceed its bound of")
			equal(t, "value", s.Value(), math.MaxInt)
			ok(t, s.Acquire(main))
		}
	})
	inBubble(t, "a negative value is an error", func(t *testing.T, main *Thread, _ func()) {
		_, err := NewSemaphore("s", -1)
		fails(t, err, ErrNegative, "make s: initial value -1: the value must not be negative")
		_, err = NewBoundedSemaphore("", -2)
		fails(t, err, ErrNegative, "make a semaphore: initial value -2")
	})
	inBubble(t, "a bounded one finds the release too many", func(t *testing.T, main *Thread, _ func()) {
		s, err := NewBoundedSemaphore("pool", 2)
		ok(t, err)
		fails(t, s.Release(main), ErrTooManyReleases, "release pool: released more often than acquired; 1 more would exceed its bound of 2")
		ok(t, s.Acquire(main))
		fails(t, s.ReleaseN(main, 2), ErrTooManyReleases, "")
		equal(t, "value", s.Value(), 1)
		ok(t, s.Release(main))
		fails(t, s.Release(main), ErrTooManyReleases, "")
	})
	inBubble(t, "a waiter leaves when its time is up or its context ends", func(t *testing.T, main *Thread, _ func()) {
		s := mustSemaphore("s", 1)
		ok(t, s.AcquireTimeout(main, 0))
		fails(t, s.AcquireTimeout(main, 0), ErrTimeout, "acquire s: timed out")
		fails(t, s.AcquireTimeout(main, time.Second), ErrTimeout, "")
		ctx, cancel := context.WithCancel(main)
		th := start(t, ctx, func(t *Thread) error { return s.Acquire(t) })
		synctest.Wait()
		cancel()
		fails(t, th.Join(main), context.Canceled, "acquire s: context canceled")
		fails(t, s.Acquire(ctx), context.Canceled, "")
		ok(t, s.Release(main))
		ok(t, s.Acquire(ctx)) // what is there is had even so
		equal(t, "value", s.Value(), 0)
	})
	inBubble(t, "a context without a thread will do", func(t *testing.T, _ *Thread, _ func()) {
		s, ctx := mustSemaphore("s", 0), context.Background()
		done := make(chan error)
		go func() { done <- s.Acquire(ctx) }()
		synctest.Wait()
		ok(t, s.Release(ctx))
		ok(t, <-done)
	})
	t.Run("remembers its holders, few and many", func(t *testing.T) {
		for _, n := range []int{1, 3, manyHolders, manyHolders + 1, 3 * manyHolders} {
			var h holders
			threads := make([]*Thread, n)
			for i := range threads {
				threads[i] = new(Thread)
				h.add(threads[i])
				h.add(threads[i])
			}
			h.add(nil)
			if got := len(h.threads()); got <= n {
				t.Errorf("%d threads hold, the list has %d", n+1, got)
			}
			for _, th := range append(threads, nil) {
				equal(t, "held", h.remove(th, 1), true)
			}
			for _, th := range threads {
				equal(t, "held twice", h.remove(th, 1), true)
				equal(t, "held three times", h.remove(th, 1), false)
			}
			equal(t, "held by nobody known", h.remove(nil, 1), false)
			equal(t, "holders left", len(h.threads()), 0)
		}
	})
}
