package async

import "slices"

// line is the tasks that wait for one thing, first come, first served. What is given belongs to the first task from that
// moment: no other one can take it before that task runs.
type line struct {
	what  string       // "lock jobs"
	held  func() *Task // the task that can end the wait, if that is known
	tasks []*Task
	owed  int // tasks that were given it and have not run since
}

// wait suspends t until it is given what it waits for. If it returns an error and given is true, t was given it in the same
// turn and has to pass it on.
func (q *line) wait(t *Task) (given bool, err error) {
	q.tasks = append(q.tasks, t)
	r := t.special()
	r.line, r.granted = q, false
	err = t.park()
	r.line = nil
	if r.granted {
		q.owed--
	} else if i := slices.Index(q.tasks, t); i >= 0 {
		q.tasks = slices.Delete(q.tasks, i, i+1)
	}
	return r.granted, err
}

// wake ends the waits of all in line and gives them nothing.
func (q *line) wake() {
	for _, t := range q.tasks {
		t.fut.loop.checkGoroutine("end " + q.what)
		t.fut.loop.enqueue(t)
	}
	q.tasks = nil
}

// give gives it to the first in line and returns that task, nil if there is none.
func (q *line) give() *Task {
	if len(q.tasks) == 0 {
		return nil
	}
	t := q.tasks[0]
	t.fut.loop.checkGoroutine("release " + q.what)
	q.tasks[0] = nil
	q.tasks = q.tasks[1:]
	t.special().granted = true
	q.owed++
	t.fut.loop.enqueue(t)
	return t
}
