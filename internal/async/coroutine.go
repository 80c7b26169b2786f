package async

import (
	"context"
	"fmt"
)

// Coroutine is a call that has not begun of a function that may wait. A call of a Python "async def" returns the same. It
// runs once, when it is awaited, in the task that awaits it. Most Go code does not need it: it calls the function and passes
// the task.
type Coroutine[T any] struct {
	body    func(*Task) (T, error)
	used    bool
	started *Future[T] // by a Gather
	by      *gathering
}

// NewCoroutine returns body as a coroutine that has not begun.
func NewCoroutine[T any](body func(t *Task) (T, error)) *Coroutine[T] {
	return &Coroutine[T]{body: body}
}

// Run runs the coroutine in task t. The second time it returns ErrAwaited. It can be the body of a task:
// CreateTask(loop, c.Run).
func (c *Coroutine[T]) Run(t *Task) (T, error) {
	var zero T
	if err := t.check("await a coroutine"); err != nil {
		return zero, err
	}
	if c.used {
		return zero, fmt.Errorf("await a coroutine in %s: %w", t.Name(), ErrAwaited)
	}
	c.used = true
	return c.body(t)
}

func (c *Coroutine[T]) await(ctx context.Context) (v T, err error) {
	t := taskOf(ctx)
	if t == nil {
		return v, fmt.Errorf("await a coroutine: %w", ErrNotInTask)
	}
	if ctx == context.Context(t) || ctx.Done() == nil {
		return c.Run(t)
	}
	before, over, asked := t.Cancelling(), false, false
	stop := context.AfterFunc(ctx, func() {
		t.fut.loop.post(posted{f: func() {
			if !over && t.Cancelling() <= before { // otherwise the task has been told already
				asked = t.Cancel()
			}
		}})
	})
	defer func() {
		stop()
		over = true
		if asked && t.Uncancel() <= before && onlyCancelled(err) {
			err = context.Cause(ctx)
		}
	}()
	return c.Run(t)
}

func (c *Coroutine[T]) futureOn(l *Loop) *Future[T] { return CreateTask(l, c.Run) }

func (c *Coroutine[T]) gathered(l *Loop, by *gathering) *Future[T] {
	if c.by != by {
		c.started, c.by = c.futureOn(l), by
		by.started = append(by.started, &c.started.core)
	}
	return c.started
}
