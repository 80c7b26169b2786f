package async

import (
	"cmp"
	"slices"
	"time"
)

// slowTasks is a loop with tasks that has no coroutines: what a task does after a wait is a function, given what the wait
// returned. It keeps what is ready in one list and looks through all there is for everything else.
type slowTasks struct {
	now    time.Duration
	number int
	ready  []func()
	timers []*slowTimer
	tasks  []*slowTask
}

type slowTimer struct {
	when   time.Duration
	number int
	f      func()
}

type slowTask struct {
	slowResult
	m                             *slowTasks
	run                           func()
	then                          func(cancelled bool) // nil: it does not wait
	timer                         *slowTimer
	waitsFor                      *slowResult
	begun, scheduled, must, asked bool
	cancelling                    int
}

// slowResult is a future: of a task, of parts (Gather), or one that becomes done by being cancelled.
type slowResult struct {
	done    bool
	how     string // "ok", "cancelled" or "failed"
	task    *slowTask
	parts   []*slowResult
	asked   bool // that they be cancelled
	waiting []*func()
}

// slowLine is the tasks that stand in line for one thing, and those that were given it and have not run since.
type slowLine struct{ tasks, given []*slowTask }

func (m *slowTasks) timerAt(when time.Duration, f func()) *slowTimer {
	m.number++
	t := &slowTimer{when, m.number, f}
	m.timers = append(m.timers, t)
	return t
}

func (m *slowTasks) drop(t *slowTimer) {
	m.timers = slices.DeleteFunc(m.timers, func(o *slowTimer) bool { return o == t })
}

// play makes turns until nothing is left that could ever run.
func (m *slowTasks) play() {
	for {
		slices.SortFunc(m.timers, func(a, b *slowTimer) int {
			return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.number, b.number))
		})
		for len(m.timers) > 0 && m.timers[0].when <= m.now {
			f := m.timers[0].f
			m.timers = m.timers[1:]
			f()
		}
		if len(m.ready) == 0 {
			if len(m.timers) == 0 {
				return
			}
			m.now = m.timers[0].when
			continue
		}
		turn := m.ready
		m.ready = nil
		for _, f := range turn {
			f()
		}
	}
}

// spawn makes a task; run is its first step.
func (m *slowTasks) spawn() *slowTask {
	t := &slowTask{m: m}
	t.task = t
	m.tasks = append(m.tasks, t)
	t.schedule()
	return t
}

func (t *slowTask) schedule() {
	if !t.scheduled {
		t.scheduled = true
		t.m.ready = append(t.m.ready, t.step)
	}
}

func (t *slowTask) step() {
	t.scheduled = false
	switch {
	case t.done:
	case !t.begun && t.must:
		t.m.settle(&t.slowResult, "cancelled")
	case !t.begun:
		t.begun = true
		t.run()
	default:
		then := t.then
		t.then = nil
		t.resume(then)
	}
}

func (t *slowTask) park(then func(cancelled bool)) {
	if t.must {
		t.schedule()
	}
	t.then = then
}

func (t *slowTask) resume(then func(cancelled bool)) {
	cancelled := t.must
	t.must = false
	t.m.drop(t.timer)
	then(cancelled)
}

func (t *slowTask) sleep(d time.Duration, then func(cancelled bool)) {
	if d > 0 {
		t.timer = t.m.timerAt(t.m.now+d, t.schedule)
	} else {
		t.schedule()
	}
	t.park(then)
}

// await calls then once r is done, or *late, or t is cancelled.
func (t *slowTask) await(r *slowResult, late *bool, then func(cancelled bool)) {
	if r.done || *late {
		then(false)
		return
	}
	wake := func() {
		if t.waitsFor == r {
			t.schedule()
		}
	}
	r.waiting = append(r.waiting, &wake)
	t.waitsFor = r
	if t.must && t.m.cancel(r) {
		t.must = false
	}
	t.park(func(cancelled bool) {
		t.waitsFor = nil
		r.forget(&wake)
		if cancelled {
			then(true)
		} else {
			t.await(r, late, then)
		}
	})
}

func (r *slowResult) forget(f *func()) {
	r.waiting = slices.DeleteFunc(r.waiting, func(o *func()) bool { return o == f })
}

// onDone calls f in a turn of its own.
func (m *slowTasks) onDone(r *slowResult, f func()) (forget func()) {
	later := func() { m.ready = append(m.ready, f) }
	if r.done {
		later()
		return func() {}
	}
	r.waiting = append(r.waiting, &later)
	return func() { r.forget(&later) }
}

func (m *slowTasks) settle(r *slowResult, how string) {
	if r.done {
		return
	}
	r.done, r.how = true, how
	all := r.waiting
	r.waiting = nil
	for _, f := range all {
		(*f)()
	}
}

func (m *slowTasks) cancel(r *slowResult) bool {
	switch {
	case r.done:
		return false
	case r.task != nil:
		return r.task.cancel()
	case r.parts != nil:
		for _, p := range r.parts {
			r.asked = m.cancel(p) || r.asked
		}
		return r.asked
	}
	m.settle(r, "cancelled")
	return true
}

func (t *slowTask) cancel() bool {
	if !t.asked { // else the request has come back to where it began
		t.cancelling++
		if t.waitsFor != nil {
			t.asked = true
			passed := t.m.cancel(t.waitsFor)
			t.asked = false
			if passed {
				return true
			}
		}
	}
	t.must = true
	if t.then != nil || !t.begun {
		t.m.drop(t.timer)
		t.schedule()
	}
	return true
}

// stand has t wait in line; then is told whether it was given what it stood for, which may be so with a cancellation too.
func (t *slowTask) stand(l *slowLine, then func(given, cancelled bool)) {
	l.tasks = append(l.tasks, t)
	t.park(func(cancelled bool) {
		given := slices.Contains(l.given, t)
		is := func(o *slowTask) bool { return o == t }
		l.tasks, l.given = slices.DeleteFunc(l.tasks, is), slices.DeleteFunc(l.given, is)
		then(given, cancelled)
	})
}

// give gives the thing to the first in line, if there is one.
func (l *slowLine) give() *slowTask {
	if len(l.tasks) == 0 {
		return nil
	}
	t := l.tasks[0]
	l.tasks, l.given = l.tasks[1:], append(l.given, t)
	t.schedule()
	return t
}
