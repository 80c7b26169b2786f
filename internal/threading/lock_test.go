package threading

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestLock(t *testing.T) {
	inBubble(t, "one at a time, in the order of coming", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock 1")
		ok(t, l.Acquire(main))
		equal(t, "owner", l.Owner(), main)
		var order []string
		var all []*Thread
		for range 5 {
			all = append(all, start(t, main, func(th *Thread) error {
				if err := l.Acquire(th); err != nil {
					return err
				}
				order = append(order, th.Name())
				equal(t, "owner", l.Owner(), th)
				return l.Release(th)
			}))
			synctest.Wait()
		}
		ok(t, l.Release(main))
		join(t, main, all...)
		equal(t, "order", fmt.Sprint(order), "[Thread-1 Thread-2 Thread-3 Thread-4 Thread-5]")
		equal(t, "locked", l.Locked(), false)
		equal(t, "owner", l.Owner(), nil)
	})
	inBubble(t, "the zero value is a free lock", func(t *testing.T, main *Thread, _ func()) {
		var l Lock
		fails(t, l.Release(main), ErrNotLocked, "release a lock: not locked")
		ok(t, l.Acquire(main))
		fails(t, l.AcquireTimeout(main, time.Second), ErrTimeout, "acquire a lock: timed out")
		ok(t, l.Release(main))
	})
	inBubble(t, "a try takes what is free and never waits", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock 1")
		equal(t, "free", l.TryAcquire(main), true)
		equal(t, "held", l.TryAcquire(main), false)
		fails(t, l.AcquireTimeout(main, 0), ErrTimeout, "acquire lock 1: timed out")
		fails(t, l.AcquireTimeout(main, -time.Second), ErrTimeout, "")
		ok(t, l.Release(main))
		ok(t, l.AcquireTimeout(main, 0))
	})
	inBubble(t, "any thread may release", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock 1")
		join(t, main, start(t, main, func(t *Thread) error { return l.Acquire(t) }))
		ok(t, l.Release(main))
		fails(t, l.Release(main), ErrNotLocked, "release lock 1: not locked")
	})
	inBubble(t, "a context without a thread will do", func(t *testing.T, main *Thread, _ func()) {
		l, ctx := NewLock("lock 1"), context.Background()
		ok(t, l.Acquire(ctx))
		equal(t, "owner", l.Owner(), nil)
		equal(t, "locked", l.Locked(), true)
		equal(t, "text", l.String(), "lock 1 (held by a goroutine without a thread)")
		done := make(chan error)
		go func() { done <- l.Acquire(ctx) }()
		synctest.Wait()
		ok(t, l.Release(ctx))
		ok(t, <-done)
		ok(t, l.Release(ctx))
	})
	inBubble(t, "a waiter leaves when its time is up or its context ends", func(t *testing.T, main *Thread, _ func()) {
		l := NewLock("lock 1")
		ok(t, l.Acquire(main))
		ctx, cancel := context.WithCancelCause(main)
		timed := start(t, main, func(t *Thread) error { return l.AcquireTimeout(t, time.Second) })
		synctest.Wait()
		cancelled := start(t, ctx, func(t *Thread) error { return l.Acquire(t) })
		synctest.Wait()
		both := start(t, ctx, func(t *Thread) error { return l.AcquireTimeout(t, time.Hour) })
		synctest.Wait()
		patient := start(t, main, func(t *Thread) error { return l.Acquire(t) })
		fails(t, timed.Join(main), ErrTimeout, "acquire lock 1: timed out")
		closing := errors.New("closing time")
		cancel(closing)
		fails(t, cancelled.Join(main), closing, "acquire lock 1: closing time")
		fails(t, both.Join(main), closing, "")
		ok(t, l.Release(main))
		join(t, main, patient)
		equal(t, "owner", l.Owner(), patient)
	})
	inBubble(t, "an ended context gets what is free and does not begin to wait", func(t *testing.T, main *Thread, cancel func()) {
		l := NewLock("lock 1")
		cancel()
		ok(t, l.Acquire(main))
		fails(t, l.Acquire(main), context.Canceled, "acquire lock 1: context canceled")
		fails(t, l.AcquireTimeout(main, 0), context.Canceled, "")
	})
}

func TestRLock(t *testing.T) {
	inBubble(t, "its owner may come again, and has to leave as often", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("box")
		ok(t, l.Acquire(main))
		ok(t, l.Acquire(main))
		ok(t, l.AcquireTimeout(main, 0))
		equal(t, "try", l.TryAcquire(main), true)
		equal(t, "depth", l.Depth(), 4)
		equal(t, "text", l.String(), "box (held by MainThread, depth 4)")
		other := start(t, main, func(t *Thread) error { return l.Acquire(t) })
		for depth := 3; depth > 0; depth-- {
			ok(t, l.Release(main))
			equal(t, "depth", l.Depth(), depth)
			synctest.Wait()
			equal(t, "owner", l.Owner(), main)
		}
		ok(t, l.Release(main))
		join(t, main, other)
		equal(t, "owner", l.Owner(), other)
		equal(t, "depth", l.Depth(), 1)
		equal(t, "text", l.String(), "box (held by Thread-1)")
	})
	inBubble(t, "only its owner may release", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("box")
		fails(t, l.Release(main), ErrNotLocked, "release box: not locked")
		ok(t, l.Acquire(main))
		join(t, main, start(t, main, func(th *Thread) error {
			fails(t, l.Release(th), ErrNotOwner, "release box: not the owner, MainThread is")
			equal(t, "try by another", l.TryAcquire(th), false)
			fails(t, l.AcquireTimeout(th, 0), ErrTimeout, "")
			fails(t, l.AcquireTimeout(th, time.Second), ErrTimeout, "acquire box: timed out")
			return nil
		}))
		ok(t, l.Release(main))
		equal(t, "text", l.String(), "box (free)")
	})
	inBubble(t, "needs to know who comes", func(t *testing.T, main *Thread, _ func()) {
		l, ctx := new(RLock), context.Background()
		fails(t, l.Acquire(ctx), ErrNoThread, "acquire a lock: the context has no thread")
		fails(t, l.AcquireTimeout(ctx, time.Second), ErrNoThread, "")
		fails(t, l.Release(ctx), ErrNoThread, "")
		equal(t, "try", l.TryAcquire(ctx), false)
		ok(t, l.Acquire(main))
		fails(t, l.Release(ctx), ErrNoThread, "")
	})
	inBubble(t, "one at a time, in the order of coming", func(t *testing.T, main *Thread, _ func()) {
		l := NewRLock("box")
		ok(t, l.Acquire(main))
		var order []string
		var all []*Thread
		for range 4 {
			all = append(all, start(t, main, func(th *Thread) error {
				return With(th, l, func() error {
					return With(th, l, func() error { order = append(order, th.Name()); return nil })
				})
			}))
			synctest.Wait()
		}
		ok(t, l.Release(main))
		join(t, main, all...)
		equal(t, "order", fmt.Sprint(order), "[Thread-1 Thread-2 Thread-3 Thread-4]")
	})
}
