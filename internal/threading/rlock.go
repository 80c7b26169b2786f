package threading

import (
	"context"
	"time"

	"cookbook/internal/waitfor"
)

// An RLock may be acquired again by the thread that holds it, and is free once
// that thread has released it as often. It needs to know who calls: every ctx
// must have a thread. It is as fair as a Lock; the zero value is a free lock
// without a name; an RLock must not be copied after first use.
//
// Go has none on purpose: that a function needs its lock again usually says
// that its invariants are not in order. The Go way is an exported method that
// locks around an unexported one that does not.
//
// Python: threading.RLock.
type RLock struct{ mutex }

// NewRLock returns a free lock. The name appears in errors and reports.
func NewRLock(name string) *RLock { return &RLock{mutex{name: name}} }

// Acquire takes the lock, at once if it is free or the thread of ctx already
// holds it; otherwise it blocks like Lock.Acquire. Without a thread it is
// ErrNoThread. Acquire with Release costs 23 ns, also when re-entered.
//
// Python: rlock.acquire().
func (l *RLock) Acquire(ctx context.Context) error { return l.acquire(ctx, forever) }

// AcquireTimeout is Acquire, but ErrTimeout if the lock is not handed over
// within d. It tries before it waits, so d ≤ 0 is a try.
//
// Python: rlock.acquire(timeout=d).
func (l *RLock) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return l.acquire(ctx, max(d, 0))
}

func (l *RLock) acquire(ctx context.Context, d time.Duration) error {
	t := Current(ctx)
	if t == nil {
		return failed("acquire", l.title(), ErrNoThread)
	}
	l.mu.Lock()
	if l.depth > 0 && l.owner != t {
		if err := l.wait(ctx, t, d); err != nil {
			return err
		}
	} else {
		l.owner = t
		l.depth++
		l.mu.Unlock()
	}
	logHold(ctx, waitfor.LogAcquire, l.name)
	return nil
}

// TryAcquire takes the lock if that needs no waiting and reports whether it
// did; without a thread it does not. It never blocks and never allocates.
//
// Python: rlock.acquire(blocking=False).
func (l *RLock) TryAcquire(ctx context.Context) bool {
	t := Current(ctx)
	if t == nil {
		return false
	}
	l.mu.Lock()
	taken := l.depth == 0 || l.owner == t
	if taken {
		l.owner = t
		l.depth++
	}
	l.mu.Unlock()
	if taken {
		logHold(ctx, waitfor.LogAcquire, l.name)
	}
	return taken
}

// Release undoes one Acquire; the one that undoes the first hands the lock to
// whoever waits longest, or sets it free. It never blocks. It is ErrNotLocked
// if the lock is free, ErrNotOwner if another thread holds it, and ErrNoThread
// if ctx has no thread.
//
// Python: rlock.release().
func (l *RLock) Release(ctx context.Context) error {
	t := Current(ctx)
	l.mu.Lock()
	if l.depth == 0 || l.owner != t {
		defer l.mu.Unlock()
		return l.cannotRelease(t)
	}
	if l.depth > 1 {
		l.depth--
	} else {
		l.handOver()
	}
	l.mu.Unlock()
	logHold(ctx, waitfor.LogRelease, l.name)
	return nil
}

// cannotRelease says why not; mu is held.
func (l *RLock) cannotRelease(t *Thread) error {
	switch {
	case t == nil:
		return failed("release", l.title(), ErrNoThread)
	case l.depth == 0:
		return failed("release", l.title(), ErrNotLocked)
	}
	return &failure{"release", l.title(), ErrNotOwner, ", " + l.holder() + " is"}
}

// Depth returns how often the lock has to be released until it is free; 0 if
// it is.
func (l *RLock) Depth() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.depth
}
