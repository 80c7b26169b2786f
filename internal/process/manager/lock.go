package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
)

// A Lock is a lock that a manager holds: manager.Lock(). It belongs to the process that has acquired it, and goes to the
// process that has waited longest. When its holder dies, the next one gets it and is told by [failure.ErrOwnerDied]. In
// Python all others would wait for ever.
type Lock struct{ proxy }

const lockType = "process.ManagedLock"

// NewLock has the manager make a lock.
func NewLock(ctx context.Context, m *Manager) (*Lock, error) {
	p, err := newProxy(ctx, m, ofLock, lockType)
	if err != nil {
		return nil, err
	}
	return &Lock{p}, nil
}

// GobEncode and GobDecode let the proxy travel.
func (l *Lock) GobEncode() ([]byte, error) { return l.encode() }

// GobDecode reads what GobEncode wrote.
func (l *Lock) GobDecode(from []byte) error { return l.decode(from, lockType) }

// Acquire waits for the lock. An error means that it was not got, but for [failure.ErrOwnerDied]: then it was. Unlike a lock
// in shared memory it is not asked for if ctx has ended.
func (l *Lock) Acquire(ctx context.Context) error { return l.told(l.acquire(ctx, doAcquire)) }

// AcquireTimeout is [Lock.Acquire] that waits no longer than d: then the error wraps [failure.ErrTimeout]. If d ≤ 0 it is a
// try, for which the manager has two seconds to answer.
func (l *Lock) AcquireTimeout(ctx context.Context, d time.Duration) error {
	what, limit := byte(doAcquire), d
	if d <= 0 {
		what, limit = doTry, worker.Patience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w after %v", failure.ErrTimeout, limit))
	defer cancel()
	err := l.acquire(ctx, what)
	if errors.Is(err, errGaveUp) {
		err = failure.ErrTimeout
	}
	return l.told(err)
}

// TryAcquire takes the lock if it is free, and reports whether it did.
func (l *Lock) TryAcquire(ctx context.Context) (bool, error) {
	err := l.acquire(ctx, doTry)
	if errors.Is(err, errGaveUp) {
		return false, nil
	}
	return err == nil || errors.Is(err, failure.ErrOwnerDied), l.told(err)
}

func (l *Lock) told(err error) error {
	if err != nil {
		return fmt.Errorf("acquire %s: %w", l, err)
	}
	return nil
}

// acquire asks for the lock, and keeps the connection on which it was granted: the lock is free again when that ends.
func (l *Lock) acquire(ctx context.Context, what byte) error {
	if l.client == nil {
		return errNoManager
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	link, err := l.client.take(ctx)
	if err != nil {
		return err
	}
	code, err := link.acquire(ctx, what, l.id)
	if err != nil {
		link.close()
		return err
	}
	switch err := errorOf(code); {
	case err == nil || errors.Is(err, failure.ErrOwnerDied):
		return l.client.hold(l.id, link, err)
	case errors.Is(err, errGaveUp) && what == doAcquire:
		l.client.put(link)
		return context.Cause(ctx)
	default:
		l.client.put(link)
		return err
	}
}

// acquire asks for a lock. When ctx ends it gives up, and still waits a little for the answer, which may be the lock all the same.
func (l *link) acquire(ctx context.Context, what byte, id uint64) (code byte, err error) {
	code, _, err = l.ask(ctx, what, id)
	if err == nil || ctx.Err() == nil {
		return code, err
	}
	last, cancel := context.WithTimeout(context.Background(), worker.Grace)
	defer cancel()
	code, _, none := l.ask(last, doGiveUp, id)
	if none == nil {
		err = nil
	}
	return code, err
}

// hold keeps the connection on which a lock is held.
func (c *client) hold(id uint64, l *link, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		l.close()
		return ErrGone
	}
	c.held[id] = l
	return err
}

// Release gives the lock back. The error wraps [failure.ErrNotLocked] if nobody has it, and [failure.ErrNotOwner] if another
// process has.
func (l *Lock) Release() error {
	if l.client == nil {
		return errNoManager
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), worker.Patience, ErrGone)
	defer cancel()
	l.client.mu.Lock()
	link := l.client.held[l.id]
	delete(l.client.held, l.id)
	l.client.mu.Unlock()
	if link == nil {
		_, err := l.do(ctx, "release", doRelease)
		return err
	}
	code, _, err := link.ask(ctx, doRelease, l.id)
	if err != nil {
		link.close() // which releases it, too
		return fmt.Errorf("release %s: %w", l, err)
	}
	l.client.put(link)
	return errorOf(code)
}
