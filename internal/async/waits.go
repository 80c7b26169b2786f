package async

import (
	"time"

	"cookbook/internal/waitfor"
)

// waits tells the board what the loop's tasks wait for. It is called from another goroutine, so the loop itself has to
// answer; if it does not, because a callback or a task blocks it, that is the answer.
func (l *Loop) waits() []waitfor.Wait {
	answer := make(chan []waitfor.Wait, 1)
	if !l.post(posted{f: func() { answer <- l.list() }}) {
		return nil
	}
	patience := time.NewTimer(200 * time.Millisecond)
	defer patience.Stop()
	select {
	case all := <-answer:
		return all
	case <-patience.C:
		who := "a callback of the loop"
		if t := l.current.Load(); t != nil {
			who = t.Name()
		}
		return []waitfor.Wait{{Who: who, For: "something that blocks the whole loop"}}
	}
}

func (l *Loop) list() []waitfor.Wait {
	var all []waitfor.Wait
	for t := l.tasks.first; t != nil; t = t.after {
		if w, waits := t.wait(); waits {
			all = append(all, w)
		}
	}
	return all
}

// wait says what the task waits for; false if for nothing, or nothing but its turn.
func (t *Task) wait() (w waitfor.Wait, waits bool) {
	w.Who = t.Name()
	switch {
	case t.waitsFor != nil && t.waitsFor.task != nil:
		w.For = t.waitsFor.task.Name()
		w.HeldBy = []string{w.For}
	case t.waitsFor != nil:
		w.For = "a future"
	case t.line() != nil:
		w.For = t.line().what
		if held := t.line().held; held != nil {
			if holder := held(); holder != nil {
				w.HeldBy = []string{holder.Name()}
			}
		}
	case t.sleeps():
		w.For, w.Bounded = "its sleep to end", true
	default:
		return w, false
	}
	return w, true
}

// sleeps reports whether the task waits for nothing but time.
func (t *Task) sleeps() bool {
	r := t.rare.Load()
	return t.waitsFor == nil && r != nil && r.line == nil && r.timer.index > 0
}
