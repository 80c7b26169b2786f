package executor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"runtime/trace"

	"cookbook/internal/async"
	"cookbook/internal/process"
	"cookbook/internal/waitfor"
)

// ErrBrokenPool is a pool that lost a worker process, or whose initializer failed: BrokenProcessPool, BrokenThreadPool.
// Every future that was not done has it, and every later one; the other processes are killed.
var ErrBrokenPool = errors.New("the pool is broken")

// Executor runs functions on a pool of workers, first come, first served: ThreadPoolExecutor and ProcessPoolExecutor of
// concurrent.futures in one. Each submission starts a worker until there are enough; they stay until the end. Its methods
// may be called from any goroutine. It must be shut down, or its context ended.
type Executor struct {
	ctx        context.Context // of the functions; its cause says why the pool ended early
	cancel     context.CancelCauseFunc
	size       int
	processes  bool
	initialize func(context.Context, *process.Worker) error
	unwatch    func() bool // stops waiting for the end of the caller's context

	queue   chan job      // the first jobs, and, once closed, a nil for each worker
	done    chan struct{} // closed when the last worker of a closed pool is gone
	spilled atomic.Bool   // spill is not empty

	mu     sync.Mutex
	spill  []job // what has no room in queue
	alive  int
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

// WithInitializer has every worker call f(arg) before anything else. If it fails, the pool is broken. For a process pool f
// must be registered, as the functions that it runs are.
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
	e := &Executor{size: workers, processes: processes, queue: make(chan job, room), done: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancelCause(ctx)
	for _, o := range opts {
		o(e)
	}
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
func (e *Executor) CancelPending() int {
	e.mu.Lock()
	jobs := e.drain()
	e.mu.Unlock()
	n := 0
	for _, j := range jobs {
		if j.Cancel() {
			n++
		}
	}
	return n
}

// Shutdown closes the executor and waits until all work is done and every worker is gone: shutdown(wait=True). It returns
// why the pool broke, if it did, or context.Cause(ctx) if ctx ends first; then the workers go on.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.endWithContext()
	e.Close()
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
	for _, j := range jobs {
		j.fail(why)
	}
}

// finishIfIdle frees what a closed pool without workers holds; e.mu is held.
func (e *Executor) finishIfIdle() {
	if e.closed && e.alive == 0 {
		e.unwatch()
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
		go e.worker()
	}
	return nil
}

// worker is one worker, from its start to its end.
func (e *Executor) worker() {
	abandoned := true // by runtime.Goexit in a function; then another worker takes over
	defer func() {
		if abandoned {
			go e.worker()
			return
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.alive--
		e.finishIfIdle()
	}()
	w, err := e.prepare()
	if w != nil {
		defer e.watch(w)()
	}
	for err == nil {
		j := e.next()
		if j == nil {
			break
		}
		if e.ctx.Err() != nil {
			j.fail(context.Cause(e.ctx))
		} else if j.SetRunning() {
			err = j.run(e.ctx, w)
		}
	}
	if err != nil {
		e.end(e.brokenBy(err))
	}
	abandoned = false
}

// prepare starts the worker's process, if it has one, and initializes it.
func (e *Executor) prepare() (w *process.Worker, err error) {
	if e.processes {
		if w, err = process.StartWorker(e.ctx); err != nil {
			return nil, err
		}
	}
	if e.initialize != nil {
		err = e.initialize(e.ctx, w)
	}
	return w, err
}

// watch breaks the pool when the process dies, also while it has nothing to do. The function it returns closes the process.
func (e *Executor) watch(w *process.Worker) (stop func()) {
	closing, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
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
