package async

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Awaitable is what [Await] takes: a *[Future] or a *[Coroutine].
type Awaitable[T any] interface {
	await(ctx context.Context) (T, error)
	futureOn(l *Loop) *Future[T]
	gathered(l *Loop, by *gathering) *Future[T]
}

// Await waits for a's result and returns it. Ctx says who waits. In a task, pass the task: it is suspended, and others run
// until the result is there. Anywhere else Await blocks the goroutine until the result is there, or until ctx ends; then it
// returns context.Cause(ctx). A loop's own future can be awaited only in a task of the loop; otherwise the error is
// ErrNotInTask.
//
// A coroutine is run in place, as part of the task that awaits it. If ctx is made from the task and ends first, the wait that
// the coroutine is in returns ErrCancelled, and Await returns context.Cause(ctx) when the coroutine has ended. A future is
// left alone when ctx ends, for others have it, too; but see [Gather]. A cancelled future, and a cancelled wait, give
// ErrCancelled: see [Task.Cancel].
func Await[T any](ctx context.Context, a Awaitable[T]) (T, error) { return a.await(ctx) }

// Future is a result that is not there yet: concurrent.futures.Future and asyncio.Future in one. A future made by
// [NewFuture] or by an executor, and the zero Future, may be used from any goroutine. One made by [CreateFuture] or
// [CreateTask] belongs to a loop and is used from there only; its callbacks run as the loop's callbacks do, in their turn.
type Future[T any] struct {
	core
	value T
}

// NewFuture returns a future for use between goroutines.
func NewFuture[T any]() *Future[T] { return new(Future[T]) }

// CreateFuture returns a future of a loop: loop.create_future().
func CreateFuture[T any](on Owner) *Future[T] {
	f := new(Future[T])
	f.loop, _ = on.owner()
	return f
}

// SetResult makes the future done with a result and wakes all that wait for it. The error is ErrDone if the future is done
// already, also if it was cancelled.
func (f *Future[T]) SetResult(v T) error {
	f.checkGoroutine("set a result")
	f.mu.Lock()
	if f.Done() {
		f.mu.Unlock()
		return fmt.Errorf("set the result of a future: %w", ErrDone)
	}
	f.value = v
	f.settle(finished, nil)
	return nil
}

// SetException makes the future done with an error, which Result returns from then on. ErrDone as for SetResult.
func (f *Future[T]) SetException(err error) error {
	f.checkGoroutine("set an exception")
	f.mu.Lock()
	if f.Done() {
		f.mu.Unlock()
		return fmt.Errorf("set the exception of a future: %w", ErrDone)
	}
	f.settle(finished, err)
	return nil
}

// Result is [Await] of the future.
func (f *Future[T]) Result(ctx context.Context) (T, error) {
	if !f.Done() {
		if err := f.wait(ctx); err != nil {
			return f.leave(ctx, err)
		}
	}
	f.retrieved.Store(true)
	return f.value, f.failure()
}

// ResultTimeout is Result that waits no longer than d, then returns ErrTimeout. The future goes on. With d of 0 or less it
// returns ErrTimeout as soon as the loop has made a turn, or at once outside of tasks; no d stands for ever.
func (f *Future[T]) ResultTimeout(ctx context.Context, d time.Duration) (T, error) {
	if !f.Done() {
		if err := f.waitTimeout(ctx, d); err != nil {
			return f.leave(ctx, err)
		}
	}
	return f.Result(ctx)
}

// Exception waits as Result does and returns only the error: nil if there is a result, ErrCancelled if the future was
// cancelled.
func (f *Future[T]) Exception(ctx context.Context) error {
	_, err := f.Result(ctx)
	return err
}

// AddDoneCallback has callback called once the future is done: by the goroutine that makes it done, or, if it is done
// already, at once by the caller. Callbacks of a loop's future are always called by the loop, in a later turn. They are
// called in the order in which they were added. The number returned is for RemoveDoneCallback.
//
// If a callback panics, or ends its goroutine, the others are called all the same, and all that wait for the future go on.
// Then the panic goes on in the call that made the future done: SetResult, SetException or Cancel. In a pool's worker it
// ends the program, as in any goroutine. The loop says what it does with a panic: see [Loop.RunForever].
func (f *Future[T]) AddDoneCallback(callback func(*Future[T])) int {
	f.checkGoroutine("add a callback")
	if callback == nil {
		panic(errors.New("async: add a callback to a future: it is nil"))
	}
	return f.addCallback(func() { callback(f) })
}

// RemoveDoneCallback removes a callback and reports whether it was there: false if it was removed before, or if the future
// is done.
func (f *Future[T]) RemoveDoneCallback(id int) bool { return f.removeCallback(id) }

func (f *Future[T]) await(ctx context.Context) (T, error) { return f.Result(ctx) }
func (f *Future[T]) futureOn(*Loop) *Future[T]            { return f }

func (f *Future[T]) gathered(*Loop, *gathering) *Future[T] { return f }
