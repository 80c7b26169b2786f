package async

import (
	"context"
	"fmt"
)

// Coroutine is a function that may wait, called but not yet begun, as a call of a Python "async def" is. It runs when it is
// awaited, in the task that awaits it, once. Most Go code needs none: it calls the function with the task.
type Coroutine[T any] struct {
	body func(*Task) (T, error)
	used bool
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

func (c *Coroutine[T]) await(ctx context.Context) (T, error) {
	t := taskOf(ctx)
	if t == nil {
		var zero T
		return zero, fmt.Errorf("await a coroutine: %w", ErrNotInTask)
	}
	return c.Run(t)
}

func (c *Coroutine[T]) futureOn(l *Loop) *Future[T] { return CreateTask(l, c.Run) }
