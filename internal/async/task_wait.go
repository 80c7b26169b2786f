package async

import (
	"context"
	"fmt"
	"time"
)

// check returns ErrNotInTask unless t is the task that runs.
func (t *Task) check(what string) error {
	if t.fut.loop.current.Load() != t {
		return fmt.Errorf("%s in %s: %w", what, t.Name(), ErrNotInTask)
	}
	t.fut.loop.checkGoroutine(what)
	return nil
}

// park suspends the task until it is made ready again, and returns ErrCancelled if that was done to end it.
func (t *Task) park() error {
	if !t.closing {
		if t.mustCancel { // asked while it ran: the others have their turn all the same
			t.fut.loop.enqueue(t)
		}
		t.parked = true
		if tr := t.trace(); tr == nil {
			t.yield(struct{}{})
		} else {
			tr.yield(t)
		}
		t.parked = false
	}
	switch {
	case t.closing:
		t.unschedule()
		return fmt.Errorf("%w: the loop is closed", ErrCancelled)
	case t.mustCancel:
		t.mustCancel = false
		t.unschedule()
		return ErrCancelled
	}
	return nil
}

// enqueue gives the task a step in the next turn.
func (l *Loop) enqueue(t *Task) {
	if !t.scheduled {
		t.scheduled = true
		l.ready = append(l.ready, entry{task: t})
		if tr := t.trace(); tr != nil {
			tr.ready()
		}
	}
}

// mayAwait returns ErrNotInTask unless t is the task that runs and may wait for c.
func (t *Task) mayAwait(c *core) error {
	switch err := t.check("await"); {
	case err != nil:
		return err
	case c.loop != nil && c.loop != t.fut.loop:
		return fmt.Errorf("await in %s a future of another loop: %w", t.Name(), ErrNotInTask)
	case c.task == t:
		return fmt.Errorf("%s awaits itself: %w", t.Name(), ErrNotInTask)
	}
	return nil
}

// waitFor suspends the task until c is done, or until *late is true if late is not nil.
func (t *Task) waitFor(ctx context.Context, c *core, late *bool) error {
	if err := t.mayAwait(c); err != nil {
		return err
	}
	if ctx != t && ctx.Done() != nil { // a context made from the task's, which may end before the task does
		defer context.AfterFunc(ctx, func() { t.fut.loop.post(posted{task: t, from: c}) })()
	}
	for asked := t.Cancelling(); !c.Done() && (late == nil || !*late); {
		if ctx != t && ctx.Err() != nil && t.Cancelling() <= asked { // or the request has gone to c, which ends the wait
			return context.Cause(ctx)
		}
		id, added := c.add(waiter{task: t})
		if !added {
			break
		}
		t.waitsFor = c
		if t.mustCancel && c.Cancel() { // asked while it ran: passed on all the same
			t.mustCancel = false
		}
		err := t.park()
		t.waitsFor = nil
		if (err != nil || !c.Done()) && !t.closing {
			c.removeCallback(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Task) waitForTimeout(ctx context.Context, c *core, d time.Duration) error {
	if err := t.check("await"); err != nil {
		return err
	}
	late := false
	timer := t.fut.loop.CallLater(d, func() { late = true; t.wakeFrom(c) })
	defer timer.Cancel()
	if err := t.waitFor(ctx, c, &late); err != nil {
		return err
	}
	if !c.Done() {
		return timedOut(t, d)
	}
	return nil
}

// timedOut is the error of a wait for a future that is over after d; t is nil outside of tasks.
func timedOut(t *Task, d time.Duration) error {
	if t == nil {
		return fmt.Errorf("wait for a future: %w after %v", ErrTimeout, d)
	}
	return fmt.Errorf("%s waits for a future: %w after %v", t.Name(), ErrTimeout, d)
}

// wakeFrom makes the task ready if it still waits for c.
func (t *Task) wakeFrom(c *core) {
	if t.waitsFor == c {
		t.fut.loop.enqueue(t)
	}
}
