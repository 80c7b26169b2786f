package ch2

import (
	"context"
	"errors"
	"sync"
	"time"

	"cookbook/internal/transcript"
)

// An account guarded by a sync.Mutex, the lock to use. A wait for a mutex cannot be given up. Where it must be, a channel with
// room for one value is a lock, too: to send acquires it, to receive releases it, and select waits for something else as well.

// account's zero value is ready to use. The mutex stands above what it guards.
type account struct {
	mu      sync.Mutex
	balance int
}

// add reads and writes with the lock held, so that no other update comes between.
func (a *account) add(amount int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += amount
}

var (
	errNotLocked = errors.New("release lock: not locked")
	errBusy      = errors.New("acquire lock: still locked when the time was up")
)

// chanLock is a lock that a goroutine can stop waiting for.
type chanLock chan struct{}

func newChanLock() chanLock { return make(chanLock, 1) }

// acquire waits until the lock is free, or ctx ends.
func (l chanLock) acquire(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// release never waits. Any goroutine may call it.
func (l chanLock) release() error {
	select {
	case <-l:
		return nil
	default:
		return errNotLocked
	}
}

func lockBare(ctx context.Context, out *transcript.Log) error {
	const updates = 100_000

	out.Note("One goroutine adds 1, another subtracts 1, equally often.")
	var shared account
	var both sync.WaitGroup
	for _, by := range []int{+1, -1} {
		both.Go(func() {
			for range updates {
				shared.add(by)
			}
		})
	}
	both.Wait()
	out.Printf("the value of shared variable with lock management is %d", shared.balance)
	out.Check("with the lock no update is lost", shared.balance, 0)

	out.Note("A locked lock that nobody releases: with a mutex the next Lock would wait for ever.")
	lock := newChanLock()
	if err := lock.acquire(ctx); err != nil {
		return err
	}
	short, cancel := context.WithTimeoutCause(ctx, 10*time.Millisecond, errBusy)
	defer cancel()
	err := lock.acquire(short)
	out.Printf("%v", err)
	out.Check("a wait for this lock can be given up", errors.Is(err, errBusy), true)

	out.Note("The first release is right, the second is one too many. Unlock of an unlocked mutex would end the program.")
	if err := lock.release(); err != nil {
		return err
	}
	err = lock.release()
	out.Printf("%v", err)
	out.Check("release of an unlocked lock is an error", errors.Is(err, errNotLocked), true)
	return nil
}
