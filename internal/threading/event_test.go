package threading

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvent(t *testing.T) {
	inBubble(t, "lets all go on once it is set", func(t *testing.T, main *Thread, _ func()) {
		var e Event
		var all []*Thread
		for range 5 {
			all = append(all, start(t, main, func(t *Thread) error { return e.Wait(t) }))
		}
		synctest.Wait()
		for _, th := range all {
			equal(t, "alive", th.IsAlive(), true)
		}
		equal(t, "text", e.String(), "an event (clear)")
		e.Set()
		equal(t, "set", e.IsSet(), true)
		join(t, main, all...)
		ok(t, e.Wait(main))
		ok(t, e.WaitTimeout(main, 0))
		e.Set()
		equal(t, "text", e.String(), "an event (set)")
	})
	inBubble(t, "a pulse wakes everyone who waits, and nobody who comes later", func(t *testing.T, main *Thread, _ func()) {
		e := NewEvent("pulse")
		for range 3 {
			var all []*Thread
			for range 8 {
				all = append(all, start(t, main, func(t *Thread) error { return e.Wait(t) }))
			}
			synctest.Wait()
			e.Set()
			e.Clear()
			fails(t, e.WaitTimeout(main, time.Second), ErrTimeout, "wait for pulse: timed out")
			join(t, main, all...)
		}
		equal(t, "set", e.IsSet(), false)
	})
	inBubble(t, "a waiter leaves when its time is up or its context ends", func(t *testing.T, main *Thread, _ func()) {
		e := NewEvent("event")
		ctx, cancel := context.WithCancel(main)
		fails(t, e.WaitTimeout(main, 0), ErrTimeout, "")
		fails(t, e.WaitTimeout(main, -1), ErrTimeout, "")
		th := start(t, ctx, func(t *Thread) error { return e.Wait(t) })
		synctest.Wait()
		cancel()
		fails(t, th.Join(main), context.Canceled, "wait for event: context canceled")
		fails(t, e.Wait(ctx), context.Canceled, "")
		e.Set()
		ok(t, e.Wait(ctx))
	})
	inBubble(t, "a context without a thread will do", func(t *testing.T, _ *Thread, _ func()) {
		e, done := NewEvent("event"), make(chan error)
		go func() { done <- e.Wait(context.Background()) }()
		synctest.Wait()
		e.Set()
		ok(t, <-done)
	})
}
