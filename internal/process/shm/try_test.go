//go:build linux

package shm

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"cookbook/internal/process/failure"
)

var errEnough = errors.New("enough")

func endedContext() context.Context {
	ctx, end := context.WithCancelCause(context.Background())
	end(errEnough)
	return ctx
}

// An attempt is one kind of wait, with a time-out and without.
type attempt struct {
	name string
	try  func(ctx context.Context, d time.Duration) error
	undo func() error
	wait func(ctx context.Context) error
}

// attempts returns all kinds of waits, on objects that are to be had, or not.
func attempts(t *testing.T, g *Space, there bool) []attempt {
	ctx := t.Context()
	lock, rlock := must[*Lock](t)(NewLock(g, "lock")), must[*RLock](t)(NewRLock(g, "rlock"))
	n := 0
	if there {
		n = 100
	}
	sem, event := must[*Semaphore](t)(NewSemaphore(g, "semaphore", n)), must[*Event](t)(NewEvent(g, "event"))
	full, empty := must[*Queue[int]](t)(NewQueue[int](g, "full", 100)), must[*JoinableQueue[int]](t)(NewJoinableQueue[int](g, "empty", 100))
	near, far, err := NewPipe[int, []int](g, "pipe")
	is(t, err, nil)
	if there {
		event.Set()
		for i := range 50 {
			is(t, errors.Join(empty.Put(ctx, i), near.Send(ctx, i)), nil)
		}
	} else {
		is(t, lock.Acquire(ctx), nil)
		is(t, rlock.Acquire(ctx), nil)
		rlock.me++ // as another process has it
		for full.TryPut(0) == nil {
		}
		for far.SendTimeout(ctx, make([]int, 1000), 0) == nil {
		}
	}
	none := func() error { return nil }
	return []attempt{
		{"Lock", lock.AcquireTimeout, lock.Release, lock.Acquire},
		{"RLock", rlock.AcquireTimeout, rlock.Release, rlock.Acquire},
		{"Semaphore", sem.AcquireTimeout, sem.Release, sem.Acquire},
		{"Event", event.WaitTimeout, none, event.Wait},
		{
			"Queue.Put", func(ctx context.Context, d time.Duration) error { return full.PutTimeout(ctx, 1, d) },
			func() error { _, err := full.TryGet(); return err }, func(ctx context.Context) error { return full.Put(ctx, 1) },
		},
		{
			"Queue.Get", func(ctx context.Context, d time.Duration) error { _, err := empty.GetTimeout(ctx, d); return err },
			func() error { return empty.TryPut(1) }, func(ctx context.Context) error { _, err := empty.Get(ctx); return err },
		},
		{
			"End.Send", func(ctx context.Context, d time.Duration) error { return far.SendTimeout(ctx, make([]int, 1000), d) },
			func() error { _, err := near.RecvTimeout(ctx, 0); return err },
			func(ctx context.Context) error { return far.Send(ctx, make([]int, 1000)) },
		},
		{
			"End.Recv", func(ctx context.Context, d time.Duration) error { _, err := far.RecvTimeout(ctx, d); return err },
			func() error { return near.Send(ctx, 1) }, func(ctx context.Context) error { _, err := far.Recv(ctx); return err },
		},
	}
}

// What is there is had by every form of a wait, at once, whatever others do meanwhile.
func TestATryGetsWhatIsThere(t *testing.T) {
	for _, a := range attempts(t, space(t), true) {
		var users sync.WaitGroup
		for range 4 {
			users.Go(func() {
				for i := range 500 {
					var err error
					switch i % 4 {
					case 0:
						err = a.try(t.Context(), 0)
					case 1:
						err = a.try(t.Context(), -time.Second)
					case 2:
						err = a.try(endedContext(), 0)
					case 3:
						err = a.wait(endedContext())
					}
					if (a.name == "Lock" || a.name == "RLock") && err != nil {
						continue // of which there is one, which may be changing hands
					}
					if err = errors.Join(err, a.undo()); err != nil {
						t.Errorf("%s, form %d: %v", a.name, i%4, err)
						return
					}
				}
			})
		}
		users.Wait()
	}
}

func TestATryOfWhatIsNotThereSaysWhy(t *testing.T) {
	for _, a := range attempts(t, space(t), false) {
		t.Run(a.name, func(t *testing.T) {
			is(t, a.try(t.Context(), 0), failure.ErrTimeout)
			is(t, a.try(t.Context(), -time.Second), failure.ErrTimeout)
			is(t, a.try(t.Context(), time.Microsecond), failure.ErrTimeout)
			is(t, a.try(endedContext(), 0), errEnough) // the end of the context wins
			is(t, a.try(endedContext(), time.Hour), errEnough)
			is(t, a.wait(endedContext()), errEnough)
		})
	}
}
