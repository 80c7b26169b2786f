package async

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitFor(t *testing.T) {
	inLoop(t, "gives the result that comes in time", func(t *testing.T, main *Task) error {
		v, err := WaitFor(main, NewCoroutine(sleepy(time.Second, 7)), time.Minute)
		equal(t, "result", v, 7)
		equal(t, "time", main.Loop().Time(), time.Second)
		ok(t, main.Sleep(time.Hour)) // no timer is left
		v, failed := WaitFor(main, CreateTask(main, sleepy(0, 8)), time.Second)
		equal(t, "result", v, 8)
		ok(t, failed)
		return err
	})
	inLoop(t, "cancels what is late, and waits for its end", func(t *testing.T, main *Task) error {
		cleaned := false
		_, err := WaitFor(main, NewCoroutine(func(task *Task) (int, error) {
			err := task.Sleep(time.Hour)
			fails(t, err, ErrCancelled, "")
			ok(t, task.Sleep(time.Second))
			cleaned = true
			return 0, err
		}), time.Minute)
		fails(t, err, ErrTimeout, "Task-1 waits for a future: timed out after 1m0s")
		equal(t, "cleaned up", cleaned, true)
		equal(t, "time", main.Loop().Time(), time.Minute+time.Second)
		return nil
	})
	inLoop(t, "gives the result of a task that refuses to be cancelled", func(t *testing.T, main *Task) error {
		v, err := WaitFor(main, NewCoroutine(func(task *Task) (int, error) {
			task.Sleep(time.Hour)
			return 7, nil
		}), time.Minute)
		equal(t, "result", v, 7)
		return err
	})
	inLoop(t, "gives the result that comes at the last moment", func(t *testing.T, main *Task) error {
		f := CreateFuture[int](main.Loop())
		CreateTask(main, nothing(func(task *Task) error {
			main.Loop().CallLater(time.Second, func() { f.SetResult(7) })
			return nil
		}))
		turns(main, 1)
		v, err := WaitFor(main, f, time.Second) // whose timer fires in the same turn
		equal(t, "result", v, 7)
		return err
	})
	inLoop(t, "passes on a cancellation of its own task and does not call it a time-out", func(t *testing.T, main *Task) error {
		for _, after := range []time.Duration{time.Second, 3 * time.Minute} { // before it is late, and when it is
			inner := CreateTask(main, nothing(func(task *Task) error {
				err := task.Sleep(time.Hour)
				task.Sleep(time.Hour)
				return err
			}))
			outer := CreateTask(main, nothing(func(task *Task) error {
				_, err := WaitFor(task, inner, 2*time.Minute)
				return err
			}))
			main.Sleep(after)
			outer.Cancel()
			fails(t, outer.Exception(main), ErrCancelled, "")
			equal(t, "inner cancelled", inner.Cancelled(), true)
		}
		return nil
	})
	t.Run("outside of tasks cancels what can be cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := NewFuture[int]()
			_, err := WaitFor(t.Context(), f, time.Second)
			fails(t, err, ErrTimeout, "timed out after 1s")
			equal(t, "cancelled", f.Cancelled(), true)
			f = NewFuture[int]()
			equal(t, "taken up", f.SetRunning(), true)
			_, err = WaitFor(t.Context(), f, time.Second)
			fails(t, err, ErrTimeout, "")
			equal(t, "running", f.Running(), true)
			_, err = f.ResultTimeout(t.Context(), time.Second)
			fails(t, err, ErrTimeout, "")
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errFirst)
			fails(t, f.Exception(ctx), errFirst, "")
			f.SetResult(7)
			v, err := WaitFor(t.Context(), f, 0)
			equal(t, "result", v, 7)
			ok(t, err)
		})
	})
	inLoop(t, "does not cancel what an executor runs", func(t *testing.T, main *Task) error {
		f := NewFuture[int]()
		f.SetRunning()
		_, err := WaitFor(main, f, time.Second)
		fails(t, err, ErrTimeout, "")
		return f.SetResult(7)
	})
}

func TestShield(t *testing.T) {
	inLoop(t, "has the outcome of what it keeps", func(t *testing.T, main *Task) error {
		v, err := Await(main, Shield(CreateTask(main, sleepy(time.Second, 7))))
		equal(t, "result", v, 7)
		_, failed := Await(main, Shield(CreateTask(main, failing(time.Second, errFirst))))
		fails(t, failed, errFirst, "")
		gone := CreateTask(main, sleepy(time.Hour, 0))
		shield := Shield(gone)
		gone.Cancel()
		fails(t, shield.Exception(main), ErrCancelled, "")
		equal(t, "cancelled", shield.Cancelled(), true)
		return err
	})
	t.Run("works for a future between goroutines", func(t *testing.T) {
		f := NewFuture[int]()
		kept, cut := Shield(f), Shield(f)
		cut.Cancel()
		equal(t, "cancelled", f.Cancelled(), false)
		f.SetResult(7)
		v, err := kept.Result(t.Context())
		equal(t, "result", v, 7)
		ok(t, err)
		fails(t, cut.Exception(t.Context()), ErrCancelled, "")
	})
}
