package executor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/trace"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"cookbook/internal/async"
	"cookbook/internal/process"
	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// ErrBrokenPool is a pool that lost a worker process, or whose initializer failed: BrokenProcessPool, BrokenThreadPool.
// Every future that was not done has it, and every later one; the other processes are killed.
var ErrBrokenPool = errors.New("the pool is broken")

// ErrJoinSelf is a Shutdown in one of the pool's own workers: by a function that it runs, or by a callback of a future.
var ErrJoinSelf = errors.New("a worker cannot wait for its own end")

// Executor runs functions on a pool of workers, first come, first served: ThreadPoolExecutor and ProcessPoolExecutor of
// concurrent.futures in one. Each submission starts a worker until there are enough; they stay until the end. Its methods
// may be called from any goroutine. It must be shut down, or its context ended.
//
// A function that waits for another one of the same pool occupies its worker meanwhile. If every worker waits so, none is left
// for what they wait for, and only the end of a context ends the waits. As in Python, nobody notices. Use a second pool.
type Executor struct {
	ctx        context.Context // of the functions; its cause says why the pool ended early
	cancel     context.CancelCauseFunc
	size       int
	processes  bool
	initialize func(context.Context, *process.Worker) error
	unwatch    func() bool // stops waiting for the end of the caller's context
	forget     func()      // takes the pool off the board of waits

	queue   chan job      // the first jobs, and, once closed, a nil for each worker
	done    chan struct{} // closed when the last worker of a closed pool is gone
	spilled atomic.Bool   // spill is not empty

	mu     sync.Mutex
	spill  []job // what has no room in queue
	alive  int
	inside map[uint64]bool // the goroutines that the end of a worker waits for
	closed bool
	broken error
}

// A job is one function to run, with the future of its result.
type job interface {
	run(ctx context.Context, w *process.Worker) (fatal error)
	SetRunning() bool
	fail(error)
	Cancel() bool
}

// PoolOption is an option of [NewThreadPool] and [NewProcessPool].
type PoolOption func(*Executor)

// WithInitializer has every worker call f(arg) before anything else. If it fails, panics or ends its goroutine, the pool is
// broken. As long as it does not return, the worker takes no work: end the pool's context to end the waits for that. For a
// process pool f must be registered, as the functions that it runs are.
func WithInitializer[A any](f func(context.Context, A) (struct{}, error), arg A) PoolOption {
	return func(e *Executor) {
		e.initialize = func(ctx context.Context, w *process.Worker) error {
			_, err := invoke(ctx, w, f, arg)
			return err
		}
	}
}

// NewThreadPool returns an executor of that many goroutines; 0 stands for GOMAXPROCS, async.ErrNegative below. When ctx
// ends, the functions that run see their context end, and what has not begun fails with context.Cause(ctx).
func NewThreadPool(ctx context.Context, workers int, opts ...PoolOption) (*Executor, error) {
	return newPool(ctx, workers, false, opts)
}

// NewProcessPool returns an executor of that many processes, each this program again (process.Main must be the first line
// of main). It runs functions that are registered with process.Register; arguments and results are copied between the
// processes. When a process dies the pool is broken: ErrBrokenPool. When ctx ends the processes are killed.
func NewProcessPool(ctx context.Context, workers int, opts ...PoolOption) (*Executor, error) {
	return newPool(ctx, workers, true, opts)
}

func newPool(ctx context.Context, workers int, processes bool, opts []PoolOption) (*Executor, error) {
	if workers < 0 {
		return nil, fmt.Errorf("a pool of %d workers: %w", workers, async.ErrNegative)
	}
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	const room = 1024 // a channel beats a slice under a mutex: 140 ns a job against 175, while it has room
	e := &Executor{
		size: workers, processes: processes, queue: make(chan job, room), done: make(chan struct{}),
		inside: make(map[uint64]bool),
	}
	e.ctx, e.cancel = context.WithCancelCause(ctx)
	for _, o := range opts {
		o(e)
	}
	e.forget = waitfor.FromContext(ctx).Register(e.waits)
	e.mu.Lock() // if ctx has ended, the function runs already
	defer e.mu.Unlock()
	e.unwatch = context.AfterFunc(ctx, func() { e.end(context.Cause(ctx)) })
	return e, nil
}

// Close takes no more work and does not wait: shutdown(wait=False). The workers end when all that was submitted is done.
func (e *Executor) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.close()
}

// CancelPending cancels what no worker has begun and returns how many: shutdown(cancel_futures=True).
func (e *Executor) CancelPending() (n int) {
	e.mu.Lock()
	jobs := e.drain()
	e.mu.Unlock()
	for _, j := range slices.Backward(jobs) {
		defer func() { // so that a callback that panics does not keep the others from being cancelled
			if j.Cancel() {
				n++
			}
		}()
	}
	return n
}

// Shutdown closes the executor and waits until all work is done and every worker is gone: shutdown(wait=True). It returns
// why the pool broke, if it did, or context.Cause(ctx) if ctx ends first; then the workers go on. In a worker of the pool
// itself the error is ErrJoinSelf; the executor is closed all the same. Shutdown blocks the goroutine, so in a task it blocks
// the loop.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.endWithContext()
	e.Close()
	if e.isInside() {
		return fmt.Errorf("shut down a pool in one of its workers: %w; call Close there", ErrJoinSelf)
	}
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the executor").End()
	select {
	case <-e.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

// close marks the end of the queue, for every worker; e.mu is held.
func (e *Executor) close() {
	if e.closed {
		return
	}
	e.closed = true
	for range e.alive {
		e.put(nil)
	}
	e.finishIfIdle()
}

// endWithContext ends the executor now if its context has ended. AfterFunc may notice that a moment later.
func (e *Executor) endWithContext() {
	if e.ctx.Err() != nil {
		e.end(context.Cause(e.ctx))
	}
}

// end closes the executor for a reason that everything not done fails with.
func (e *Executor) end(why error) {
	e.mu.Lock()
	if e.closed && e.alive == 0 {
		e.mu.Unlock()
		return // all work is done
	}
	if e.broken == nil {
		e.broken = why
	}
	why = e.broken
	jobs := e.drain()
	e.close()
	e.mu.Unlock()
	e.cancel(why)
	for _, j := range slices.Backward(jobs) {
		defer j.fail(why) // deferred, so that a callback that panics does not keep the others from failing
	}
}

// finishIfIdle frees what a closed pool without workers holds; e.mu is held.
func (e *Executor) finishIfIdle() {
	if e.closed && e.alive == 0 {
		e.unwatch()
		e.forget()
		e.cancel(nil)
		close(e.done)
	}
}

func (e *Executor) add(j job) error {
	e.endWithContext()
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.broken != nil:
		return e.broken
	case e.closed:
		return fmt.Errorf("submit to an executor that was shut down: %w", async.ErrClosed)
	}
	e.put(j)
	if e.alive < e.size {
		e.alive++
		go e.worker("worker " + strconv.Itoa(e.alive))
	}
	return nil
}

// worker is one worker, from its start to its end. The name is for who decides when its jobs begin, and for an execution trace.
func (e *Executor) worker(name string) {
	leave := e.enter()
	if trace.IsEnabled() {
		ctx, task := trace.NewTask(e.ctx, name)
		defer task.End()
		defer trace.StartRegion(ctx, "worker").End()
	}
	phase := "initializer"
	defer func() {
		defer leave()
		if phase == "function" { // ended by runtime.Goexit, as by a callback of its future; another worker takes over
			go e.worker(name)
			return
		}
		defer e.gone()
		if phase == "initializer" {
			e.end(e.brokenBy(errors.New("the initializer ended its goroutine by runtime.Goexit")))
		}
	}()
	var w *process.Worker
	var err error
	if e.processes {
		if w, err = process.StartWorker(e.ctx); err == nil {
			defer e.watch(w)()
		}
	}
	if err == nil && e.initialize != nil {
		err = e.initialize(e.ctx, w)
	}
	phase = "function"
	taker := turn.FromContext(e.ctx)
	for err == nil {
		j := e.next()
		if j == nil {
			break
		}
		if taker != nil {
			taker.Begin(name) // before it runs: until then it can be cancelled
		}
		if e.ctx.Err() != nil {
			e.endWithContext() // Shutdown says so, also if this is the last job
			j.fail(context.Cause(e.ctx))
		} else if j.SetRunning() {
			err = j.run(e.ctx, w)
		}
	}
	phase = "end"
	if err != nil {
		e.end(e.brokenBy(err))
	}
}

// gone counts a worker that has ended.
func (e *Executor) gone() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.alive--
	e.finishIfIdle()
}

// enter marks the calling goroutine as one that must not wait for the end of the workers, until leave is called.
func (e *Executor) enter() (leave func()) {
	id := async.GoroutineID()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.inside[id] = true
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.inside, id)
	}
}

func (e *Executor) isInside() bool {
	id := async.GoroutineID()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.inside[id]
}

// watch breaks the pool when the process dies, also while it has nothing to do. The function it returns closes the process.
func (e *Executor) watch(w *process.Worker) (stop func()) {
	closing, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		defer e.enter()()
		select {
		case <-w.Done():
			e.end(e.brokenBy(w.Err()))
		case <-closing:
		}
	}()
	return func() {
		close(closing)
		w.Close()
		<-watched
	}
}

// brokenBy is what err means for the pool.
func (e *Executor) brokenBy(err error) error {
	if e.ctx.Err() != nil {
		return context.Cause(e.ctx)
	}
	return fmt.Errorf("%w: %w", ErrBrokenPool, err)
}
