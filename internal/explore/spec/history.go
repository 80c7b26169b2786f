package spec

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/anishathalye/porcupine"
)

// A history is the calls of a run as they came.
type history struct {
	mu    sync.Mutex
	now   int64 // a logical clock, which only history reads
	made  []*record
	quiet []porcupine.Operation
	over  bool // nothing is recorded any longer
}

// A record is one call.
type record struct {
	Call
	began, ended    int64 // ended: 0 if it has not returned
	waited, waiting int64 // the first and the last moment it was seen waiting; 0: never
	left, gone      int64 // when it was about to leave its line, because its context had ended, and the first moment after that
	held            bool  // by Env.Pause
	leaving         bool  // it is about to leave its line
	result          string
}

func (h *history) tick() int64 {
	h.now += 2
	return h.now
}

// begin records a call.
func (h *history) begin(c Call) *record {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &record{Call: c, began: h.tick()}
	if !h.over {
		h.made = append(h.made, r)
	}
	return r
}

// end records its return.
func (h *history) end(r *record, result string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	r.ended, r.result = h.tick(), result
	if r.left > 0 && r.gone == 0 {
		r.gone = r.ended
	}
}

// see records that nothing can run: which calls wait.
func (h *history) see() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	var waiting []Call
	at := h.tick()
	for _, r := range h.made {
		if r.ended == 0 && !r.held {
			if r.waited == 0 {
				r.waited = at
			}
			if r.left > 0 && r.gone == 0 {
				r.gone = at - 1
			}
			r.waiting = at
			waiting = append(waiting, r.Call)
		}
	}
	if waiting != nil {
		h.quiet = append(h.quiet, porcupine.Operation{Input: event{kind: quiet, waiting: waiting}, Call: at, Return: at})
	}
}

// leaves reports, once, that the call is about to leave the line in which it waits. If threads are held, it must have been seen
// waiting there.
func (h *history) leaves(r *record, held bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over || r == nil || r.ended > 0 || held && r.waited == 0 || r.leaving {
		return false
	}
	r.leaving = true
	return true
}

// leave records that it leaves.
func (h *history) leave(r *record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		r.left = h.tick()
	}
}

// finish ends the recording.
func (h *history) finish() {
	h.mu.Lock()
	h.over = true
	h.mu.Unlock()
}

func (h *history) isOver() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over
}

// operations is the history for porcupine. A call that was seen waiting has arrived before that, and goes after it was seen
// waiting last.
func (h *history) operations() []porcupine.Operation {
	ops := slices.Clone(h.quiet)
	for _, r := range h.made {
		arrived := r.waited - 1
		switch {
		case r.waited > 0:
		case r.ended > 0:
			arrived = r.ended
		default:
			arrived = h.now + 1
		}
		ops = append(ops, porcupine.Operation{Input: event{kind: arrives, call: r.Call}, Call: r.began, Return: arrived})
		if r.left > 0 {
			gone := r.gone
			if gone == 0 {
				gone = h.now + 1
			}
			ops = append(ops, porcupine.Operation{Input: event{kind: leaves, call: r.Call}, Call: r.left, Return: gone})
		}
		if r.ended > 0 {
			ops = append(ops, porcupine.Operation{
				Input: event{kind: goes, call: r.Call}, Output: r.result, Call: max(r.began, r.waiting+1), Return: r.ended,
			})
		}
	}
	return ops
}

// String is the calls and returns in their order, a line each.
func (h *history) String() string {
	type line struct {
		at   int64
		text string
	}
	var lines []line
	for _, r := range h.made {
		switch call := fmt.Sprintf("thread %d: %s", r.Thread+1, r.Op); {
		case r.ended == 0:
			lines = append(lines, line{r.began, call + " … waits for ever"})
		case h.overlapped(r):
			lines = append(lines, line{r.began, call + " …"}, line{r.ended, call + " → " + r.result})
		default:
			lines = append(lines, line{r.began, call + " → " + r.result})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return int(a.at - b.at) })
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("  " + l.text + "\n")
	}
	return b.String()
}

// overlapped reports whether another call began or ended while r was made.
func (h *history) overlapped(r *record) bool {
	return slices.ContainsFunc(h.made, func(o *record) bool {
		return r.began < o.began && o.began < r.ended || r.began < o.ended && o.ended < r.ended
	})
}
