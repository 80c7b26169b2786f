package async

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/waitfor"
)

// The states of a future. One that is pending or running is not done.
const (
	pending uint32 = iota
	running        // an executor runs its function: too late to cancel
	finished
	cancelled
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
	return f.value, f.err
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

// core is the part of a future that does not depend on the type of the result.
type core struct {
	mu        sync.Mutex
	state     atomic.Uint32 // becomes done with mu held, and then err and the value change no more
	retrieved atomic.Bool   // the result has been asked for
	lastID    int
	loop      *Loop         // that it belongs to, if any
	task      *Task         // whose result it is
	onCancel  func() bool   // instead of becoming cancelled
	gathering *gathering    // whose future it is
	done      chan struct{} // made when a goroutine waits
	first     callback      // most futures have one
	more      []callback    // by id; a removed one is empty until there are many
	holes     int           // empty ones in more
	err       error
}

// A callback is a function to call or a task to wake.
type callback struct {
	id   int
	f    func()
	task *Task
}

func (cb callback) empty() bool { return cb.f == nil && cb.task == nil }

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
	switch {
	case c.task != nil:
		return c.task.Cancel()
	case c.onCancel != nil:
		return !c.Done() && c.onCancel()
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
	c.err = err
	c.state.Store(state)
	first, more, done := c.first, c.more, c.done
	c.first, c.more = callback{}, nil
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
func (c *core) tellAll(more []callback, first callback) {
	for _, cb := range slices.Backward(more) {
		defer c.tell(cb)
	}
	c.tell(first)
}

func (c *core) tell(cb callback) {
	switch {
	case cb.task != nil && c.loop != nil:
		cb.task.wakeFrom(c)
	case cb.task != nil:
		cb.task.loop.post(posted{task: cb.task, from: c})
	case cb.f != nil && c.loop != nil:
		c.loop.later(cb.f)
	case cb.f != nil:
		cb.f()
	}
}

func (c *core) addCallback(f func()) int {
	id, added := c.add(callback{f: f})
	if !added {
		c.tell(callback{f: f})
	}
	return id
}

// add registers a callback unless it is done.
func (c *core) add(cb callback) (id int, added bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	cb.id = c.lastID
	switch {
	case c.Done():
		return cb.id, false
	case c.first.id == 0 && len(c.more) == 0:
		c.first = cb
	default:
		c.more = append(c.more, cb)
	}
	return cb.id, true
}

func (c *core) removeCallback(id int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id > 0 && c.first.id == id {
		c.first = callback{}
		return true
	}
	i, found := slices.BinarySearchFunc(c.more, id, func(cb callback, id int) int { return cmp.Compare(cb.id, id) })
	if !found || c.more[i].empty() {
		return false
	}
	c.more[i] = callback{id: id}
	if c.holes++; c.holes > len(c.more)/2 {
		c.more = slices.DeleteFunc(c.more, callback.empty)
		c.holes = 0
	}
	return true
}

// wait returns nil when the future is done, otherwise the reason why it no longer waits.
func (c *core) wait(ctx context.Context) error {
	if t := taskOf(ctx); t != nil {
		return t.waitFor(ctx, c, nil)
	}
	if c.loop != nil {
		return fmt.Errorf("wait for a loop's future that is not done: %w", ErrNotInTask)
	}
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"a future").End()
	select {
	case <-c.doneChannel():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *core) waitTimeout(ctx context.Context, d time.Duration) error {
	if t := taskOf(ctx); t != nil {
		return t.waitForTimeout(ctx, c, d)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d, timedOut(nil, d))
	defer cancel()
	return c.wait(ctx)
}

func (c *core) doneChannel() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.Done() {
			close(c.done)
		}
	}
	return c.done
}

func (c *core) checkGoroutine(what string) {
	if c.loop != nil {
		c.loop.checkGoroutine(what)
	}
}
