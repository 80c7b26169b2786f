package async

import (
	"fmt"
	"iter"
	"math"
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
// A task takes about 3 KB, of which its stack is 2, and a switch to it about twice a bare iter.Pull round trip.
type Task struct {
	fut   *core
	next  func() (struct{}, bool)
	yield func(struct{}) bool

	before, after *Task // in the loop's list
	waitsFor      *core // the future it waits for
	rare          atomic.Pointer[rareTask]
	count         uint32

	scheduled, parked, mustCancel, closing bool
}

func (t *Task) begun() bool { return t.yield != nil }

// A rareTask is what few tasks need. It is made with fut.mu held, and stays.
type rareTask struct {
	name       string // "": Task-number
	group      *TaskGroup
	timer      Handle
	line       *line // the line it stands in, if it does
	granted    bool  // by the line
	cancelling int
	told       bool          // to end; guarded by fut.mu
	done       chan struct{} // closed when it is told; guarded by fut.mu
	passing    bool          // Cancel is being forwarded; stops tasks that await each other from forwarding it round and round
	goroutine  atomic.Uint64 // debug mode
	trace      *tracing      // nil unless it was made while an execution trace was taken
}

// Owner is what a task can be made on: a *[Loop], a *[Task], which stands for its loop, or a *[TaskGroup].
type Owner interface{ owner() (*Loop, *TaskGroup) }

// TaskOption is an option of [CreateTask].
type TaskOption func(*Task)

// WithName names a task; otherwise it is Task-N, N counting the tasks of the loop.
func WithName(name string) TaskOption { return func(t *Task) { t.special().name = name } }

// CreateTask makes a task that runs body, beginning in the loop's next turn, and returns its result as a future.
//
// What body returns is the result. A panic in body becomes the error, a *[PanicError] with the stack. The future is
// cancelled if body returns ErrCancelled (or an error that says nothing else: see [ErrCancelled]), and if the task was told
// to end in its last step and body returned no error. It panics as CallSoon does.
func CreateTask[T any](on Owner, body func(t *Task) (T, error), opts ...TaskOption) *Future[T] {
	l, group := on.owner()
	l.open("create a task")
	x := new(futureTask[T])
	t, f := &x.task, &x.future
	f.loop, f.task, t.fut = l, t, &f.core
	for _, o := range opts {
		o(t)
	}
	t.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		x.run(yield, body)
	})
	l.tasks.add(t)
	t.count = uint32(l.tasks.made)
	if uint64(l.tasks.made) > math.MaxUint32 && t.name() == "" {
		t.special().name = numbered(l.tasks.made)
	}
	if trace.IsEnabled() {
		t.special().trace = newTracing(t.Name())
	}
	if group != nil {
		t.special().group = group
		group.adopt(t)
	}
	l.enqueue(t)
	return f
}

// A futureTask is a task with its future, in one piece.
type futureTask[T any] struct {
	task   Task
	future Future[T]
}

// run is what the task's coroutine does.
func (x *futureTask[T]) run(yield func(struct{}) bool, body func(t *Task) (T, error)) {
	t := &x.task
	if t.closing {
		return // before it began
	}
	t.yield = yield
	if tr := t.trace(); tr != nil {
		defer tr.run()()
	}
	defer t.ended()
	v, err := x.protect(body)
	if err == nil && t.mustCancel { // asked in the last step: no wait was left to say so
		err = ErrCancelled
	} else {
		x.future.value = v
	}
	t.settle(err)
}

func (x *futureTask[T]) protect(body func(t *Task) (T, error)) (v T, err error) {
	t := &x.task
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Who: t.Name(), Value: p, Stack: debug.Stack()}
		}
	}()
	if t.fut.loop.debug != nil {
		t.special().goroutine.Store(GoroutineID())
	}
	return body(t)
}

// settle makes the task done. Its group hears of it first, and in the next turn, as all that wait for it do.
func (t *Task) settle(err error) {
	if g := t.group(); g != nil {
		t.fut.loop.later(func() { g.left(t) })
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
		t.fut.loop.tasks.remove(t)
		t.settle(fmt.Errorf("%s ended its goroutine by runtime.Goexit", t.Name()))
	}
	if t.fut.failure() != nil && !t.fut.Cancelled() {
		t.fut.loop.remember(t)
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
	if name := t.name(); name != "" {
		return name
	}
	return numbered(int(t.count))
}

func numbered(count int) string { return "Task-" + strconv.Itoa(count) }

// Loop is the loop that runs the task.
func (t *Task) Loop() *Loop { return t.fut.loop }

// Sleep suspends the task for d of the loop's clock. With d of 0 or less it lets every other task that is ready have a turn,
// as in Python. It returns nil, ErrCancelled if the task was cancelled, or ErrNotInTask if t is not the task that runs.
func (t *Task) Sleep(d time.Duration) error {
	if err := t.check("sleep"); err != nil {
		return err
	}
	if d > 0 {
		t.special().timer.schedule(t.fut.loop.after(d))
	} else {
		t.fut.loop.enqueue(t)
	}
	return t.park()
}

// close ends a task that is not running: its wait fails, its deferred functions run, and it is gone.
func (t *Task) close() {
	t.fut.loop.tasks.remove(t)
	t.fut.loop.current.Store(t)
	t.closing = true
	if t.Cancelling() == 0 {
		t.tell()
	}
	t.next()
	t.fut.loop.current.Store(nil)
	if !t.fut.Done() { // it never began
		t.settle(ErrCancelled)
	}
}

func (t *Task) owner() (*Loop, *TaskGroup) { return t.fut.loop, nil }
