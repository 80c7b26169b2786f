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

var meet = scene("meet", func(ctx context.Context, s stage, x *shared) error {
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

var comeOnce = scene("come to a barrier", func(ctx context.Context, s stage, x *shared) error {
	s.say("comes")
	_, err := x.Barrier.Wait(ctx)
	if errors.Is(err, failure.ErrBroken) {
		s.say("broken")
		return nil
	}
	return err
})

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
