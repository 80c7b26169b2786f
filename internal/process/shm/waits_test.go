//go:build linux

package shm

import (
	"context"
	"slices"
	"testing"
	"time"
)

// crossing takes the lock and then the re-entrant one.
var crossing = scene("take both locks", func(ctx context.Context, s stage, x *shared) error {
	if err := x.Lock.Acquire(ctx); err != nil {
		return err
	}
	s.say("has the first")
	s.hear()
	return x.RLock.Acquire(ctx)
})

func TestWaitsTellsWhoWaitsForWhichLockAndWhoHoldsIt(t *testing.T) {
	g := space(t)
	x := &shared{Lock: must[*Lock](t)(NewLock(g, "printer")), RLock: must[*RLock](t)(NewRLock(g, ""))}
	is(t, x.RLock.Acquire(t.Context()), nil)
	p := start(t, g, crossing, x)
	p.wants("has the first")
	if all := g.Waits(); len(all) != 0 {
		t.Errorf("nobody waits, and it says %v", all)
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- x.Lock.AcquireTimeout(ctx, time.Hour) }()
	p.tell("go on")
	want := []Wait{
		{Slot: 0, Lock: "printer", Holder: p.slot, Bounded: true},
		{Slot: p.slot, Lock: "a re-entrant lock", Holder: 0},
	}
	eventually(t, "both are seen to wait", func() bool { return slices.Equal(g.Waits(), want) })
	end()
	is(t, <-ended, context.Canceled)
	if all := g.Waits(); !slices.Equal(all, want[1:]) {
		t.Errorf("one waits, and it says %v", all)
	}
	p.kill()
	if all := g.Waits(); len(all) != 0 {
		t.Errorf("nobody waits any more, and it says %v", all)
	}
}
