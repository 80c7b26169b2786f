package async

import (
	"fmt"
	"iter"
	"runtime/debug"
	"runtime/trace"
	"strconv"
	"sync/atomic"
	"time"
)

// Task is a coroutine that a loop runs: asyncio.Task. It runs until it waits (in [Await], [Task.Sleep], a [Lock], …), and
// while it waits others run. It is a context.Context, the one to pass to what waits on its behalf; its Done channel is
// closed when the task is told to end. A call that blocks the goroutine blocks the loop and all its tasks: have an executor
// make it, see executor.RunInExecutor.
//
// A task costs about 3 KB, nearly all of it its stack, and a switch to it about twice a bare iter.Pull round trip.
type Task struct {
	loop  *Loop
	group *TaskGroup
	fut   *core
	name  string // "": Task-number
	count int

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	before, after *Task // in the loop's list
	timer         Handle
	waitsFor      *core // the future it waits for
	line          *line // the line it stands in, if it does
	told          bool  // to end; guarded by fut.mu, as done is
	done          chan struct{}
	goroutine     atomic.Uint64 // debug mode
	trace         *tracing      // nil unless it was made while an execution trace was taken
	cancelling    int

	begun, scheduled, parked, mustCancel, closing, granted bool

	passing bool // Cancel is being forwarded; stops tasks that await each other from forwarding it round and round
}

// Owner is what a task can be made on: a *[Loop], a *[Task], which stands for its loop, or a *[TaskGroup].
type Owner interface{ owner() (*Loop, *TaskGroup) }

// TaskOption is an option of [CreateTask].
type TaskOption func(*Task)

// WithName names a task; otherwise it is Task-N, N counting the tasks of the loop.
func WithName(name string) TaskOption { return func(t *Task) { t.name = name } }

// CreateTask makes a task that runs body, beginning in the loop's next turn, and returns its result as a future.
//
// What body returns is the result. A panic in body becomes the error, a *[PanicError] with the stack. The future is
// cancelled if body returns ErrCancelled (or an error that says nothing else: see [ErrCancelled]), and if the task was told
// to end in its last step and body returned no error. It panics as CallSoon does.
func CreateTask[T any](on Owner, body func(t *Task) (T, error), opts ...TaskOption) *Future[T] {
	l, group := on.owner()
	l.open("create a task")
	f := CreateFuture[T](l)
	t := &Task{loop: l, group: group, fut: &f.core}
	f.task = t
	t.timer.loop, t.timer.task = l, t
	for _, o := range opts {
		o(t)
	}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		if t.trace != nil {
			defer t.trace.run()()
		}
		defer t.ended()
		v, err := protect(t, body)
		if err == nil && t.mustCancel { // asked in the last step: no wait was left to say so
			err = ErrCancelled
		} else {
			f.value = v
		}
		t.settle(err)
	})
	l.tasks.add(t)
	t.count = l.tasks.made
	if trace.IsEnabled() {
		t.trace = newTracing(t.Name())
	}
	if group != nil {
		group.adopt(t)
	}
	l.enqueue(t)
	return f
}

func protect[T any](t *Task, body func(*Task) (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Who: t.Name(), Value: p, Stack: debug.Stack()}
		}
	}()
	if t.loop.debug != nil {
		t.goroutine.Store(GoroutineID())
	}
	return body(t)
}

// settle makes the task done. Its group hears of it first, and in the next turn, as all that wait for it do.
func (t *Task) settle(err error) {
	if t.group != nil {
		t.loop.later(func() { t.group.left(t) })
	}
	t.fut.mu.Lock()
	if onlyCancelled(err) {
		t.fut.settle(cancelled, err)
	} else {
		t.fut.settle(finished, err)
	}
}

// ended looks after a task that has no more steps.
func (t *Task) ended() {
	if !t.fut.Done() { // runtime.Goexit, which ends the loop's goroutine as well
		t.loop.tasks.remove(t)
		t.settle(fmt.Errorf("%s ended its goroutine by runtime.Goexit", t.Name()))
	}
	if t.fut.err != nil && !t.fut.Cancelled() {
		t.loop.remember(t)
	}
}

// remember keeps a failed task for Close, which reports it if its result was not asked for. It keeps a few.
func (l *Loop) remember(t *Task) {
	const most = 16
	if len(l.failures) == most {
		kept := l.failures[:0]
		for _, f := range l.failures {
			if !f.fut.retrieved.Load() {
				kept = append(kept, f)
			}
		}
		l.failures = kept
	}
	if len(l.failures) < most {
		l.failures = append(l.failures, t)
	}
}

// Name is the task's name.
func (t *Task) Name() string {
	if t.name == "" {
		return "Task-" + strconv.Itoa(t.count)
	}
	return t.name
}

// Loop is the loop that runs the task.
func (t *Task) Loop() *Loop { return t.loop }

// Sleep suspends the task for d of the loop's clock. With d of 0 or less it lets every other task that is ready have a turn,
// as in Python. It returns nil, ErrCancelled if the task was cancelled, or ErrNotInTask if t is not the task that runs.
func (t *Task) Sleep(d time.Duration) error {
	if err := t.check("sleep"); err != nil {
		return err
	}
	if d > 0 {
		t.timer.schedule(t.loop.after(d))
	} else {
		t.loop.enqueue(t)
	}
	return t.park()
}

// Cancel asks the task to end: in the loop's next turn its present wait returns ErrCancelled. If it does not wait now, its
// next wait does so, a turn after it began; if there is no next wait, the task ends as cancelled. The task should clean up
// and return that error; it may also refuse, and go on. If the task waits for a future, that is cancelled as well. If it
// waits for a task, the request is passed on to that. [Shield] prevents both. Cancel reports false if the task is done.
func (t *Task) Cancel() bool {
	t.loop.checkGoroutine("cancel a task")
	if t.fut.Done() {
		return false
	}
	if !t.passing {
		t.tell()
		t.passing = t.waitsFor != nil
		passed := t.passing && t.waitsFor.Cancel()
		t.passing = false
		if passed {
			return true // it wakes the task
		}
	}
	t.mustCancel = true
	if t.parked || !t.begun {
		t.timer.unschedule()
		t.loop.enqueue(t)
	}
	return true
}

// tell counts a request to end and closes the Done channel.
func (t *Task) tell() {
	t.cancelling++
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	if !t.told && t.done != nil {
		close(t.done)
	}
	t.told = true
}

// Cancelling counts the requests to end that were not taken back by Uncancel.
func (t *Task) Cancelling() int { return t.cancelling }

// Uncancel takes back one request to end: the code that made the request has dealt with it. It returns how many requests are
// left.
func (t *Task) Uncancel() int {
	if t.cancelling > 0 {
		t.cancelling--
		if t.cancelling == 0 {
			if !t.parked || t.waitsFor != nil { // another wait has been broken off and must say so
				t.mustCancel = false
			}
			t.fut.mu.Lock()
			t.told, t.done = false, nil
			t.fut.mu.Unlock()
		}
	}
	return t.cancelling
}

// close ends a task that is not running: its wait fails, its deferred functions run, and it is gone.
func (t *Task) close() {
	t.loop.tasks.remove(t)
	t.loop.current.Store(t)
	t.closing = true
	if t.cancelling == 0 {
		t.tell()
	}
	t.stop()
	t.loop.current.Store(nil)
	if !t.fut.Done() { // it never began
		t.settle(ErrCancelled)
	}
}

func (t *Task) owner() (*Loop, *TaskGroup) { return t.loop, nil }
