package async

import "fmt"

// Lock lets one task at a time in: asyncio.Lock. Use it where a task waits between reading and writing what others change
// too; between two waits no lock is needed, for no other task runs. It goes to whoever has waited longest. It, and the
// others here, must be used from one loop only. The zero value is an unlocked lock without a name.
type Lock struct {
	line  line
	owner *Task
}

// NewLock returns an unlocked lock. The name is for reports.
func NewLock(name string) *Lock { return &Lock{line: line{what: "lock " + name}} }

// Acquire waits until the lock is t's. With an error it is not: ErrCancelled, or ErrNotInTask if t is not the task that runs.
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

// TryAcquire takes the lock if nobody has it.
func (l *Lock) TryAcquire(t *Task) bool {
	if l.owner != nil {
		return false
	}
	l.owner = t
	return true
}

// Release gives the lock to the next in line. As in Python any task may. ErrNotLocked if nobody has it.
func (l *Lock) Release() error {
	if l.owner == nil {
		return fmt.Errorf("release %s: %w", l.line.what, ErrNotLocked)
	}
	l.owner = l.line.give()
	return nil
}

// Owner is the task that has the lock, nil if none has.
func (l *Lock) Owner() *Task { return l.owner }
