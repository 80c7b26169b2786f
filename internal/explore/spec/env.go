package spec

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/transcript"
	"cookbook/internal/turn"
)

// ErrOver is the cause that a call is told which waits when nothing can go on any more.
var ErrOver = errors.New("nothing can go on any more")

// never is longer than any time-out of a primitive, so it comes only when nothing can go on any more.
const never = time.Hour

// An Env is what a primitive may use of the run that it is made for.
type Env struct {
	history
	whole   context.Context
	out     *transcript.Log
	held    bool // a scheduler decides which thread goes on
	threads []thread
	done    chan struct{} // closed when nothing can go on any more
	calls   int           // the number of calls that the program makes
}

// A thread is one of a program.
type thread struct {
	context.Context
	cancel context.CancelCauseFunc
	in     *record       // the call that it is in, or was in last
	ended  chan struct{} // all its calls were made, or it has given up
	left   chan struct{} // and it has given back what it held
}

func newEnv(ctx context.Context, out *transcript.Log, program Program, held bool) *Env {
	e := &Env{whole: ctx, out: out, held: held, threads: make([]thread, len(program)), done: make(chan struct{})}
	for i := range program {
		inner, cancel := context.WithCancelCause(ctx)
		e.threads[i] = thread{&leaving{inner, e, i}, cancel, nil, make(chan struct{}), make(chan struct{})}
	}
	return e
}

// Threads is how many there are.
func (e *Env) Threads() int { return len(e.threads) }

// Context is the context of a thread.
func (e *Env) Context(thread int) context.Context { return e.threads[thread] }

// Whole is the context of the run.
func (e *Env) Whole() context.Context { return e.whole }

// Pause holds a thread, which is in a call, once more.
func (e *Env) Pause(thread int) {
	if !e.held {
		return
	}
	e.mu.Lock()
	call := e.threads[thread].in
	call.held = true
	e.mu.Unlock()
	e.hold(thread)
	e.mu.Lock()
	call.held = false
	e.mu.Unlock()
}

// Happens records a call of none of the program's threads: what another goroutine does that the scheduler has just let go.
func (e *Env) Happens(op, result string) {
	if e.held {
		e.see()
	}
	e.mu.Lock()
	c := Call{ID: e.calls, Thread: len(e.threads), Op: op}
	e.calls++
	e.mu.Unlock()
	e.end(e.begin(c), result)
}

// hold has the thread wait for its turn.
func (e *Env) hold(thread int) {
	if !e.held {
		stumble()
		return
	}
	e.out.Actor("thread " + strconv.Itoa(thread+1)).Begin()
	e.see()
}

// start lets each thread make its calls.
func (e *Env) start(program Program, do func(Call) string, leave func(int)) {
	starts := make([]Call, len(program)) // of each thread, its first
	for i, ops := range program {
		starts[i] = Call{ID: e.calls, Thread: i}
		for _, op := range ops {
			e.calls += 1 + strings.Count(op, ";")
		}
	}
	begin := make(chan struct{})
	defer close(begin)
	for i, ops := range program {
		go func() {
			<-begin
			e.perform(starts[i], ops, do)
			close(e.threads[i].ended)
			<-e.done
			if leave != nil {
				leave(i)
			}
			close(e.threads[i].left)
		}()
	}
}

func (e *Env) perform(c Call, ops []string, do func(Call) string) {
	t := &e.threads[c.Thread]
	for _, op := range ops {
		if e.isOver() {
			return
		}
		e.hold(c.Thread)
		for c.Op = range strings.SplitSeq(op, "; ") {
			r := e.begin(c)
			e.mu.Lock()
			t.in = r
			e.mu.Unlock()
			if c.Op == Cancel {
				e.Cancel(c.Thread)
				e.end(r, OK)
			} else {
				e.end(r, do(c))
			}
			c.ID++
		}
	}
}

// Cancel ends the contexts of all threads but one.
func (e *Env) Cancel(by int) {
	for i := range e.threads {
		if i != by {
			e.threads[i].cancel(context.Canceled)
		}
	}
}

// wait waits until all threads have ended. When none can go on, the history is over, and they are told to give up.
func (e *Env) wait(ctx context.Context) {
	due, stop := turn.Timeout(ctx, never)
	defer stop()
	for i := 0; i < len(e.threads); i++ {
		select {
		case <-e.threads[i].ended:
		case <-due:
			e.see()
			i = len(e.threads)
		}
	}
	e.finish()
	close(e.done)
	for i := range e.threads {
		e.threads[i].cancel(ErrOver)
	}
	for i := range e.threads {
		<-e.threads[i].left
	}
}

// leaving is the context of a thread. A call that waits asks its context for the cause when that has ended; there the thread is
// held, before it leaves the line in which it waits.
type leaving struct {
	context.Context
	of     *Env
	thread int
}

func (l *leaving) Value(key any) any {
	if l.Err() != nil {
		if r := l.of.threads[l.thread].in; l.of.leaves(r, l.of.held) {
			l.of.Pause(l.thread)
			l.of.leave(r)
		}
	}
	return l.Context.Value(key)
}
