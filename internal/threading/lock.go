package threading

import (
	"context"
	"time"

	"cookbook/internal/waitfor"
)

// A Lock is held by one thread at a time; any thread may release it. It is fair: a release hands it to the thread that has
// waited longest. The zero value is a free lock without a name; a Lock must not be copied after first use. Because any thread
// may release it, [AwaitDeadlock] reports it only when none is left to do so; an RLock, which has one owner, it reports at once.
//
// If you need no time-out, no fairness and no owner, take a sync.Mutex. It costs 10 ns, and Acquire with Release costs 22.
// Under contention the difference is larger: a hand-over costs 200.
//
// Python: threading.Lock.
type Lock struct{ mutex }

// NewLock returns a free lock. The name appears in errors and reports.
func NewLock(name string) *Lock { return &Lock{mutex{name: name}} }

// Acquire blocks until the lock is handed over, or until ctx ends; then the error wraps its cause and the lock is not held.
// A free lock is taken even if ctx has ended. A thread that acquires the lock twice waits for itself: use an RLock.
//
// Python: lock.acquire().
func (l *Lock) Acquire(ctx context.Context) error { return l.acquire(ctx, forever) }

// AcquireTimeout is Acquire with a time-out: the error is ErrTimeout if the lock is not handed over within d. With d ≤ 0 it
// only tries.
//
// Python: lock.acquire(timeout=d), which waits for ever if d is -1: call Acquire for that.
func (l *Lock) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return l.acquire(ctx, max(d, 0))
}

func (l *Lock) acquire(ctx context.Context, d time.Duration) error {
	t := Current(ctx)
	l.mu.Lock()
	if l.depth > 0 {
		l.anyone = true
		if err := l.wait(ctx, t, d); err != nil {
			return err
		}
	} else {
		l.owner, l.depth = t, 1
		l.mu.Unlock()
	}
	logHold(ctx, waitfor.LogAcquire, l.name)
	return nil
}

// TryAcquire takes the lock if it is free and reports whether it did. It never
// blocks and never allocates.
//
// Python: lock.acquire(blocking=False).
func (l *Lock) TryAcquire(ctx context.Context) bool {
	t := Current(ctx)
	l.mu.Lock()
	free := l.depth == 0
	if free {
		l.owner, l.depth = t, 1
	}
	l.mu.Unlock()
	if free {
		logHold(ctx, waitfor.LogAcquire, l.name)
	}
	return free
}

// Release hands the lock to the thread that has waited longest, or sets it free. It never blocks. Any thread may call it.
// The error is ErrNotLocked if the lock is free.
//
// Python: lock.release().
func (l *Lock) Release(ctx context.Context) error {
	l.mu.Lock()
	if l.depth == 0 {
		l.mu.Unlock()
		return failed("release", l.title(), ErrNotLocked)
	}
	logHold(ctx, waitfor.LogRelease, l.name) // before another thread can log that it holds the lock
	l.handOver()
	l.mu.Unlock()
	return nil
}

// core is for a Condition, whose waiters come to wait for the lock without an Acquire.
func (l *Lock) core() *mutex {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.anyone = true
	return &l.mutex
}
