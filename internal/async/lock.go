package async

import (
	"fmt"

	"cookbook/internal/waitfor"
)

// Lock is held by one task at a time: asyncio.Lock. Use it where a task waits between reading and writing what others change
// too. Between two waits a task needs no lock, because no other task runs. A lock that is released goes to the task that has
// waited longest. A Lock, an Event, a Semaphore and a Queue must be used from one loop only. The zero value is an unlocked
// lock without a name.
type Lock struct {
	line  line
	owner *Task
}

// NewLock returns an unlocked lock. The name is for reports.
func NewLock(name string) *Lock { return &Lock{line: line{what: "lock " + name}} }

// Acquire waits until t holds the lock. If it returns an error, t does not hold it: ErrCancelled, or ErrNotInTask if t is
// not the task that runs.
func (l *Lock) Acquire(t *Task) error {
	if err := t.check("acquire " + l.line.what); err != nil {
		return err
	}
	if l.TryAcquire(t) {
		return nil
	}
	l.line.held = l.Owner
	given, err := l.line.wait(t)
	if err != nil && given {
		l.Release()
	}
	return err
}

// TryAcquire takes the lock if it is free, and reports whether it did. It does not wait.
func (l *Lock) TryAcquire(t *Task) bool {
	if l.owner != nil {
		return false
	}
	l.owner = t
	logHold(t, waitfor.LogAcquire, l.line.what)
	return true
}

// Release gives the lock to the next in line, or sets it free. As in Python, any task may call it. The error is ErrNotLocked
// if the lock is free.
func (l *Lock) Release() error {
	if l.owner == nil {
		return fmt.Errorf("release %s: %w", l.line.what, ErrNotLocked)
	}
	logHold(l.owner, waitfor.LogRelease, l.line.what)
	l.owner = l.line.give()
	logHold(l.owner, waitfor.LogAcquire, l.line.what)
	return nil
}

// Owner returns the task that holds the lock, nil if it is free.
func (l *Lock) Owner() *Task { return l.owner }
