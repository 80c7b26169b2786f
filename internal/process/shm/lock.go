package shm

import (
	"context"
	"errors"
	"runtime"
	"runtime/trace"
	"time"

	"cookbook/internal/process/failure"
)

// A Lock is held by one process of a group at a time. Any process may release it, as in Python. It is not re-entrant,
// and within a process it does not matter which goroutine acquires and which releases.
//
// If its holder ends without a release, killed for example, the next Acquire gets the lock together with an error that
// wraps [failure.ErrOwnerDied]; in Python the others wait for ever.
//
// It is not strictly first come, first served: that would cost a change of process for every release. But a process that has
// waited for 2 ms is next, so none starves.
//
// A Lock travels to other processes of the group as an argument does. Acquire and Release cost what two compare-and-swaps
// do as long as nobody waits.
//
// Python: multiprocessing.Lock.
type Lock struct {
	object
	m *mutex
}

// NewLock returns a free lock. The name appears in errors.
func NewLock(in *Space, name string) (*Lock, error) {
	l := new(Lock)
	var err error
	if l.m, err = makeObject[mutex](&l.object, in, name, kindLock, nil); err != nil {
		return nil, err
	}
	l.learnName()
	return l, nil
}

func (l *Lock) title() string { return title(l.name, kindLock) }

// Acquire blocks until this process has the lock, or until ctx ends; then the error wraps its cause and the lock is not
// held. A free lock is taken without a look at whether ctx has ended.
//
// There is one error with which the lock is held: [failure.ErrOwnerDied].
//
// Python: lock.acquire().
func (l *Lock) Acquire(ctx context.Context) error {
	if l.m.try(l.me) {
		l.raceAcquire(0)
		if trace.IsEnabled() {
			l.took()
		}
		runtime.KeepAlive(l)
		return nil
	}
	return l.acquire(l.wait(ctx, noLimit))
}

// AcquireTimeout is Acquire, but [failure.ErrTimeout] if the lock is not to be had within d. It tries before it waits, so d
// ≤ 0 is a try.
//
// Python: lock.acquire(timeout=d).
func (l *Lock) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return l.acquire(l.wait(ctx, max(d, 0)))
}

func (l *Lock) acquire(w wait) error {
	w.lock = l.at
	died, err := l.m.lock(l.me, &w)
	w.noteEnd()
	l.raceAcquire(0)
	if err == nil && trace.IsEnabled() {
		l.took()
	}
	if died {
		err = failure.ErrOwnerDied
	}
	if err != nil {
		return failure.Of("acquire", l.title(), err)
	}
	return nil
}

// TryAcquire takes the lock if it is free and reports whether it did. It never blocks. The lock of a holder that died is
// not free: only Acquire gets it, because only Acquire can say so.
//
// Python: lock.acquire(block=False).
func (l *Lock) TryAcquire() bool {
	got := l.m.try(l.me)
	l.raceAcquire(0)
	if got && trace.IsEnabled() {
		l.took()
	}
	runtime.KeepAlive(l)
	return got
}

// Release frees the lock. It never blocks. It is [failure.ErrNotLocked] if the lock is free, and [failure.ErrOwnerDied] if
// its holder has died and nobody has acquired it since.
//
// Python: lock.release().
func (l *Lock) Release() error {
	l.raceRelease(0)
	if trace.IsEnabled() && l.Locked() {
		l.gives()
	}
	if l.m.word.CompareAndSwap(l.me, 0) {
		runtime.KeepAlive(l)
		return nil
	}
	for {
		v := l.m.word.Load()
		switch v & owners {
		case 0, promised:
			return failure.Of("release", l.title(), failure.ErrNotLocked)
		case orphan:
			return failure.Of("release", l.title(), failure.ErrOwnerDied)
		}
		if l.m.unlock(v) {
			runtime.KeepAlive(l)
			return nil
		}
	}
}

// Locked reports whether the lock is held at this moment.
func (l *Lock) Locked() bool {
	owner := l.m.word.Load() & owners
	runtime.KeepAlive(l)
	return owner != 0 && owner != promised
}

// mine reports whether this process holds the lock.
func (l *Lock) mine() bool { return l.m.word.Load()&owners == l.me }

// drop and regain are what a Condition does with its lock around a wait.
func (l *Lock) drop() (depth uint32) {
	l.raceRelease(0)
	if trace.IsEnabled() {
		l.gives()
	}
	l.m.done(l.me)
	return 1
}

func (l *Lock) regain(w *wait, _ uint32) (died bool, err error) {
	died, err = l.m.lock(l.me, w)
	l.raceAcquire(0)
	if err == nil && trace.IsEnabled() {
		l.took()
	}
	return died, err
}

// String says the name and whether the lock is held.
func (l *Lock) String() string {
	if l.Locked() {
		return l.title() + " (held)"
	}
	return l.title() + " (free)"
}

// MarshalBinary says which lock of which group it is.
func (l *Lock) MarshalBinary() ([]byte, error) { return l.marshal(kindLock) }

// UnmarshalBinary finds the lock that another process of this group has sent; otherwise the error wraps [ErrNotHere].
func (l *Lock) UnmarshalBinary(data []byte) error {
	m, err := findObject[mutex](&l.object, data, kindLock)
	if err == nil {
		l.m = m
		l.learnName()
	}
	return err
}

// With acquires l, runs f and releases l, also if f panics. If l cannot be acquired f does not run. That is so, too, if the
// holder of l has died: then l is released and the error, which wraps [failure.ErrOwnerDied], says that what it guards needs
// a look. It works for everything that is acquired and released.
//
// Python: with l: f().
func With(ctx context.Context, l interface {
	Acquire(ctx context.Context) error
	Release() error
}, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil {
		return released(l, err)
	}
	defer func() { err = joined(err, l.Release()) }()
	return f()
}

// released gives l back if err says that it was acquired nevertheless.
func released(l interface{ Release() error }, err error) error {
	if errors.Is(err, failure.ErrOwnerDied) {
		return joined(err, l.Release())
	}
	return err
}

// joined is errors.Join that leaves a single error as it is.
func joined(first, second error) error {
	if second == nil {
		return first
	}
	return errors.Join(first, second)
}
