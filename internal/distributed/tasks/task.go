package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

	"cookbook/internal/distributed/registry"
)

// A Task is a function that workers know by a name. Make one with [Register].
type Task[A, R any] struct {
	name     string
	defaults []Option
}

// definition is a task as a worker needs it: without its types.
type definition struct {
	// run decodes the argument, calls the function and encodes its result. A *malformedError is an argument that cannot be
	// decoded.
	run func(ctx context.Context, argument []byte) (result json.RawMessage, err error)
}

var known = registry.New[definition]("task")

// Register makes a function known as a task. It is called at package level, so that the client's process and the worker's
// know the same:
//
//	var add = tasks.Register("ch5.add", func(ctx context.Context, p pair) (int, error) { return p.X + p.Y, nil })
//
// Argument and result travel as JSON: an argument is one value, so several are a struct; fields without a capital stay behind.
// The options are those of each call of the task, unless the call has others. It costs what an entry in a map costs, and
// panics if the name is empty or taken.
func Register[A, R any](name string, f func(ctx context.Context, arg A) (R, error), defaults ...Option) *Task[A, R] {
	known.Add(name, definition{func(ctx context.Context, argument []byte) (encoded json.RawMessage, err error) {
		defer func() { // of f, and of methods of what it takes and returns
			if p := recover(); p != nil {
				encoded, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		var arg A
		if err := json.Unmarshal(argument, &arg); err != nil {
			return nil, &malformedError{fmt.Errorf("its argument is not a %T in JSON: %w", arg, err)}
		}
		result, err := f(ctx, arg)
		if err != nil {
			_ = err.Error() // one that panics does so here
			return nil, err
		}
		b, err := json.Marshal(result)
		if err != nil {
			return nil, Permanent(fmt.Errorf("its result cannot be sent as JSON: %w", err))
		}
		return b, nil
	}})
	return &Task[A, R]{name, defaults}
}

// Name is the name under which workers know the task.
func (t *Task[A, R]) Name() string { return t.name }

// Registered returns the names of all tasks of this program, sorted.
func Registered() []string { return known.Names() }

// Delay sends a call of the task to the workers and does not wait for it. Celery: delay. The engine has the call when Delay
// returns; a worker may have done it by then, or there may be no worker yet.
func (t *Task[A, R]) Delay(ctx context.Context, app *App, arg A) (*AsyncResult[R], error) {
	return t.Apply(ctx, app, arg)
}

// Apply is [Task.Delay] with options. Celery: apply_async. Errors: an argument that is not JSON, one that is larger than the
// engine takes (engine.ErrTooLarge), an option that makes no sense (ErrOption), an engine that does not answer.
func (t *Task[A, R]) Apply(ctx context.Context, app *App, arg A, options ...Option) (*AsyncResult[R], error) {
	r, err := t.Request(arg, options...)
	if err != nil {
		return nil, err
	}
	if err := app.send(ctx, r); err != nil {
		return nil, err
	}
	return resultOf[R](app, r), nil
}

// ApplyAll calls the task once for each argument. It is much faster than as many calls of [Task.Apply], because it does not
// wait for one to be stored before it sends the next. If it fails, some calls may have been sent.
func (t *Task[A, R]) ApplyAll(ctx context.Context, app *App, args []A, options ...Option) ([]*AsyncResult[R], error) {
	requests := make([]*Request, len(args))
	results := make([]*AsyncResult[R], len(args))
	for i, arg := range args {
		r, err := t.Request(arg, options...)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
		requests[i], results[i] = r, resultOf[R](app, r)
	}
	if err := app.sendAll(ctx, requests); err != nil {
		return nil, err
	}
	return results, nil
}

// Request makes a call of the task without sending it.
func (t *Task[A, R]) Request(arg A, options ...Option) (*Request, error) {
	b, err := json.Marshal(arg)
	if err != nil {
		return nil, fmt.Errorf("call %s: its argument cannot be sent as JSON: %w", t.name, err)
	}
	r, err := newRequest(t.name, b, slices.Concat(t.defaults, options))
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", t.name, err)
	}
	return r, nil
}

// Result is the result of a call that was made elsewhere, by its id. An id that nobody has sent is PENDING, as in Celery.
func (t *Task[A, R]) Result(app *App, id string) *AsyncResult[R] {
	return resultOf[R](app, &Request{ID: id, Name: t.name})
}
