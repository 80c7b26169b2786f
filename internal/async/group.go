package async

import (
	"errors"
	"fmt"
)

// TaskGroup is a set of tasks that end together: asyncio.TaskGroup. Make tasks on it with [CreateTask]. See [Group].
type TaskGroup struct {
	loop     *Loop
	parent   *Task
	tasks    map[*Task]struct{} // that are not done
	errs     []error
	empty    *Future[struct{}] // made when the parent waits at the end
	aborting bool
	asked    bool // the parent was cancelled by the group
	over     bool
}

// Group calls body in t with a new group and waits until every task of the group is done. When a task fails, or body does,
// the other tasks are cancelled, once, and so is what body waits for. As in asyncio, the group hears of a task's end in the
// next turn; so what is due in the turn of the failure still runs. Group returns the errors joined, in the order in which
// the tasks ended, that of body last; nil if all went well. A task that returns ErrCancelled joined with another error has
// failed. If t was cancelled meanwhile Group returns ErrCancelled, or, if there are errors, t's next wait does. A panic in
// body goes on when the tasks are done.
func Group(t *Task, body func(g *TaskGroup) error) error {
	if err := t.check("open a task group"); err != nil {
		return err
	}
	g := &TaskGroup{loop: t.fut.loop, parent: t, tasks: map[*Task]struct{}{}}
	returned := false
	defer func() {
		if !returned { // a panic, or Goexit
			g.abort()
			g.wait()
		}
	}()
	err := body(g)
	returned = true
	if err != nil {
		g.abort()
	}
	cancelled := g.wait()
	if err != nil && !onlyCancelled(err) {
		g.errs = append(g.errs, err)
	}
	if errors.Is(err, ErrCancelled) {
		cancelled = errors.Join(cancelled, err)
	}
	if g.asked && t.Uncancel() == 0 {
		cancelled = nil // it was the group that cancelled body
	}
	if len(g.errs) == 0 {
		return cancelled
	}
	if cancelled != nil {
		t.mustCancel = true // the next wait tells of it, for this error does not
	}
	return errors.Join(g.errs...)
}

// wait waits until every task is done, also when the parent is cancelled meanwhile, which it returns.
func (g *TaskGroup) wait() (cancelled error) {
	defer func() { g.over = true }()
	for len(g.tasks) > 0 {
		g.empty = CreateFuture[struct{}](g.loop)
		if _, err := g.empty.Result(g.parent); err != nil {
			cancelled = err
			g.abort()
			if g.parent.closing { // the loop ends the tasks that are left
				return cancelled
			}
		}
	}
	return cancelled
}

// abort tells the tasks to end, but only once: a second request would break off their cleaning up.
func (g *TaskGroup) abort() {
	if g.aborting {
		return
	}
	g.aborting = true
	for t := g.loop.tasks.first; t != nil; {
		next := t.after // in order of creation; a map has none
		if t.group() == g {
			t.Cancel()
		}
		t = next
	}
}

func (g *TaskGroup) adopt(t *Task) { g.tasks[t] = struct{}{} }

// left is told, by the loop, that a task of the group is done.
func (g *TaskGroup) left(t *Task) {
	delete(g.tasks, t)
	if t.fut.failure() != nil && !t.fut.Cancelled() {
		t.fut.retrieved.Store(true)
		g.errs = append(g.errs, t.fut.failure())
		if !g.aborting {
			g.abort()
			if g.empty == nil && !g.parent.fut.Done() {
				g.asked = g.parent.Cancel()
			}
		}
	}
	if len(g.tasks) == 0 && g.empty != nil && !g.empty.Done() {
		g.empty.SetResult(struct{}{})
	}
}

func (g *TaskGroup) owner() (*Loop, *TaskGroup) {
	if g.over || g.aborting {
		panic(fmt.Errorf("create a task: the group is %w", ErrClosed))
	}
	return g.loop, g
}
