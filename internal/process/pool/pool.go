// Package pool shares out calls among worker processes: Python's multiprocessing.Pool. To follow a [Map]: map.go cuts the
// arguments into chunks (chunk.go), the pool queues them (pool.go), a slot has its worker do them (slot.go), and the result
// becomes ready (result.go).
package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"runtime/trace"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
	"cookbook/internal/waitfor"
)

// ErrNotClosed is to wait for the end of a pool that was not told to end.
var ErrNotClosed = errors.New("not closed; call Close or Terminate first")

// A Pool is a fixed number of worker processes that share out what they are given, first come, first served:
// multiprocessing.Pool. [Apply] and [Map] and their kin give it something to do. All that may be called from any goroutine.
//
// A worker that dies is replaced. What it was busy with is sent again to a fresh worker, as many times as [WithRetries]
// allows, and then fails with an error that wraps [failure.ErrDied]; the rest goes on. (In Python the call that waits for it
// waits for ever.)
//
// A pool must be closed and joined, or terminated, or its context ended.
type Pool struct {
	ctx          context.Context // of the workers; its cause is why the pool ended early
	cancel       context.CancelCauseFunc
	stopWatching func() bool // whether the caller's context ends
	size         int
	maxRetries   int
	maxTasks     int // for one process; 0: no bound
	initialize   func(context.Context, *worker.Worker) error
	invalid      error // of an option

	gone chan struct{} // closed when the last worker of a closed pool is gone
	done chan struct{} // and every result is ready

	mu             sync.Mutex
	queue          []task
	retries        []task  // what was lost with its worker goes first
	idle           []*slot // nothing is queued if there are any; the last one was busy last, and its worker may be awake yet
	alive          int     // slots
	pendingResults int     // results that are not ready
	closed         bool
	cause          error // why it ended early
}

// A task is what a worker does in one call.
type task interface {
	// run has the worker do it. It returns what is to be done instead, or how the worker died, if it did.
	run(w *worker.Worker) (instead []task, died error)
	// lost is that the worker died. It reports whether the task is to be tried again; after that many tries it
	// fails the task.
	lost(died error, tries int) (again bool)
	fail(err error)
	stale() error // why it should not be begun
}

// Option is an option of [New].
type Option func(*Pool)

// WithInitializer has every worker call f(arg) before anything else. If it fails, the pool is broken: all that is not done
// fails with [failure.ErrBroken]. (In Python the worker ends, the next one too, and so on for ever.)
func WithInitializer[A, R any](f func(context.Context, A) (R, error), arg A) Option {
	return func(p *Pool) {
		if _, err := worker.Name(f); err != nil {
			p.invalid = err
		}
		p.initialize = func(ctx context.Context, w *worker.Worker) error {
			_, err := worker.Do(ctx, w, f, arg)
			return err
		}
	}
}

// WithMaxTasksPerChild replaces each worker by a fresh process after n tasks, so that what it has hoarded is freed:
// maxtasksperchild. As in Python a chunk is one task; 0, the default, means without a bound.
func WithMaxTasksPerChild(n int) Option {
	return func(p *Pool) {
		if p.maxTasks = n; n < 0 {
			p.invalid = fmt.Errorf("%d tasks per child: %w", n, failure.ErrNegative)
		}
	}
}

// WithRetries says how many times what is lost with its worker is sent again; the default is once. Items that were done in the
// lost chunk are done again. For functions that must not run twice, say 0.
func WithRetries(n int) Option {
	return func(p *Pool) {
		if p.maxRetries = n; n < 0 {
			p.invalid = fmt.Errorf("%d retries: %w", n, failure.ErrNegative)
		}
	}
}

// New starts a pool of that many workers; 0 stands for GOMAXPROCS, [failure.ErrNegative] below. It does not wait for them.
// When ctx ends they are killed, and what is not done fails with context.Cause(ctx).
func New(ctx context.Context, workers int, opts ...Option) (*Pool, error) {
	p := &Pool{size: workers, maxRetries: 1, gone: make(chan struct{}), done: make(chan struct{})}
	for _, o := range opts {
		o(p)
	}
	switch {
	case workers < 0:
		return nil, fmt.Errorf("a pool of %d workers: %w", workers, failure.ErrNegative)
	case p.invalid != nil:
		return nil, fmt.Errorf("a pool: %w", p.invalid)
	case worker.Ready() != nil:
		return nil, worker.Ready()
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case workers == 0:
		p.size = runtime.GOMAXPROCS(0)
	}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.alive = p.size
	p.stopWatching = context.AfterFunc(ctx, func() { p.end(context.Cause(ctx)) })
	for i := range p.size {
		go p.slot(i + 1)
	}
	return p, nil
}

// Close takes no more work. The workers end when all is done that was given to them.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.handOut()
}

// Terminate kills the workers, whatever they do, and returns when they are gone. What is not done fails with
// [failure.ErrClosed].
func (p *Pool) Terminate() {
	p.end(fmt.Errorf("the pool was terminated: it %w", failure.ErrClosed))
	defer trace.StartRegion(context.Background(), waitfor.WaitRegion+"the pool").End()
	<-p.gone
}

// Join waits until all work of a closed pool is done, every callback has returned, and every worker is gone. It returns why
// the pool ended early, if it did and was not terminated. When ctx ends first it returns context.Cause(ctx), and the pool
// goes on. A pool that is not closed is an error, [ErrNotClosed].
func (p *Pool) Join(ctx context.Context) error {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if !closed {
		return fmt.Errorf("join a pool that is %w", ErrNotClosed)
	}
	defer trace.StartRegion(ctx, waitfor.WaitRegion+"the pool").End()
	select {
	case <-p.done:
	default:
		select {
		case <-p.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if cause := p.ended(); !errors.Is(cause, failure.ErrClosed) {
		return cause
	}
	return nil
}

// end ends the pool early, for a reason that everything not done fails with.
func (p *Pool) end(cause error) {
	p.mu.Lock()
	if p.cause == nil {
		p.cause = cause
	}
	cause = p.cause
	tasks := append(p.retries, p.queue...)
	p.retries, p.queue, p.closed = nil, nil, true
	p.handOut()
	p.mu.Unlock()
	p.cancel(cause)
	for _, t := range tasks {
		t.fail(cause)
	}
}

// ended returns why the pool ended early, nil if it did not.
func (p *Pool) ended() error {
	if p.ctx.Err() != nil { // which AfterFunc may tell only in a moment
		select {
		case <-p.done:
		default:
			p.end(context.Cause(p.ctx))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cause
}

// submit queues tasks, or says why it cannot. Call settled once their common result is ready.
func (p *Pool) submit(tasks ...task) error {
	if err := p.ended(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.cause != nil:
		return p.cause
	case p.closed:
		return fmt.Errorf("give work to a pool that %w", failure.ErrClosed)
	}
	p.queue = append(p.queue, tasks...)
	p.pendingResults++
	p.handOut()
	return nil
}

// settled tells the pool that what was submitted at once is ready.
func (p *Pool) settled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pendingResults--
	p.finish()
}

// finish closes done once the pool is closed, without workers and without pending results. p.mu is held.
func (p *Pool) finish() {
	if p.closed && p.alive == 0 && p.pendingResults == 0 {
		p.stopWatching()
		close(p.done)
		p.cancel(nil)
	}
}

// sweep fails what is in the queue and should not be begun.
func (p *Pool) sweep() {
	p.mu.Lock()
	var stale []task
	for _, queue := range []*[]task{&p.retries, &p.queue} {
		var left []task
		for _, t := range *queue {
			if t.stale() != nil {
				stale = append(stale, t)
			} else {
				left = append(left, t)
			}
		}
		*queue = left
	}
	p.mu.Unlock()
	for _, t := range stale {
		t.fail(t.stale())
	}
}

// next waits for something to do; nil is the end.
func (p *Pool) next(s *slot) task {
	p.rest(s)
	return <-s.given
}

// rest is that a slot has nothing to do.
func (p *Pool) rest(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
	p.handOut()
}

// handOut gives what is queued to the slots that have nothing to do, or the end. p.mu is held.
func (p *Pool) handOut() {
	for len(p.idle) > 0 {
		queue := &p.retries
		if len(*queue) == 0 {
			queue = &p.queue
		}
		var t task
		if len(*queue) > 0 {
			t = (*queue)[0]
			(*queue)[0] = nil
			*queue = (*queue)[1:]
		} else if !p.closed {
			return
		}
		p.takeIdle().given <- t
	}
}

// takeIdle takes the slot that has rested least. p.mu is held.
func (p *Pool) takeIdle() *slot {
	last := len(p.idle) - 1
	s := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return s
}

// serve has the caller's goroutine do a task with the worker of a slot that rests, if there is one, and reports whether. Nothing on
// the way may end the goroutine.
func (p *Pool) serve(t task) bool {
	p.mu.Lock()
	if len(p.idle) == 0 || p.closed || !p.idle[len(p.idle)-1].ready() {
		p.mu.Unlock()
		return false
	}
	s := p.takeIdle()
	p.pendingResults++
	p.mu.Unlock()
	s.do(t)
	p.rest(s)
	return true
}

// first puts tasks before all others.
func (p *Pool) first(tasks ...task) {
	p.mu.Lock()
	cause := p.cause
	if cause == nil {
		p.retries = append(p.retries, tasks...)
		p.handOut()
	}
	p.mu.Unlock()
	if cause != nil {
		for _, t := range tasks {
			t.fail(cause)
		}
	}
}
