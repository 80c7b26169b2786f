package async

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/turn"
)

// Loop is an event loop: it runs callbacks and tasks in turns, one at a time, on the goroutine that runs it. Its methods are
// for that goroutine, that is, for the callbacks and tasks it runs. While the loop does not run, they are for the goroutine
// that made it. Any other goroutine may use [Loop.CallSoonThreadsafe] and [Loop.Running] only. Other methods panic with
// ErrGoroutine if they notice; they always notice in debug mode, and otherwise while the loop is idle.
//
// A loop must be closed. Otherwise the coroutines of its unfinished tasks are never freed.
type Loop struct {
	begun time.Time
	now   time.Duration // of a paced loop
	pace  func(context.Context, time.Duration) error
	pacer *pacer
	taker turn.Taker  // of the context that it runs in: decides when the timers of a loop without pace are due
	timer *time.Timer // reused for every wait
	debug *debugging

	ready, batch []entry // what runs in the next turn, and in this one
	at           int     // how far in batch
	timers       timers
	counter      uint64 // of timers, to keep equal ones in order
	tasks        taskList
	failures     []*Task // failed tasks, to be reported if their results are not asked for
	current      atomic.Pointer[Task]

	running  atomic.Bool
	stopping bool
	why      error // of the stop
	closed   bool

	parked   atomic.Bool // idle: a call that comes now is from another goroutine
	mail     atomic.Bool // inbox is not empty
	mu       sync.Mutex  // guards inbox and shut
	inbox    []posted
	shut     bool
	wakeMail chan struct{} // of capacity 1: look at the inbox
}

// An entry is what one part of a turn runs: a callback or a step of a task.
type entry struct {
	handle *Handle
	task   *Task
}

// A posted is a request of another goroutine to the loop: to call a function, or to have a task look at the future it waits
// for.
type posted struct {
	f    func()
	task *Task
	from *core
}

// Option is an option of [NewLoop].
type Option func(*Loop)

// WithPace gives the loop a clock that moves only by sleeping: [Loop.Time] stands still while anything runs, and when
// nothing does, sleep is called for the time to the next timer and the clock moves on by just that. So the order of all
// timers is fixed, however long the computing or the sleeping takes; the log's Sleep as a pace makes a recipe's --speed apply.
// Sleep is called on another goroutine, while the loop is idle; what comes from other goroutines meanwhile sees the clock as
// it was when the sleep began.
func WithPace(sleep func(ctx context.Context, d time.Duration) error) Option {
	return func(l *Loop) { l.pace = sleep }
}

// NewLoop returns an open loop that does not run yet.
func NewLoop(opts ...Option) *Loop {
	l := &Loop{begun: time.Now(), wakeMail: make(chan struct{}, 1)}
	for _, o := range opts {
		o(l)
	}
	return l
}

// roomy is how many entries a loop always keeps room for.
const roomy = 1 << 10

// turn runs all that is ready now; what becomes ready meanwhile waits for the next turn.
func (l *Loop) turn(ctx context.Context) {
	if l.mail.Load() {
		l.readMail()
	}
	if len(l.timers) > 0 {
		l.fire()
	}
	if len(l.ready) == 0 {
		if !l.stopping {
			l.idle(ctx)
		}
		return
	}
	l.batch, l.ready = l.ready, l.batch[:0]
	for l.at < len(l.batch) {
		e := l.batch[l.at]
		l.batch[l.at] = entry{}
		l.at++
		if l.debug != nil {
			l.debug.timed(e, l)
		} else {
			l.do(e)
		}
	}
	l.at = 0
	if n := cap(l.batch); n > roomy && n > 4*len(l.ready) {
		l.batch = nil // so that one large turn does not take memory for ever
	} else {
		l.batch = l.batch[:0]
	}
}

func (l *Loop) do(e entry) {
	if e.task != nil {
		l.step(e.task)
		return
	}
	if f := e.handle.f; f != nil {
		e.handle.f = nil
		f()
	}
}

// step lets a task run until it waits or ends.
func (l *Loop) step(t *Task) {
	t.scheduled = false
	if t.fut.Done() {
		return
	}
	if !t.begun() && t.mustCancel { // asked to end before it began
		t.close()
		return
	}
	l.current.Store(t)
	_, alive := t.next()
	l.current.Store(nil)
	if !alive {
		l.tasks.remove(t)
	}
}

// fire makes the timers ready whose time has come.
func (l *Loop) fire() {
	now := l.Time()
	for len(l.timers) > 0 && l.timers[0].when <= now {
		h := l.timers.pop()
		if h.task != nil {
			l.enqueue(h.task)
		} else {
			l.ready = append(l.ready, entry{handle: h})
		}
	}
}

// idle waits for the next timer or for mail.
func (l *Loop) idle(ctx context.Context) {
	l.parked.Store(true)
	defer l.parked.Store(false)
	switch {
	case len(l.timers) == 0:
		<-l.wakeMail
	case l.pace != nil:
		l.idlePaced(ctx, l.timers[0].when)
	case l.taker != nil:
		d := max(0, l.timers[0].when-l.Time())
		due, stop := l.taker.Timeout(d)
		select {
		case <-l.wakeMail:
			stop()
		case <-due:
			l.begun = l.begun.Add(-d) // the clock jumps to the timer
		}
	default:
		d := l.timers[0].when - l.Time()
		if l.timer == nil {
			l.timer = time.NewTimer(d)
		} else {
			l.timer.Reset(d)
		}
		select {
		case <-l.wakeMail:
			l.timer.Stop()
		case <-l.timer.C:
		}
	}
}

// Stop ends RunForever when the present turn is over. What is scheduled stays scheduled.
func (l *Loop) Stop() {
	l.checkGoroutine("stop the loop")
	l.stopping = true
}

// Time is the loop's clock: the time since the loop was made, or see [WithPace].
func (l *Loop) Time() time.Duration {
	if l.pace != nil {
		return l.now
	}
	return time.Since(l.begun)
}

// Running reports whether the loop runs now. It may be called from any goroutine.
func (l *Loop) Running() bool { return l.running.Load() }

// Close ends every task that is left and frees the loop. A task that waits gets ErrCancelled from its wait and from every
// later one, so its deferred functions run; it cannot wait again. What is scheduled is dropped. ErrRunning if the loop runs:
// stop it first. Otherwise Close returns the errors of failed tasks whose results were not asked for (of the first few of
// them). A second Close does nothing.
func (l *Loop) Close() error {
	if l.running.Load() {
		return fmt.Errorf("close a loop: %w; stop it first", ErrRunning)
	}
	if l.closed {
		return nil
	}
	l.closed = true
	l.mu.Lock()
	l.shut, l.inbox = true, nil
	l.mu.Unlock()
	for l.tasks.first != nil {
		l.tasks.first.close()
	}
	for _, h := range l.timers {
		h.index = 0 // it can still be cancelled
	}
	l.ready, l.timers = nil, nil
	var lost []error
	for _, t := range l.failures {
		if !t.fut.retrieved.Load() {
			lost = append(lost, fmt.Errorf("%s failed, but its result was not asked for: %w", t.Name(), t.fut.failure()))
		}
	}
	l.failures = nil
	return errors.Join(lost...)
}

// startable says why the loop cannot run.
func (l *Loop) startable() error {
	switch {
	case l.closed:
		return fmt.Errorf("run a loop: %w", ErrClosed)
	case l.running.Load():
		return fmt.Errorf("run a loop: %w", ErrRunning)
	}
	return nil
}

// open panics if the loop is closed or this is not its goroutine.
func (l *Loop) open(what string) {
	if l.closed {
		panic(fmt.Errorf("%s: the loop is %w", what, ErrClosed))
	}
	l.checkGoroutine(what)
}

func (l *Loop) checkGoroutine(what string) {
	if l.parked.Load() || l.debug != nil && l.debug.foreign(l) {
		panic(fmt.Errorf("%s: %w", what, ErrGoroutine))
	}
}

func (l *Loop) owner() (*Loop, *TaskGroup) { return l, nil }
