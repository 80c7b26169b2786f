package async

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestMisuse(t *testing.T) {
	inLoop(t, "a coroutine runs once", func(t *testing.T, main *Task) error {
		c := NewCoroutine(sleepy(time.Second, 7))
		v, err := Await(main, c)
		ok(t, err)
		equal(t, "result", v, 7)
		_, err = Await(main, c)
		fails(t, err, ErrAwaited, "await a coroutine in Task-1")
		fails(t, CreateTask(main, c.Run).Exception(main), ErrAwaited, "Task-2")
		return nil
	})
	t.Run("a coroutine and a loop's future cannot be awaited outside of tasks", func(t *testing.T) {
		_, err := Await(t.Context(), NewCoroutine(sleepy(0, 0)))
		fails(t, err, ErrNotInTask, "coroutine")
		_, err = WaitFor(t.Context(), NewCoroutine(sleepy(0, 0)), time.Second)
		fails(t, err, ErrNotInTask, "coroutine")
		f := CreateFuture[int](NewLoop())
		fails(t, f.Exception(t.Context()), ErrNotInTask, "loop's future")
		_, _, err = Wait(t.Context(), AllCompleted, f)
		fails(t, err, ErrNotInTask, "")
		for none, err := range AsCompleted(t.Context(), f) {
			fails(t, err, ErrNotInTask, "")
			equal(t, "future", none, nil)
		}
		f.SetResult(7)
		v, err := f.Result(t.Context()) // no wait
		ok(t, err)
		equal(t, "result", v, 7)
	})
	inLoop(t, "a future of another loop cannot be waited for", func(t *testing.T, main *Task) error {
		other := NewLoop()
		defer other.Close()
		f := CreateFuture[int](other)
		fails(t, f.Exception(main), ErrNotInTask, "another loop")
		panics(t, func() { Gather(main, f) }, ErrNotInTask, "another loop")
		l := NewLoop()
		_, err := RunUntilComplete(context.Background(), l, f)
		fails(t, err, ErrNotInTask, "another loop")
		return l.Close()
	})
	inLoop(t, "a callback has to be a function", func(t *testing.T, main *Task) error {
		panics(t, func() { CreateFuture[int](main).AddDoneCallback(nil) }, nil, "it is nil")
		return nil
	})
	inLoop(t, "only the task that runs can wait", func(t *testing.T, main *Task) error {
		ended := CreateTask(main, sleepy(0, 0))
		ok(t, ended.Exception(main))
		waiting := CreateTask(main, sleepy(time.Hour, 0))
		turns(main, 1)
		q, err := NewQueue[int]("q", 1)
		s, _ := NewSemaphore("s", 1)
		for _, other := range []*Task{ended.Task(), waiting.Task()} {
			for _, err := range []error{
				other.Sleep(0), CreateFuture[int](main.Loop()).Exception(other), NewLock("l").Acquire(other),
				NewEvent("e").Wait(other), s.Acquire(other), q.Put(other, 1), q.Join(other),
				func() error { _, err := q.Get(other); return err }(),
				func() error { _, err := NewCoroutine(sleepy(0, 0)).Run(other); return err }(),
				func() error { _, err := WaitFor(other, CreateFuture[int](main.Loop()), 1); return err }(),
				Group(other, func(*TaskGroup) error { t.Error("the group's body ran"); return nil }),
			} {
				fails(t, err, ErrNotInTask, other.Name())
			}
		}
		waiting.Cancel()
		return err
	})
	inLoop(t, "a task cannot await itself", func(t *testing.T, main *Task) error {
		var self *Future[int]
		self = CreateTask(main, func(task *Task) (int, error) { return self.Result(task) })
		fails(t, self.Exception(main), ErrNotInTask, "Task-2 awaits itself")
		return nil
	})
	inLoop(t, "a future of another loop cannot be awaited, with a time-out or without", func(t *testing.T, main *Task) error {
		f := CreateFuture[int](NewLoop())
		fails(t, f.Exception(main), ErrNotInTask, "another loop")
		_, err := WaitFor(main, f, time.Second)
		fails(t, err, ErrNotInTask, "another loop")
		_, _, err = Wait(main, FirstCompleted, f)
		fails(t, err, ErrNotInTask, "")
		equal(t, "time", main.Loop().Time(), 0)
		return nil
	})
	t.Run("a future has one result", func(t *testing.T) {
		f := NewFuture[int]()
		ok(t, f.SetResult(1))
		fails(t, f.SetResult(2), ErrDone, "set the result")
		fails(t, f.SetException(ErrFull), ErrDone, "set the exception")
		equal(t, "cancelled", f.Cancel(), false)
		f = NewFuture[int]()
		f.Cancel()
		fails(t, f.SetResult(2), ErrDone, "")
	})
	t.Run("nothing is nil or negative", func(t *testing.T) {
		l := NewLoop()
		panics(t, func() { l.CallSoon(nil) }, nil, "it is nil")
		panics(t, func() { l.CallLater(0, nil) }, nil, "it is nil")
		panics(t, func() { l.CallSoonThreadsafe(nil) }, nil, "it is nil")
		_, err := NewSemaphore("s", -1)
		fails(t, err, ErrNegative, "semaphore s of -1")
		_, err = NewQueue[int]("q", -1)
		fails(t, err, ErrNegative, "queue q of capacity -1")
		q, err := NewQueue[int]("q", 1)
		ok(t, err)
		fails(t, q.TaskDone(), ErrTooMany, "queue q")
		ok(t, q.TryPut(1))
		fails(t, q.TryPut(1), ErrFull, "queue q")
		fails(t, NewLock("l").Release(), ErrNotLocked, "lock l")
	})
	inLoop(t, "a task group takes no tasks after its end, or when it is ending", func(t *testing.T, main *Task) error {
		var kept *TaskGroup
		err := Group(main, func(g *TaskGroup) error { kept = g; return nil })
		panics(t, func() { CreateTask(kept, sleepy(0, 0)) }, ErrClosed, "create a task: the group")
		ended := Group(main, func(g *TaskGroup) error {
			CreateTask(g, failing(0, ErrFull))
			fails(t, main.Sleep(time.Hour), ErrCancelled, "")
			panics(t, func() { CreateTask(g, sleepy(0, 0)) }, ErrClosed, "the group")
			return nil
		})
		fails(t, ended, ErrFull, "")
		return err
	})
}

func TestALoop(t *testing.T) {
	t.Run("that runs cannot be run or closed", func(t *testing.T) {
		l := NewLoop()
		l.CallSoon(func() {
			fails(t, l.RunForever(t.Context()), ErrRunning, "run a loop")
			_, err := RunUntilComplete(t.Context(), l, CreateFuture[int](l))
			fails(t, err, ErrRunning, "")
			fails(t, l.Close(), ErrRunning, "stop it first")
			equal(t, "running", l.Running(), true)
		})
		oneTurn(t, l)
		equal(t, "running", l.Running(), false)
		ok(t, l.Close())
	})
	t.Run("that is closed takes nothing more", func(t *testing.T) {
		l := NewLoop()
		h := l.CallLater(time.Hour, func() {})
		ok(t, l.Close())
		ok(t, l.Close())
		h.Cancel()
		equal(t, "handle cancelled", h.Cancelled(), true)
		fails(t, l.RunForever(t.Context()), ErrClosed, "run a loop")
		_, err := RunUntilComplete(t.Context(), l, CreateFuture[int](l))
		fails(t, err, ErrClosed, "")
		fails(t, l.CallSoonThreadsafe(func() {}), ErrClosed, "call soon")
		panics(t, func() { l.CallSoon(func() {}) }, ErrClosed, "call soon")
		panics(t, func() { l.CallAt(0, func() {}) }, ErrClosed, "call later")
		panics(t, func() { CreateTask(l, sleepy(0, 0)) }, ErrClosed, "create a task")
	})
	// elsewhere uses the loop from a goroutine that is not the loop's.
	elsewhere := func(t *testing.T, l *Loop, f *Future[int], h *Handle) {
		panics(t, func() { l.CallSoon(func() {}) }, ErrGoroutine, "call soon")
		panics(t, func() { l.CallLater(0, func() {}) }, ErrGoroutine, "CallSoonThreadsafe")
		panics(t, func() { CreateTask(l, sleepy(0, 0)) }, ErrGoroutine, "create a task")
		panics(t, l.Stop, ErrGoroutine, "stop the loop")
		panics(t, h.Cancel, ErrGoroutine, "cancel a handle")
		panics(t, func() { f.SetResult(1) }, ErrGoroutine, "set a result")
		panics(t, func() { f.SetException(ErrFull) }, ErrGoroutine, "set an exception")
		panics(t, func() { f.Cancel() }, ErrGoroutine, "cancel")
		panics(t, func() { f.AddDoneCallback(func(*Future[int]) {}) }, ErrGoroutine, "add a callback")
	}
	t.Run("that is idle notices another goroutine", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := NewLoop()
			f, h := CreateFuture[int](l), l.CallLater(time.Hour, func() {})
			task, lock := CreateTask(l, func(t *Task) (int, error) { return f.Result(t) }), NewLock("l")
			CreateTask(l, nothing(func(t *Task) error { lock.TryAcquire(t); return lock.Acquire(t) }))
			ran := make(chan error)
			go func() { ran <- l.RunForever(context.Background()) }()
			synctest.Wait()
			elsewhere(t, l, f, h)
			panics(t, func() { task.Cancel() }, ErrGoroutine, "cancel")
			panics(t, func() { lock.Release() }, ErrGoroutine, "release lock l")
			ok(t, l.CallSoonThreadsafe(l.Stop))
			ok(t, <-ran)
			ok(t, l.Close())
		})
	})
	t.Run("in debug mode notices another goroutine when it is busy too", func(t *testing.T) {
		l := NewLoop(WithDebug(time.Hour, func(s Slow) { t.Error(s) }))
		f, h := CreateFuture[int](l), l.CallLater(time.Hour, func() {})
		busy := func() {
			over := make(chan struct{})
			go func() { defer close(over); elsewhere(t, l, f, h) }()
			<-over
			l.CallSoon(func() {}).Cancel() // this goroutine may
		}
		l.CallSoon(busy)
		_, err := RunUntilComplete(t.Context(), l, CreateTask(l, func(task *Task) (int, error) {
			busy()
			defer busy()
			return 0, task.Sleep(time.Millisecond)
		}))
		ok(t, err)
		ok(t, l.Close())
	})
}
