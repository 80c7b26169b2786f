package threading

import (
	"context"
	"sync"
	"time"

	"cookbook/internal/waitfor"
)

// A Locker is a lock that a Condition can stand on: a *Lock or an *RLock, and
// no other, because a Condition reaches into it.
type Locker interface {
	Acquire(ctx context.Context) error
	AcquireTimeout(ctx context.Context, d time.Duration) error
	TryAcquire(ctx context.Context) bool
	Release(ctx context.Context) error
	core() *mutex
}

// A Condition lets a thread that holds a lock wait until another thread has changed what the lock guards and says so.
// Meanwhile the lock is released. Several conditions may share one lock.
//
// A thread that is notified has to look whether it can go on, for another one may have come first. So wait in a loop, or
// with WaitUntil.
//
// A sync.Cond does the same, but its Wait has neither a time-out nor a context. A notification together with the wake-up
// costs 180 ns, or 260 if the context can end. With a sync.Cond it costs 130.
//
// Python: threading.Condition.
type Condition struct {
	lock    Locker
	m       *mutex // inside the lock
	waiters line   // guarded by the lock's own mutex, so that Notify can move waiters over
}

// NewCondition returns a condition on l; nil stands for a new RLock, as in
// Python.
//
// Python: threading.Condition(l).
func NewCondition(l Locker) *Condition {
	if l == nil {
		l = NewRLock("")
	}
	return &Condition{lock: l, m: l.core()}
}

// Acquire acquires the lock.
func (c *Condition) Acquire(ctx context.Context) error { return c.lock.Acquire(ctx) }

// AcquireTimeout acquires the lock, or returns ErrTimeout after d. With d ≤ 0 it only tries; in Python a d of -1 waits for
// ever.
func (c *Condition) AcquireTimeout(ctx context.Context, d time.Duration) error {
	return c.lock.AcquireTimeout(ctx, d)
}

// TryAcquire acquires the lock if it is free and reports whether it did.
func (c *Condition) TryAcquire(ctx context.Context) bool { return c.lock.TryAcquire(ctx) }

// Release releases the lock.
func (c *Condition) Release(ctx context.Context) error { return c.lock.Release(ctx) }

// Wait releases the lock, an RLock whatever its depth, and blocks until it is notified or ctx ends. Then it acquires the
// lock again, to the same depth, and returns. So after the end of ctx it can still block for as long as others hold the
// lock. If ctx has ended before, it keeps the lock and does not wait. The error wraps the cause of ctx, or is ErrNotOwner if
// the thread of ctx does not hold the lock.
//
// Python: condition.wait().
func (c *Condition) Wait(ctx context.Context) error {
	w, err := c.enter(ctx, forever)
	if err != nil {
		return err
	}
	if w.plain {
		<-w.ready // here, not in a helper, for the reason given at Event.Wait
		return w.finish()
	}
	return c.wait(ctx, w, forever)
}

// WaitTimeout is Wait with a time-out: the error is ErrTimeout if no notification came within d. The lock is released and
// acquired again even if d ≤ 0.
//
// Python: condition.wait(d), which returns False after a time-out. A negative d is one at once there as well.
func (c *Condition) WaitTimeout(ctx context.Context, d time.Duration) error {
	d = max(d, 1) // 0 would not even begin
	w, err := c.enter(ctx, d)
	if err != nil {
		return err
	}
	return c.wait(ctx, w, d)
}

// WaitUntil waits until ready, called with the lock held, returns true. It asks first, so it does not wait if that is true
// already.
//
// Python: condition.wait_for(ready).
func (c *Condition) WaitUntil(ctx context.Context, ready func() bool) error {
	for !ready() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// enter puts the thread of ctx in line and releases its lock.
func (c *Condition) enter(ctx context.Context, d time.Duration) (*waiter, error) {
	t, m := Current(ctx), c.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.requireOwner(t, "wait for a notification on"); err != nil {
		return nil, err
	}
	w, err := c.waiters.enter(ctx, t, d, c)
	if err != nil {
		return nil, failed("wait for a notification on", m.title(), err)
	}
	w.n = m.depth
	logHold(ctx, waitfor.LogRelease, m.name)
	m.handOver()
	return w, nil
}

// wait returns with the lock held.
func (c *Condition) wait(ctx context.Context, w *waiter, d time.Duration) error {
	err := w.choose(ctx, &c.waiters, d)
	if err != nil && !c.giveUp(w) {
		err = nil // a notification was faster: the lock will be handed over, or has been
		<-w.ready
	}
	w.finish()
	logHold(ctx, waitfor.LogAcquire, c.m.name)
	if err != nil {
		return failed("wait for a notification on", c.m.title(), err)
	}
	return nil
}

// giveUp takes w out of the condition's line and waits until it has the lock again, which nothing can interrupt. It returns
// false if w was notified, so that it no longer stands there.
func (c *Condition) giveUp(w *waiter) bool {
	m := c.m
	m.mu.Lock()
	if !c.waiters.drop(w) {
		m.mu.Unlock()
		return false
	}
	if m.depth == 0 {
		m.owner, m.depth = w.thread, w.n
		m.mu.Unlock()
		return true
	}
	m.reenter(w)
	m.mu.Unlock()
	w.announce()
	<-w.ready
	return true
}

// Notify wakes the n threads that have waited longest, or all if there are fewer; n ≤ 0 wakes none. Each returns from Wait
// when it has the lock again. They get it in the same order, after the threads that wait for the lock already. The error is
// ErrNotOwner if the caller does not hold the lock. Notify never blocks.
//
// Python: condition.notify(n).
func (c *Condition) Notify(ctx context.Context, n int) error {
	m := c.m
	m.mu.Lock()
	if err := m.requireOwner(Current(ctx), "notify the waiters on"); err != nil {
		m.mu.Unlock()
		return err
	}
	// A thread that woke up now would have to wait for the lock, which the caller holds. So it is not woken but moved to the
	// lock's line, and wakes up when it has the lock.
	for ; n > 0 && c.waiters.first != nil; n-- {
		m.reenter(c.waiters.pop())
	}
	m.mu.Unlock()
	return nil
}

// NotifyAll wakes all threads that wait. The error is ErrNotOwner if the caller does not hold the lock. It never blocks.
//
// Python: condition.notify_all().
func (c *Condition) NotifyAll(ctx context.Context) error {
	const all = int(^uint(0) >> 1)
	return c.Notify(ctx, all)
}

func (c *Condition) open() bool { return true }

func (c *Condition) internal() *sync.Mutex { return &c.m.mu }

func (c *Condition) describe(*line) (string, []*Thread) {
	return "a notification on " + c.m.title(), nil
}
