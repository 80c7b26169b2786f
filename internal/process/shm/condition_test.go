//go:build linux

package shm

import (
	"context"
	"errors"
	"testing"
	"time"

	"cookbook/internal/process/failure"
)

var consume = scene("consume", func(ctx context.Context, s stage, x *shared) error {
	if err := x.Cond.Acquire(ctx); err != nil {
		return err
	}
	s.say("waits")
	if err := x.Cond.WaitUntil(ctx, func() bool { return x.Count.Load() > 0 }); err != nil {
		return err
	}
	x.Count.Add(-1)
	s.say("consumed")
	return x.Cond.Release()
})

func TestAConditionWakesWhoWaitsLongest(t *testing.T) {
	g := space(t)
	for _, l := range []Locker{nil, must[*Lock](t)(NewLock(g, "l"))} {
		c := must[*Condition](t)(NewCondition(g, "c", l))
		x := &shared{Cond: c, Count: must[*Value[int64]](t)(NewValue[int64](g, 0))}
		var parties []*party
		for i := range 3 {
			p := start(t, g, consume, x)
			p.wants("waits")
			eventually(t, "it waits", func() bool { return c.Waiting() == i+1 })
			parties = append(parties, p)
		}
		is(t, c.Notify(1), failure.ErrNotOwner)
		is(t, c.Wait(t.Context()), failure.ErrNotOwner)
		for _, p := range parties {
			is(t, c.Acquire(t.Context()), nil)
			x.Count.Add(1)
			is(t, c.Notify(1), nil)
			is(t, c.Release(), nil)
			p.wants("consumed")
			p.ends()
		}
	}
}

func TestADeadWaiterIsNotNotifiedInPlaceOfAnother(t *testing.T) {
	g := space(t)
	c := must[*Condition](t)(NewCondition(g, "c", nil))
	x := &shared{Cond: c, Count: must[*Value[int64]](t)(NewValue[int64](g, 0))}
	waits := func() *party {
		before := c.Waiting()
		p := start(t, g, consume, x)
		p.wants("waits")
		eventually(t, "it waits", func() bool { return c.Waiting() == before+1 })
		return p
	}
	first, second := waits(), waits()
	first.kill()
	is(t, c.Acquire(t.Context()), nil)
	x.Count.Add(1)
	is(t, c.Notify(1), nil)
	is(t, c.Release(), nil)
	second.wants("consumed")
	second.ends()

	// One that is notified and cannot return, because the lock is held, and dies: the next one is notified.
	first, second = waits(), waits()
	is(t, c.Acquire(t.Context()), nil)
	x.Count.Add(1)
	is(t, c.Notify(1), nil)
	first.kill()
	is(t, c.Release(), nil)
	second.wants("consumed")
	second.ends()
}

func TestAWaitForAConditionReturnsWithTheLock(t *testing.T) {
	g := space(t)
	l := must[*RLock](t)(NewRLock(g, "l"))
	c := must[*Condition](t)(NewCondition(g, "c", l))
	for range 2 {
		is(t, c.Acquire(t.Context()), nil)
	}
	is(t, c.WaitTimeout(t.Context(), 0), failure.ErrTimeout)
	is(t, c.WaitTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	is(t, c.Wait(ctx), context.Canceled)
	if l.Depth() != 2 {
		t.Errorf("depth %d, want 2", l.Depth())
	}
	p := start(t, g, goIn, &shared{RLock: l})
	waited := c.WaitTimeout // while this one waits the other holds the lock, and dies with it
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		p.out.ReadString('\n') // it has the lock
		p.kill()
	}()
	err := waited(t.Context(), time.Nanosecond)
	for err == nil || !errors.Is(err, failure.ErrOwnerDied) {
		is(t, err, failure.ErrTimeout)
		err = waited(t.Context(), time.Millisecond)
	}
	<-killed
	if l.Depth() != 2 {
		t.Errorf("depth %d, want 2", l.Depth())
	}
	is(t, c.NotifyAll(), nil)
}
