package async

import (
	"context"
	"time"
)

// Deadline implements context.Context: a task has none.
func (t *Task) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context: the channel is closed when the task is told to end.
func (t *Task) Done() <-chan struct{} {
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	r := t.specialLocked()
	if r.done == nil {
		r.done = make(chan struct{})
		if r.told {
			close(r.done)
		}
	}
	return r.done
}

// Err implements context.Context: ErrCancelled once the task is told to end.
func (t *Task) Err() error {
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	if r := t.rare.Load(); r != nil && r.told {
		return ErrCancelled
	}
	return nil
}

type taskKey struct{}

// Value implements context.Context.
func (t *Task) Value(key any) any {
	if key == (taskKey{}) {
		return t
	}
	if tr := t.trace(); tr != nil {
		return tr.Value(key)
	}
	return nil
}

// taskOf returns the task that ctx is, or is made from; otherwise nil.
func taskOf(ctx context.Context) *Task {
	if t, ok := ctx.(*Task); ok {
		return t
	}
	t, _ := ctx.Value(taskKey{}).(*Task)
	return t
}
