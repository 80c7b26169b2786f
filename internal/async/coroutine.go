package async

import (
	"context"
	"fmt"
)

// Coroutine is a call that has not begun of a function that may wait. A call of a Python "async def" returns the same. It
// runs once, when it is awaited, in the task that awaits it. Most Go code does not need it: it calls the function and passes
// the task.
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
