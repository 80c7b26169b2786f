package threading

import (
	"context"
	"errors"
	"time"
)

// A Timer is a thread that calls a function after some time, unless it is cancelled first. It has all methods of a Thread:
// Start starts the clock, Join waits until f has returned or the timer was cancelled.
//
// time.AfterFunc needs no goroutine while it waits, but a program cannot wait for its end.
//
// Python: threading.Timer.
type Timer struct {
	*Thread
	cancelled *Event
}

// NewTimer returns a timer that, d after its Start, calls f in its thread. The
// name is Thread-N like that of any thread.
//
// With d ≤ 0 it calls f at once, as in Python.
//
// Python: threading.Timer(d, f).
func NewTimer(ctx context.Context, d time.Duration, f func(t *Thread) error, opts ...Option) *Timer {
	t := &Timer{cancelled: new(Event)}
	t.Thread = NewThread(ctx, func(self *Thread) error {
		err := t.cancelled.WaitTimeout(self, d)
		if errors.Is(err, ErrTimeout) {
			return f(self)
		}
		return err
	}, opts...)
	t.cancelled.name = "the time of " + t.Name()
	return t
}

// Cancel ends the timer if f has not begun; otherwise it does nothing. It
// never blocks. Join then returns nil.
//
// Python: timer.cancel().
func (t *Timer) Cancel() { t.cancelled.Set() }
