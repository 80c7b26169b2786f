package threading

import (
	"context"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// forever is the time-out of a wait that has none.
const forever time.Duration = -1

// A waiter is one thread's place in a line. All primitives work alike. A mutex, held for nanoseconds, guards the state and a
// first-in-first-out line. A thread that cannot go on stands in line and blocks. A thread that changes the state hands it to
// the first in line. No thread can overtake, so none starves, and a waiter that wakes up already has what it waited for.
//
// A thread waits for one thing at a time, so the waiter is part of the Thread and is used again for each wait.
type waiter struct {
	ready  chan struct{}   // capacity 1: the grant; exactly one per wait
	done   <-chan struct{} // of the context
	plain  bool            // nothing but the grant ends the wait: a receive is 60 ns cheaper than a select
	thread *Thread         // nil if the context had none

	// Guarded by the mutex of the line it stands in.
	in         *line // nil as soon as it is granted
	prev, next *waiter
	turn       uint64 // counts the times it stood in line
	bounded    bool

	// line is where the waiter of a thread stands, nil after its wait. It marks the waiter as used, and tells reports where
	// to look.
	line atomic.Pointer[line]

	// The granter reads or sets these; ready orders the accesses.
	n    int   // a lock: the depth to own it with; a barrier: the index
	slot any   // a queue: *T, where the item is or goes
	err  error // why nothing was granted
}

// bounds reports whether ctx ends the wait of t earlier than t's own context
// would.
func bounds(ctx context.Context, t *Thread) bool {
	own, ok := ctx.Deadline()
	if !ok {
		return false
	}
	whole, ok := t.Deadline()
	return !ok || own.Before(whole)
}

// wait returns when w was granted its turn or has left the line. A grant that comes at the same moment as the time-out or
// the cancellation wins. So an error means that nothing was granted, and nothing is lost.
func (w *waiter) wait(ctx context.Context, mu *sync.Mutex, ln *line, d time.Duration) error {
	if w.plain {
		<-w.ready
	} else if err := w.choose(ctx, ln, d); err != nil {
		mu.Lock()
		left := ln.drop(w)
		mu.Unlock()
		if left {
			w.slot = nil
			w.finish()
			return err
		}
		<-w.ready
	}
	return w.finish()
}

// choose waits for the grant, the end of ctx or the time-out. If it returns an error, w may have been granted in the same
// moment.
func (w *waiter) choose(ctx context.Context, ln *line, d time.Duration) error {
	if trace.IsEnabled() {
		defer trace.StartRegion(ctx, waitfor.WaitRegion+ln.what()).End()
	}
	if d < 0 {
		select {
		case <-w.ready:
			return nil
		case <-w.done:
			return context.Cause(ctx)
		}
	}
	due, stop := turn.Timeout(ctx, d)
	defer stop()
	select {
	case <-w.ready:
		return nil
	case <-w.done:
		return context.Cause(ctx)
	case <-due:
		return ErrTimeout
	}
}

// finish makes w ready for the next wait and returns the error that came with the grant.
func (w *waiter) finish() error {
	if w.err != nil {
		return w.refused()
	}
	w.line.Store(nil)
	return nil
}

func (w *waiter) refused() error {
	err := w.err
	w.err = nil
	w.line.Store(nil)
	return err
}

// grant ends the wait; the granter must not touch w afterwards. It does not
// block, so it may be called under the primitive's mutex.
func (w *waiter) grant() { w.ready <- struct{}{} }

// refuse ends the wait with an error.
func (w *waiter) refuse(err error) {
	w.err, w.slot = err, nil
	w.grant()
}

// A line is a first-in-first-out list of waiters, guarded by the mutex of the
// primitive it belongs to.
type line struct {
	first, last *waiter
	at          place // set by the first waiter, constant from then on
}

// enter puts the thread's waiter in line, for a wait under ctx. The error says that ctx has ended, or that d is 0. It
// allocates if the context has no thread, or if two goroutines use one thread's context at the same time. The primitive's
// mutex is held; the caller gives it back also if a method of ctx, which may be anybody's, panics. Then nothing was changed.
func (ln *line) enter(ctx context.Context, t *Thread, d time.Duration, at place) (*waiter, error) {
	self, same := ctx.(*Thread)
	var done <-chan struct{}
	if same {
		done = self.done
	} else {
		done = ctx.Done()
	}
	if done != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if d == 0 {
		return nil, ErrTimeout
	}
	bounded := d > 0 || !same && t != nil && bounds(ctx, t)
	if ln.at == nil {
		ln.at = at
	}
	var w *waiter
	switch {
	case t == nil:
		w = &waiter{ready: make(chan struct{}, 1)}
	case t.self.line.CompareAndSwap(nil, ln):
		w = &t.self
	default:
		w = new(waiter)
	}
	if w.ready == nil {
		w.ready = make(chan struct{}, 1)
		w.thread = t
	}
	w.done = done
	w.plain = done == nil && d < 0 && !trace.IsEnabled()
	w.bounded = bounded
	ln.push(w)
	w.announce()
	return w, nil
}

// move puts w in line. It has just left another line of the same mutex.
func (ln *line) move(w *waiter, at place) {
	if ln.at == nil {
		ln.at = at
	}
	ln.push(w)
	w.line.Store(ln)
}

// push relies on this: the links of a waiter that stands in no line are nil.
func (ln *line) push(w *waiter) {
	if ln.last == nil {
		ln.first = w
	} else {
		w.prev = ln.last
		ln.last.next = w
	}
	ln.last = w
	w.in = ln
	w.turn++
}

// pop takes the first waiter out of the line and returns it, nil if the line is empty.
func (ln *line) pop() *waiter {
	w := ln.first
	if w == nil {
		return nil
	}
	ln.first = w.next
	if w.next == nil {
		ln.last = nil
	} else {
		w.next.prev = nil
		w.next = nil
	}
	w.in = nil
	return w
}

// drop takes w out of the line; false if it no longer stands there.
func (ln *line) drop(w *waiter) bool {
	if w.in != ln {
		return false
	}
	if w.prev == nil {
		ln.pop()
		return true
	}
	w.prev.next = w.next
	if w.next == nil {
		ln.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.in = nil, nil, nil
	return true
}

// grantAll ends the wait of all in line.
func (ln *line) grantAll() {
	for w := ln.pop(); w != nil; w = ln.pop() {
		w.grant()
	}
}

// refuseAll ends the wait of all in line with an error.
func (ln *line) refuseAll(err error) {
	for w := ln.pop(); w != nil; w = ln.pop() {
		w.refuse(err)
	}
}

// logHold writes into the execution trace, if one runs, that something was acquired or released. It is inlined, so without a
// trace it costs a load.
func logHold(ctx context.Context, verb, name string) {
	if trace.IsEnabled() {
		trace.Log(ctx, verb, name)
	}
}
