//go:build linux

package shm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/failure"
)

var (
	waitForEvent = scene("wait for an event", func(ctx context.Context, s stage, x *shared) error {
		s.say("waits")
		if err := x.Event.Wait(ctx); err != nil {
			return err
		}
		s.say("goes on")
		return nil
	})
	meet = scene("meet", func(ctx context.Context, s stage, x *shared) error {
		for range x.N {
			if _, err := x.Barrier.Wait(ctx); err != nil {
				return err
			}
			if x.Count.Add(1) > x.Other.Load() {
				s.say("one is ahead")
			}
			if _, err := x.Barrier.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	comeOnce = scene("come to a barrier", func(ctx context.Context, s stage, x *shared) error {
		s.say("comes")
		_, err := x.Barrier.Wait(ctx)
		if errors.Is(err, failure.ErrBroken) {
			s.say("broken")
			return nil
		}
		return err
	})
	consume = scene("consume", func(ctx context.Context, s stage, x *shared) error {
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
)

func TestAnEventLetsAllGoOn(t *testing.T) {
	g := space(t)
	e := must[*Event](t)(NewEvent(g, "start"))
	x := &shared{Event: e}
	parties := []*party{start(t, g, waitForEvent, x), start(t, g, waitForEvent, x)}
	for _, p := range parties {
		p.wants("waits")
	}
	is(t, e.WaitTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	e.Set()
	for _, p := range parties {
		p.wants("goes on")
		p.ends()
	}
	if !e.IsSet() || e.Wait(t.Context()) != nil {
		t.Error("it is not set")
	}
	e.Clear()
	e.Clear()
	if e.IsSet() {
		t.Error("it is set")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	is(t, e.Wait(ctx), context.Canceled)
}

func TestASetReachesWhoWaitsEvenIfClearFollows(t *testing.T) {
	g := space(t)
	e := must[*Event](t)(NewEvent(g, ""))
	for range 20 {
		p := start(t, g, waitForEvent, &shared{Event: e})
		p.wants("waits")
		eventually(t, "it sleeps", func() bool { return e.s.sleeping.Load() != 0 })
		e.Set()
		e.Clear()
		p.wants("goes on")
		p.ends()
	}
}

func TestProcessesMeetAtABarrierRoundAfterRound(t *testing.T) {
	g := space(t)
	x := &shared{
		Barrier: must[*Barrier](t)(NewBarrier(g, "b", 3)),
		Count:   must[*Value[int64]](t)(NewValue[int64](g, 0)), Other: must[*Value[int64]](t)(NewValue[int64](g, 0)), N: 500,
	}
	parties := []*party{start(t, g, meet, x), start(t, g, meet, x)}
	for i := range x.N {
		x.Other.Store(2 * int64(i+1)) // only now may they have come so far
		for range 2 {
			if _, err := x.Barrier.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range parties {
		if text, err := p.out.ReadString('\n'); err == nil {
			t.Error(text)
		}
		p.ends()
	}
	if got := x.Count.Load(); got != 2*int64(x.N) {
		t.Errorf("counted %d, want %d", got, 2*x.N)
	}
}

func TestTheIndexSaysInWhichPlaceOneCame(t *testing.T) {
	g := space(t)
	b := must[*Barrier](t)(NewBarrier(g, "b", 4))
	var mu sync.Mutex
	var got []int
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			i, err := b.Wait(t.Context())
			is(t, err, nil)
			mu.Lock()
			got = append(got, i)
			mu.Unlock()
		})
	}
	all.Wait()
	slices.Sort(got)
	if !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("places %v", got)
	}
}

func TestABarrierBreaksWhenOneThatWaitsDies(t *testing.T) {
	for _, told := range []bool{true, false} {
		g := space(t)
		b := must[*Barrier](t)(NewBarrier(g, "b", 3))
		dies, lives := start(t, g, comeOnce, &shared{Barrier: b}), start(t, g, comeOnce, &shared{Barrier: b})
		dies.wants("comes")
		lives.wants("comes")
		eventually(t, "both are there", func() bool { return b.Waiting() == 2 })
		if told {
			dies.kill()
		} else {
			dies.cmd.Process.Kill() // the other one finds out
		}
		lives.wants("broken")
		lives.ends()
		_, err := b.Wait(t.Context())
		is(t, err, failure.ErrBroken)
		b.Reset()
		p1, p2 := start(t, g, comeOnce, &shared{Barrier: b}), start(t, g, comeOnce, &shared{Barrier: b})
		_, err = b.Wait(t.Context())
		is(t, err, nil)
		p1.ends()
		p2.ends()
	}
}

func TestABarrierBreaksWhenOneGivesUp(t *testing.T) {
	g := space(t)
	b := must[*Barrier](t)(NewBarrier(g, "b", 2))
	_, err := b.WaitTimeout(t.Context(), time.Millisecond)
	is(t, err, failure.ErrTimeout)
	is(t, err, failure.ErrBroken)
	if !b.Broken() || b.Waiting() != 0 {
		t.Errorf("%v", b)
	}
	b.Reset()
	p := start(t, g, comeOnce, &shared{Barrier: b})
	eventually(t, "it is there", func() bool { return b.Waiting() == 1 })
	b.Reset()
	p.wants("comes")
	p.wants("broken")
	p.ends()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Wait(ctx)
	is(t, err, context.Canceled)
	is(t, err, failure.ErrBroken)
	_, err = NewBarrier(g, "", 0)
	is(t, err, ErrNoParties)
}

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

var addUp = scene("add up", func(ctx context.Context, s stage, x *shared) error {
	for i := range x.N {
		x.Count.Add(1)
		x.Numbers.Add(i%x.Numbers.Len(), 1)
		err := x.Other.With(ctx, func(v *int64) error { *v++; return nil })
		if err != nil {
			return err
		}
	}
	return nil
})

func TestNumbersAreSharedAndLoseNoUpdate(t *testing.T) {
	g := space(t)
	x := &shared{
		Count: must[*Value[int64]](t)(NewValue[int64](g, 5)), Other: must[*Value[int64]](t)(NewValue[int64](g, 0)),
		Numbers: must[*Array[int32]](t)(NewArray[int32](g, 7)), N: 7000,
	}
	p1, p2 := start(t, g, addUp, x), start(t, g, addUp, x)
	p1.ends()
	p2.ends()
	if x.Count.Load() != 14005 || x.Other.Load() != 14000 {
		t.Errorf("%v and %v, want 14005 and 14000", x.Count, x.Other)
	}
	if got := x.Numbers.String(); got != "[2000 2000 2000 2000 2000 2000 2000]" {
		t.Errorf("array %v", got)
	}
}

func TestNumbersOfAllSizesKeepToTheirPlace(t *testing.T) {
	g := space(t)
	sendsNumbers[int8](t, g, -128)
	sendsNumbers[uint8](t, g, 255)
	sendsNumbers[int16](t, g, -32768)
	sendsNumbers[uint16](t, g, 65535)
	sendsNumbers[float32](t, g, -1.5)
	sendsNumbers[float64](t, g, 2.5e300)
	sendsNumbers[int](t, g, -1)
	sendsNumbers[uint64](t, g, 1<<63)
}

func sendsNumbers[T Number](t *testing.T, g *Space, v T) {
	a := must[*Array[T]](t)(NewArray[T](g, 9))
	want := make([]T, 9)
	for i := range want {
		a.Store(i, v-T(i))
		want[i] = v - T(i)
	}
	want[4] += 3
	if got := a.Add(4, 3); got != want[4] {
		t.Errorf("%T: added to %v, want %v", v, got, want[4])
	}
	if !a.CompareAndSwap(5, want[5], 1) || a.CompareAndSwap(5, 2, 3) {
		t.Errorf("%T: CompareAndSwap does not look", v)
	}
	want[5] = 1
	is(t, a.With(t.Context(), func(all []T) error {
		if !slices.Equal(all, want) {
			t.Errorf("%T: %v, want %v", v, all, want)
		}
		return nil
	}), nil)
	data := must[[]byte](t)(a.MarshalBinary())
	var same Array[T]
	is(t, same.UnmarshalBinary(data), nil)
	if same.Load(8) != want[8] {
		t.Errorf("%T: found %v", v, &same)
	}
	var other Array[uintptr]
	is(t, other.UnmarshalBinary(data), ErrNotHere)
	defer func() {
		if recover() == nil {
			t.Errorf("%T: there is a number 9 of 9", v)
		}
	}()
	a.Load(9)
}
