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
	if t.done == nil {
		t.done = make(chan struct{})
		if t.told {
			close(t.done)
		}
	}
	return t.done
}

// Err implements context.Context: ErrCancelled once the task is told to end.
func (t *Task) Err() error {
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	if t.told {
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
	if t.trace != nil {
		return t.trace.Value(key)
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
