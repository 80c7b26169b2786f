//go:build linux

package shm

import (
	"context"
	"errors"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
)

var (
	hold = scene("hold some of a semaphore", func(ctx context.Context, s stage, x *shared) error {
		for range x.N {
			if err := x.Sem.Acquire(ctx); err != nil {
				return err
			}
		}
		s.say("held")
		s.hear()
		return x.Sem.ReleaseN(x.N)
	})
	signals = scene("signal", func(ctx context.Context, s stage, x *shared) error {
		for range x.N {
			if err := x.Sem.Release(); err != nil {
				return err
			}
		}
		return nil
	})
	crowd = scene("be in a crowd", func(ctx context.Context, s stage, x *shared) error {
		for range x.N {
			if err := x.Sem.Acquire(ctx); err != nil {
				return err
			}
			if n := x.Count.Add(1); n > 2 {
				s.say("%d are inside", n)
			}
			x.Count.Add(-1)
			if err := x.Sem.Release(); err != nil {
				return err
			}
		}
		return nil
	})
)

func TestASemaphoreAdmitsSoManyAndNoMore(t *testing.T) {
	g := space(t)
	x := &shared{Sem: must[*Semaphore](t)(NewBoundedSemaphore(g, "s", 2)), Count: must[*Value[int64]](t)(NewValue[int64](g, 0)), N: 5000}
	var parties []*party
	for range 4 {
		parties = append(parties, start(t, g, crowd, x))
	}
	for _, p := range parties {
		if text, err := p.out.ReadString('\n'); err == nil {
			t.Error(text)
		}
		p.ends()
	}
	if x.Sem.Value() != 2 {
		t.Errorf("in the end %v", x.Sem)
	}
	is(t, x.Sem.Release(), ErrTooManyReleases)
}

func TestWhatADeadProcessHeldOfASemaphoreComesBack(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewBoundedSemaphore(g, "seats", 3))
	p := start(t, g, hold, &shared{Sem: sem, N: 2})
	p.wants("held")
	is(t, sem.Acquire(t.Context()), nil)
	if sem.TryAcquire() || sem.Value() != 0 {
		t.Errorf("%v, want none left", sem)
	}
	waiting := make(chan error)
	go func() { waiting <- sem.Acquire(t.Context()) }()
	p.kill()
	is(t, <-waiting, nil)
	if sem.Value() != 1 {
		t.Errorf("%v, want 1: two came back and one is taken", sem)
	}
	p = start(t, g, hold, &shared{Sem: sem, N: 1})
	p.wants("held")
	p.cmd.Process.Kill() // nobody says so, and it stays a zombie
	is(t, sem.Acquire(t.Context()), nil)
	is(t, sem.ReleaseN(3), nil)
	is(t, sem.Release(), ErrTooManyReleases)
}

func TestASemaphoreThatIsASignalGivesNothingBack(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewSemaphore(g, "items", 0))
	p := start(t, g, signals, &shared{Sem: sem, N: 5})
	for range 3 {
		is(t, sem.Acquire(t.Context()), nil)
	}
	p.ends()
	p = start(t, g, hold, &shared{Sem: sem, N: 2})
	p.wants("held")
	p.kill()
	is(t, sem.AcquireTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	if sem.Value() != 0 {
		t.Errorf("%v: what was used up is back", sem)
	}
}

func TestAWaitForASemaphoreEnds(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewSemaphore(g, "s", 0))
	is(t, sem.AcquireTimeout(t.Context(), 0), failure.ErrTimeout)
	gone := errors.New("no longer wanted")
	ctx, cancel := context.WithCancelCause(t.Context())
	waiting := make(chan error)
	go func() { waiting <- sem.Acquire(ctx) }()
	cancel(gone)
	err := <-waiting
	is(t, err, gone)
	proctest.Mentions(t, err, "acquire s")
	is(t, sem.ReleaseN(-1), failure.ErrNegative)
	is(t, sem.Release(), nil)
	is(t, sem.Acquire(ctx), nil)
}

func TestTheHungryIsServedFirstByASemaphore(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewSemaphore(g, "s", 1))
	p := start(t, g, hold, &shared{Sem: must[*Semaphore](t)(NewSemaphore(g, "another", 1)), N: 1})
	p.wants("held")
	sem.s.hungry.Store(uint32(p.slot) + 1)
	is(t, sem.AcquireTimeout(t.Context(), 0), failure.ErrTimeout)
	p.kill()
	is(t, sem.AcquireTimeout(t.Context(), 0), nil)
}

func TestWhatADeadLeftHalfDoneInASemaphoreIsPutRight(t *testing.T) {
	g := space(t)
	sem := must[*Semaphore](t)(NewSemaphore(g, "s", 5))
	p := start(t, g, hold, &shared{Sem: sem, N: 2})
	p.wants("held")
	// As if it were in the middle of taking the account back from this process.
	is(t, sem.Acquire(t.Context()), nil)
	sem.s.guard.word.Store(uint32(p.slot) + 1)
	sem.s.held[ownerIn(sem.s.word.Load())-1] = 3
	is(t, sem.Release(), nil)
	p.kill()
	if sem.Value() != 5 || sem.s.guard.word.Load() != 0 {
		t.Errorf("%v, guard %#x, want 5 and free", sem, sem.s.guard.word.Load())
	}
}

func TestASemaphoreNeedsASensibleValue(t *testing.T) {
	g := space(t)
	_, err := NewSemaphore(g, "s", -1)
	is(t, err, failure.ErrNegative)
}
