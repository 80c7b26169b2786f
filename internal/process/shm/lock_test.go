//go:build linux

package shm

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
)

var (
	countUnderLock = scene("count under a lock", func(ctx context.Context, s stage, x *shared) error {
		for range x.N {
			if err := x.Lock.Acquire(ctx); err != nil {
				return err
			}
			x.Count.Store(x.Count.Load() + 1) // two steps: without the lock updates would be lost
			if err := x.Lock.Release(); err != nil {
				return err
			}
		}
		return nil
	})
	holdLock = scene("hold a lock", func(ctx context.Context, s stage, x *shared) error {
		if err := x.Lock.Acquire(ctx); err != nil {
			return err
		}
		s.say("held")
		s.hear()
		return x.Lock.Release()
	})
	leaveLocked = scene("end with a lock held", func(ctx context.Context, s stage, x *shared) error {
		return x.Lock.Acquire(ctx)
	})
	greedy = scene("be greedy", func(ctx context.Context, s stage, x *shared) error {
		for x.Count.Load() == 0 {
			if err := x.Lock.Acquire(ctx); err != nil {
				return err
			}
			x.Other.Add(1)
			if err := x.Lock.Release(); err != nil {
				return err
			}
		}
		return nil
	})
)

func TestOneProcessAtATimeHoldsALock(t *testing.T) {
	g := space(t)
	x := &shared{Lock: must[*Lock](t)(NewLock(g, "l")), Count: must[*Value[int64]](t)(NewValue[int64](g, 0)), N: 20_000}
	parties := []*party{start(t, g, countUnderLock, x), start(t, g, countUnderLock, x), start(t, g, countUnderLock, x)}
	var both sync.WaitGroup
	for range 2 { // goroutines of one process exclude each other as well
		both.Go(func() {
			if err := scenes[countUnderLock](t.Context(), stage{}, x); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	for _, p := range parties {
		p.ends()
	}
	if got := x.Count.Load(); got != 5*int64(x.N) {
		t.Errorf("counted %d, want %d", got, 5*x.N)
	}
}

func TestWhoAcquiresTheLockOfADeadIsToldOnce(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, "printer"))
	p := start(t, g, holdLock, &shared{Lock: l})
	p.wants("held")
	if l.TryAcquire() || !l.Locked() {
		t.Error("it is not held")
	}
	waiting := make(chan error, 3)
	for range cap(waiting) {
		go func() {
			err := l.Acquire(t.Context())
			if err == nil || errors.Is(err, failure.ErrOwnerDied) {
				l.Release()
			}
			waiting <- err
		}()
	}
	eventually(t, "somebody sleeps", func() bool { return l.m.word.Load()&sleepers != 0 })
	p.kill()
	died := 0
	for range cap(waiting) {
		err := <-waiting
		if errors.Is(err, failure.ErrOwnerDied) {
			proctest.Mentions(t, err, "acquire printer")
			died++
		} else if err != nil {
			t.Error(err)
		}
	}
	if died != 1 {
		t.Errorf("%d were told, want 1", died)
	}
	if !l.TryAcquire() {
		t.Error("it is not free in the end")
	}
}

func TestADeathOfWhichNobodyTellsIsSeen(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, ""))
	p := start(t, g, holdLock, &shared{Lock: l})
	p.wants("held")
	p.cmd.Process.Kill() // and nobody waits for it: it is a zombie
	is(t, l.Acquire(t.Context()), failure.ErrOwnerDied)
	if g.arena.alive(p.slot) {
		t.Error("a zombie is called alive")
	}
}

func TestAProcessThatEndsWellWithALockHeldIsNoBetter(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, ""))
	start(t, g, leaveLocked, &shared{Lock: l}).ends()
	if l.TryAcquire() {
		t.Error("TryAcquire gets the lock of a dead and cannot say so")
	}
	is(t, l.Release(), failure.ErrOwnerDied)
	is(t, l.AcquireTimeout(t.Context(), 0), failure.ErrOwnerDied)
	is(t, l.Release(), nil)
	is(t, l.AcquireTimeout(t.Context(), 0), nil)
}

func TestAWaitForALockEnds(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, "l"))
	p := start(t, g, holdLock, &shared{Lock: l})
	p.wants("held")
	is(t, l.AcquireTimeout(t.Context(), 0), failure.ErrTimeout)
	is(t, l.AcquireTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	is(t, l.AcquireTimeout(t.Context(), 30*time.Millisecond), failure.ErrTimeout)
	gone := errors.New("no longer wanted")
	ctx, cancel := context.WithCancelCause(t.Context())
	waiting := make(chan error)
	go func() { waiting <- l.Acquire(ctx) }()
	eventually(t, "it sleeps", func() bool { return l.m.word.Load()&sleepers != 0 })
	cancel(gone)
	err := <-waiting
	is(t, err, gone)
	proctest.Mentions(t, err, "acquire l")
	is(t, l.Acquire(ctx), gone)
	p.tell("")
	p.ends()
	is(t, l.Acquire(ctx), nil) // what can be had is had
}

func TestALockIsReleasedByWhomever(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, "l"))
	is(t, l.Release(), failure.ErrNotLocked)
	start(t, g, holdLock, &shared{Lock: l}).wants("held")
	is(t, l.Release(), nil)
	is(t, l.Release(), failure.ErrNotLocked)
	is(t, l.Acquire(t.Context()), nil)
}

func TestNobodyStarvesAtALock(t *testing.T) {
	g := space(t)
	x := &shared{
		Lock: must[*Lock](t)(NewLock(g, "")), Count: must[*Value[int64]](t)(NewValue[int64](g, 0)), Other: must[*Value[int64]](t)(NewValue[int64](g, 0)),
	}
	parties := []*party{start(t, g, greedy, x), start(t, g, greedy, x)}
	for range 20 {
		had := x.Other.Load()
		eventually(t, "the others go on", func() bool { return x.Other.Load() > had })
		is(t, x.Lock.Acquire(t.Context()), nil)
		is(t, x.Lock.Release(), nil)
	}
	x.Count.Store(1)
	for _, p := range parties {
		p.ends()
	}
}

func TestAPromiseIsKeptOrTakenBack(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, ""))
	l.m.hungry.Store(l.me)
	l.m.word.Store(l.me | sleepers)
	is(t, l.Release(), nil)
	if l.m.word.Load()&owners != promised || l.TryAcquire() || l.Locked() {
		t.Errorf("word %#x, want it promised", l.m.word.Load())
	}
	is(t, l.Release(), failure.ErrNotLocked)
	is(t, l.AcquireTimeout(t.Context(), 0), failure.ErrTimeout)
	l.m.sated(l.me, true) // the hungry one goes away
	is(t, l.AcquireTimeout(t.Context(), 0), nil)

	p := start(t, g, holdLock, &shared{Lock: must[*Lock](t)(NewLock(g, "another"))})
	p.wants("held")
	l.m.hungry.Store(uint32(p.slot) + 1)
	is(t, l.Release(), nil)
	is(t, l.AcquireTimeout(t.Context(), 0), failure.ErrTimeout)
	p.kill()
	if v := l.m.hungry.Load(); v != 0 {
		t.Errorf("a dead process is hungry: %d", v)
	}
	is(t, l.AcquireTimeout(t.Context(), 0), nil)
}

func TestWithReleasesInAnyCase(t *testing.T) {
	g := space(t)
	l := must[*Lock](t)(NewLock(g, ""))
	fault := errors.New("fault")
	is(t, With(t.Context(), l, func() error { return fault }), fault)
	func() {
		defer func() { recover() }()
		With(t.Context(), l, func() error { panic("so") })
	}()
	start(t, g, leaveLocked, &shared{Lock: l}).ends()
	is(t, With(t.Context(), l, func() error { t.Error("f runs on what may be half done"); return nil }), failure.ErrOwnerDied)
	if l.Locked() {
		t.Error("it is held in the end")
	}
}

var goIn = scene("goIn twice", func(ctx context.Context, s stage, x *shared) error {
	for range 2 {
		if err := x.RLock.Acquire(ctx); err != nil {
			return err
		}
	}
	s.say("held %d deep", x.RLock.Depth())
	s.hear()
	for range 2 {
		if err := x.RLock.Release(); err != nil {
			return err
		}
	}
	return nil
})

func TestAnRLockIsItsProcesss(t *testing.T) {
	g := space(t)
	l := must[*RLock](t)(NewRLock(g, "r"))
	is(t, l.Release(), failure.ErrNotLocked)
	p := start(t, g, goIn, &shared{RLock: l})
	p.wants("held 2 deep")
	is(t, l.Release(), failure.ErrNotOwner)
	is(t, l.AcquireTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	if l.TryAcquire() || l.Depth() != 0 || !l.Locked() {
		t.Errorf("another process's lock: %v", l)
	}
	p.tell("")
	is(t, l.Acquire(t.Context()), nil)
	p.ends()
	if !l.TryAcquire() || l.Depth() != 2 {
		t.Errorf("own lock: %v", l)
	}
	is(t, l.Release(), nil)
	is(t, l.Release(), nil)
	is(t, l.Release(), failure.ErrNotLocked)

	p = start(t, g, goIn, &shared{RLock: l})
	p.wants("held 2 deep")
	p.kill()
	is(t, l.Release(), failure.ErrNotOwner)
	is(t, l.Acquire(t.Context()), failure.ErrOwnerDied)
	if l.Depth() != 1 {
		t.Errorf("depth %d after the death of a holder", l.Depth())
	}
	is(t, l.Release(), nil)
	if l.Locked() {
		t.Error("it is held in the end")
	}
}
