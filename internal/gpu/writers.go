package gpu

import (
	"slices"
	"sync"

	"cookbook/internal/gpu/driver"
)

// writers are the commands that write to a buffer and are not known to have gone well. What such a command was to compute must not pass
// for a result: neither in the buffer itself, nor in what is computed of it. A kernel that is queued once somebody knows of the failure
// writes the buffer anew.
type writers struct {
	mu     sync.Mutex
	events []*Event
}

// before returns the commands that a command of the queue, queued now, comes after: those of the same queue, and those that have ended.
func (w *writers) before(q *Queue) []*Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*Event
	for _, e := range w.events {
		if !e.well() && (e.queue == q || e.ended.Load()) {
			all = append(all, e)
		}
	}
	return all
}

// add notes a command. It stands for those that it comes after, too.
func (w *writers) add(e *Event, after []*Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(slices.DeleteFunc(w.events, func(old *Event) bool { return old.well() || old.told() || slices.Contains(after, old) }), e)
}

// forget says that the buffer is written as a whole.
func (w *writers) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = nil
}

// failure waits for the commands that a command of the queue comes after, and returns why one of them, or one before it, failed.
func (w *writers) failure(q *Queue) error {
	for _, e := range w.before(q) {
		if e.finish(); e.cause != nil {
			e.cause.known.Store(true)
			return e.cause.err
		}
	}
	return nil
}

// command keeps the event of a command that reads and writes buffers.
func (q *Queue) command(what string, e driver.Event, reads, writes []*writers) *Event {
	var after []*Event
	for _, w := range reads {
		after = append(after, w.before(q)...)
	}
	for _, w := range writes {
		after = append(after, slices.DeleteFunc(w.before(q), (*Event).told)...)
	}
	event := q.add(what, e, after...)
	for _, w := range writes {
		w.add(event, after)
	}
	return event
}
