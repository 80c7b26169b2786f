package async

import (
	"context"
	"fmt"
	"runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// The states of a future. One that is pending or running is not done.
const (
	pending uint32 = iota
	running        // an executor runs its function: too late to cancel
	finished
	cancelled
)

// core is the part of a future that does not depend on the type of the result. There may be a million, so it is small.
type core struct {
	mu        sync.Mutex
	state     atomic.Uint32 // becomes done with mu held, and then the error and the value change no more
	retrieved atomic.Bool   // the result has been asked for
	loop      *Loop         // that it belongs to, if any
	task      *Task         // whose result it is
	first     waiter        // most futures have one
	rare      atomic.Pointer[rareCore]
}

// A rareCore is what few futures have. It is made with mu held, and stays.
type rareCore struct {
	onCancel  func() bool   // instead of becoming cancelled
	gathering *gathering    // whose future it is
	done      chan struct{} // made when a goroutine waits
	lastID    int
	firstID   int      // that of the core's first waiter
	more      []waiter // in order; a removed one is empty until there are many
	ids       []int    // of more; nil as long as they are those up to lastID
	holes     int      // empty ones in more
	err       error
}

// special returns what few futures have and makes it if it is not there. Mu is held, or nobody else has the future yet. A core
// that has had none has had one waiter at most, number 1, which is there still.
func (c *core) special() *rareCore {
	r := c.rare.Load()
	if r == nil {
		r = new(rareCore)
		if !c.first.empty() {
			r.lastID, r.firstID = 1, 1
		}
		c.rare.Store(r)
	}
	return r
}

// onCancel has f called in place of cancel.
func (c *core) onCancel(f func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.special().onCancel = f
}

// gathering returns that of which it is the result, nil if there is none.
func (c *core) gathering() *gathering {
	if r := c.rare.Load(); r != nil {
		return r.gathering
	}
	return nil
}

// failure returns the error of a future that is done.
func (c *core) failure() error {
	if r := c.rare.Load(); r != nil && r.err != nil {
		return r.err
	}
	if c.Cancelled() {
		return ErrCancelled
	}
	return nil
}

// Done reports whether there is a result or an error, or the future was cancelled.
func (c *core) Done() bool { return c.state.Load() >= finished }

// Running reports whether an executor runs its function now.
func (c *core) Running() bool { return c.state.Load() == running }

// Cancelled reports whether it was cancelled.
func (c *core) Cancelled() bool { return c.state.Load() == cancelled }

// Cancel cancels the future and reports whether it could. A function that an executor runs already, and a future that is
// done, cannot be cancelled. The future of a task asks the task to end: see [Task.Cancel].
func (c *core) Cancel() bool {
	c.checkGoroutine("cancel")
	if c.task != nil {
		return c.task.Cancel()
	}
	if r := c.rare.Load(); r != nil && r.onCancel != nil {
		return !c.Done() && r.onCancel()
	}
	return c.cancel()
}

// cancel makes it cancelled unless it is done, or runs.
func (c *core) cancel() bool {
	c.mu.Lock()
	if !c.SetRunning() {
		c.mu.Unlock()
		return false
	}
	c.settle(cancelled, ErrCancelled)
	return true
}

// Task returns the task whose result this is, nil if it is not that of a task.
func (c *core) Task() *Task { return c.task }

// SetRunning marks that an executor runs the future's function now, after which it cannot be cancelled. It is false if the future
// is cancelled, done or running already, and then the function must not run. It is for executors: Future.set_running_or_notify_cancel.
func (c *core) SetRunning() bool { return c.state.CompareAndSwap(pending, running) }

// settle makes it done. Mu is held and given back before anybody is told.
func (c *core) settle(state uint32, err error) {
	if err != nil && (err != ErrCancelled || state != cancelled) {
		c.special().err = err
	}
	r, first := c.rare.Load(), c.first
	c.first = waiter{}
	c.state.Store(state)
	if r == nil {
		c.mu.Unlock()
		c.tell(first)
		return
	}
	more, done := r.more, r.done
	r.more = nil
	c.mu.Unlock()
	if done != nil {
		close(done)
	}
	if len(more) > 0 {
		c.tellAll(more, first)
	} else {
		c.tell(first)
	}
}

// tellAll defers the calls, in reverse order, so that one that panics does not keep the others from theirs.
func (c *core) tellAll(more []waiter, first waiter) {
	for _, w := range slices.Backward(more) {
		defer c.tell(w)
	}
	c.tell(first)
}

func (c *core) tell(w waiter) {
	switch {
	case w.task != nil && c.loop != nil:
		w.task.wakeFrom(c)
	case w.task != nil:
		w.task.fut.loop.post(posted{task: w.task, from: c})
	case w.f != nil && c.loop != nil:
		c.loop.later(w.f)
	case w.f != nil:
		w.f()
	}
}

// wait returns nil when the future is done, otherwise the reason why it no longer waits.
func (c *core) wait(ctx context.Context) error {
	if t := taskOf(ctx); t != nil {
		return t.waitFor(ctx, c, nil)
	}
	return c.block(ctx, nil, 0)
}

func (c *core) waitTimeout(ctx context.Context, d time.Duration) error {
	if t := taskOf(ctx); t != nil {
		return t.waitForTimeout(ctx, c, d)
	}
	if d <= 0 && c.loop == nil {
		return timedOut(nil, d)
	}
	due, stop := turn.Timeout(ctx, d)
	defer stop()
	return c.block(ctx, due, d)
}

// block blocks the goroutine until the future is done, ctx ends, or due has a value, which comes after d; nil: it never does. A
// result beats a time-out.
func (c *core) block(ctx context.Context, due <-chan time.Time, d time.Duration) error {
	if c.loop != nil {
		return fmt.Errorf("wait for a loop's future that is not done: %w", ErrNotInTask)
	}
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"a future").End()
	select {
	case <-c.doneChannel():
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-due:
		if !c.Done() {
			return timedOut(nil, d)
		}
	}
	return nil
}

func (c *core) doneChannel() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.special()
	if r.done == nil {
		r.done = make(chan struct{})
		if c.Done() {
			close(r.done)
		}
	}
	return r.done
}

func (c *core) checkGoroutine(what string) {
	if c.loop != nil {
		c.loop.checkGoroutine(what)
	}
}
