package async

import (
	"context"
	"errors"
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
	t.Run("cancels what it waits for when its context ends, and waits for the end", func(t *testing.T) {
		for _, own := range []bool{true, false} { // the end of a context made from the task's, or of the one that is made from
			synctest.Test(t, func(t *testing.T) {
				_, err := Run(t.Context(), nothing(func(main *Task) error {
					outer, cancelOuter := context.WithCancelCause(main)
					inner, cancelInner := context.WithCancelCause(outer)
					defer cancelOuter(nil)
					defer cancelInner(nil)
					end := map[bool]context.CancelCauseFunc{true: cancelInner, false: cancelOuter}[own]
					time.AfterFunc(time.Second, func() { end(errFirst) })
					begun := time.Now()
					_, err := WaitFor(inner, NewCoroutine(func(task *Task) (int, error) {
						err := task.Sleep(time.Hour)
						ok(t, task.Sleep(time.Minute))
						return 0, err
					}), 2*time.Hour)
					equal(t, "error", err, errFirst)
					equal(t, "tasks", len(main.Loop().Tasks()), 1)
					equal(t, "time", time.Since(begun), time.Minute+time.Second)
					return main.Err()
				}))
				ok(t, err)
			})
		}
	})
	inLoop(t, "with a context made from its task passes on a cancellation of the task, once", func(t *testing.T, main *Task) error {
		var inner *Task
		outer := CreateTask(main, nothing(func(task *Task) error {
			ctx, cancel := context.WithCancel(task)
			defer cancel()
			_, err := WaitFor(ctx, NewCoroutine(func(task *Task) (int, error) {
				inner = task
				err := task.Sleep(time.Hour)
				ok(t, task.Sleep(time.Minute))
				return 0, err
			}), 2*time.Hour)
			return err
		}))
		turns(main, 3)
		outer.Cancel()
		fails(t, outer.Exception(main), ErrCancelled, "")
		equal(t, "cancelled", outer.Cancelled(), true)
		equal(t, "requests", inner.Cancelling(), 1)
		equal(t, "tasks", len(main.Loop().Tasks()), 1)
		return nil
	})
	inLoop(t, "keeps what is raised while cleaning up", func(t *testing.T, main *Task) error {
		for _, fail := range []func(cancelled error) error{
			func(cancelled error) error { return errors.Join(cancelled, errFirst) },
			func(error) error { return errFirst },
		} {
			_, err := WaitFor(main, NewCoroutine(func(task *Task) (int, error) { return 0, fail(task.Sleep(time.Hour)) }), time.Second)
			fails(t, err, ErrTimeout, "")
			fails(t, err, errFirst, "")
		}
		return nil
	})
	inLoop(t, "starts nothing without time, or in a task that does not run", func(t *testing.T, main *Task) error {
		never := func(*Task) (int, error) { t.Error("it ran"); return 0, nil }
		for _, d := range []time.Duration{0, -1} {
			_, err := WaitFor(main, NewCoroutine(never), d)
			fails(t, err, ErrTimeout, "")
			v, err := WaitFor(main, Shield(CreateTask(main, sleepy(0, 7))), d)
			fails(t, err, ErrTimeout, "")
			equal(t, "result", v, 0)
		}
		other := CreateTask(main, sleepy(time.Hour, 0))
		_, err := WaitFor(other.Task(), NewCoroutine(never), time.Second)
		fails(t, err, ErrNotInTask, "")
		other.Cancel()
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
	inLoop(t, "of what is done is that itself, so that no turn is lost", func(t *testing.T, main *Task) error {
		f := CreateTask(main, sleepy(0, 7))
		ok(t, f.Exception(main))
		ran := false
		main.Loop().CallSoon(func() { ran = true })
		v, err := Await(main, Shield(f))
		equal(t, "result", v, 7)
		equal(t, "a turn was made", ran, false)
		return err
	})
	inLoop(t, "that is cancelled leaves nothing with what it kept", func(t *testing.T, main *Task) error {
		f := CreateFuture[int](main)
		for range 100 {
			_, err := WaitFor(main, Shield(f), time.Second)
			fails(t, err, ErrTimeout, "")
		}
		equal(t, "callbacks", len(f.special().more), 0)
		return nil
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
