package async

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"time"
)

// Handle is a scheduled callback, which can be cancelled until it runs: asyncio.Handle and asyncio.TimerHandle.
type Handle struct {
	loop  *Loop
	f     func()
	task  *Task // to wake, instead of f
	when  time.Duration
	count uint64
	index int // in the loop's timers, counted from 1; 0: not there
	gone  bool
}

// Cancel keeps the callback from running. It does nothing if it has run.
func (h *Handle) Cancel() {
	h.loop.checkGoroutine("cancel a handle")
	h.gone = h.gone || h.f != nil
	h.f = nil
	h.unschedule()
}

// Cancelled reports whether it was cancelled before it ran.
func (h *Handle) Cancelled() bool { return h.gone }

// When is the time of the loop's clock at which the callback is due.
func (h *Handle) When() time.Duration { return h.when }

// CallSoon has f called in the next turn, after what was scheduled before. It costs about 35 ns. It panics if the loop is
// closed, or called from another goroutine (see [Loop]).
func (l *Loop) CallSoon(f func()) *Handle {
	l.open("call soon")
	h := &Handle{loop: l, f: callable(f)}
	l.ready = append(l.ready, entry{handle: h})
	return h
}

// CallLater has f called when d has passed on the loop's clock. Calls due at the same time come in the order in which they
// were scheduled. It panics as CallSoon does.
func (l *Loop) CallLater(d time.Duration, f func()) *Handle { return l.CallAt(l.after(d), f) }

// after is the time when d will have passed; one that is too far away stands for never.
func (l *Loop) after(d time.Duration) time.Duration {
	now := l.Time()
	return now + min(d, math.MaxInt64-now)
}

// CallAt has f called when the loop's clock shows at least when.
func (l *Loop) CallAt(when time.Duration, f func()) *Handle {
	l.open("call later")
	h := &Handle{loop: l, f: callable(f)}
	h.schedule(when)
	return h
}

// CallSoonThreadsafe is CallSoon for other goroutines; it wakes an idle loop. ErrClosed if the loop is closed: f will not
// be called.
func (l *Loop) CallSoonThreadsafe(f func()) error {
	if !l.post(posted{f: callable(f)}) {
		return fmt.Errorf("call soon: the loop is %w", ErrClosed)
	}
	return nil
}

func callable(f func()) func() {
	if f == nil {
		panic(errors.New("async: schedule a callback: it is nil"))
	}
	return f
}

// post puts p into the inbox and wakes the loop; false if the loop is closed.
func (l *Loop) post(p posted) bool {
	l.mu.Lock()
	if l.shut {
		l.mu.Unlock()
		return false
	}
	l.inbox = append(l.inbox, p)
	l.mail.Store(true)
	l.mu.Unlock()
	select {
	case l.wakeMail <- struct{}{}:
	default:
	}
	return true
}

func (l *Loop) readMail() {
	l.mu.Lock()
	all := l.inbox
	l.inbox = nil
	l.mail.Store(false)
	l.mu.Unlock()
	for _, p := range all {
		if p.task != nil {
			p.task.wakeFrom(p.from)
		} else {
			l.later(p.f)
		}
	}
}

// later is CallSoon for callbacks that need no handle; a closed loop drops them.
func (l *Loop) later(f func()) {
	if !l.closed {
		l.ready = append(l.ready, entry{handle: &Handle{f: f}})
	}
}

// onDone has f called on the loop once c is done, whichever goroutine makes it done. The number is for removeCallback.
func (l *Loop) onDone(c *core, f func()) (id int) {
	l.mustHave(c)
	call := f
	if c.loop == nil { // an executor's: its callbacks run in a worker
		call = func() { l.post(posted{f: f}) }
	}
	return c.addCallback(call)
}

// mustHave panics if c belongs to another loop.
func (l *Loop) mustHave(c *core) {
	if c.loop != nil && c.loop != l {
		panic(fmt.Errorf("wait for a future of another loop: %w", ErrNotInTask))
	}
}

// timers is a heap of handles: by time, then by the order in which they were scheduled.
type timers []*Handle

func (h *Handle) schedule(when time.Duration) {
	h.loop.counter++
	h.when, h.count = when, h.loop.counter
	heap.Push(&h.loop.timers, h)
}

func (h *Handle) unschedule() {
	if h.index > 0 {
		heap.Remove(&h.loop.timers, h.index-1)
	}
}

func (q *timers) pop() *Handle { return heap.Pop(q).(*Handle) }

func (q timers) Len() int { return len(q) }
func (q timers) Less(i, j int) bool {
	return q[i].when < q[j].when || q[i].when == q[j].when && q[i].count < q[j].count
}
func (q timers) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i+1, j+1
}
func (q *timers) Push(x any) {
	h := x.(*Handle)
	h.index = len(*q) + 1
	*q = append(*q, h)
}
func (q *timers) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	h.index = 0
	return h
}
