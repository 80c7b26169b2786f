package async

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// many is enough tasks for what is quadratic, or left behind, to show.
const many = 10_000

// goroutines checks that there are as many goroutines as before. An ended one is counted until the runtime has buried it.
func goroutines(t *testing.T, before int) {
	t.Helper()
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			break
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines, %d before", now, before)
	}
}

func TestTenThousandTasks(t *testing.T) {
	const forever = 1000 * time.Hour
	t.Run("that are cancelled in their sleep run their deferred functions and leave no goroutine", func(t *testing.T) {
		before, cleaned, cancelled := runtime.NumGoroutine(), 0, 0
		_, err := Run(t.Context(), nothing(func(main *Task) error {
			var all []*Future[int]
			for range many {
				all = append(all, CreateTask(main, func(task *Task) (int, error) {
					defer func() { cleaned++ }()
					return 1, task.Sleep(forever)
				}))
			}
			main.Sleep(time.Second)
			for _, f := range all {
				f.Cancel()
			}
			_, _, err := Wait(main, AllCompleted, all...)
			for _, f := range all {
				if f.Cancelled() {
					cancelled++
				}
			}
			equal(t, "tasks left", len(main.Loop().Tasks()), 1)
			goroutines(t, before+1) // one is this task
			return err
		}), WithPace(instant))
		ok(t, err)
		equal(t, "deferred calls", cleaned, many)
		equal(t, "cancelled", cancelled, many)
		goroutines(t, before)
	})
	t.Run("that wait for all kinds of things are ended by Close", func(t *testing.T) {
		before, begun, cleaned, cancelled := runtime.NumGoroutine(), 0, 0, 0
		l := NewLoop(WithPace(instant))
		lock, event, future := NewLock("l"), NewEvent("e"), CreateFuture[int](l)
		semaphore, _ := NewSemaphore("s", 0)
		queue, _ := NewQueue[int]("q", 1)
		queue.TryPut(0)
		var last *Future[struct{}]
		waits := []func(*Task) error{
			lock.Acquire, semaphore.Acquire, event.Wait, queue.Join,
			func(t *Task) error { return queue.Put(t, 1) },
			func(t *Task) error { return t.Sleep(forever) },
			func(t *Task) error { return future.Exception(t) },
			func(t *Task) error { return last.Exception(t) },
			func(t *Task) error {
				return Group(t, func(g *TaskGroup) error { CreateTask(g, sleepy(forever, 0)); return nil })
			},
			func(t *Task) error { _, err := WaitFor(t, Shield(future), forever); return err },
		}
		for i := range many {
			last = CreateTask(l, nothing(func(task *Task) error {
				begun++
				defer func() {
					cleaned++
					if errors.Is(task.Sleep(forever), ErrCancelled) { // it cannot wait again
						cancelled++
					}
				}()
				err := waits[i%len(waits)](task)
				if i >= len(waits) && !errors.Is(err, ErrCancelled) {
					t.Errorf("wait %d: %v", i%len(waits), err)
				}
				return err
			}))
		}
		oneTurn(t, l)
		oneTurn(t, l)
		for range 100 {
			CreateTask(l, sleepy(0, 0)) // never begins
		}
		ok(t, l.Close())
		equal(t, "begun", begun, many)
		equal(t, "deferred calls", cleaned, many)
		equal(t, "failed waits of deferred functions", cancelled, many)
		equal(t, "tasks left", len(l.Tasks()), 0)
		goroutines(t, before)
	})
}

func TestCancel(t *testing.T) {
	inLoop(t, "is passed on along a chain of tasks and ends it from its end", func(t *testing.T, main *Task) error {
		var order []string
		f := CreateTask(main, sleepy(time.Hour, 0))
		for i := range 3 {
			inner := f
			f = CreateTask(main, func(task *Task) (int, error) {
				v, err := Await(task, inner)
				order = append(order, fmt.Sprint(i, inner.Cancelled()))
				return v, err
			})
		}
		turns(main, 4)
		equal(t, "cancelled", f.Cancel(), true)
		fails(t, f.Exception(main), ErrCancelled, "")
		equal(t, "order", fmt.Sprint(order), "[0 true 1 true 2 true]")
		equal(t, "time", main.Loop().Time(), 0)
		return nil
	})
	inLoop(t, "of a task cancels the future it waits for, of either kind", func(t *testing.T, main *Task) error {
		for _, f := range []*Future[int]{NewFuture[int](), CreateFuture[int](main.Loop())} {
			waiter := CreateTask(main, func(task *Task) (int, error) { return f.Result(task) })
			turns(main, 1)
			waiter.Cancel()
			fails(t, waiter.Exception(main), ErrCancelled, "")
			equal(t, "future cancelled", f.Cancelled(), true)
		}
		return nil
	})
	inLoop(t, "that comes before the wait is passed on as well", func(t *testing.T, main *Task) error {
		inner := CreateTask(main, sleepy(time.Hour, 0))
		outer := CreateTask(main, func(task *Task) (int, error) {
			task.Cancel()
			return inner.Result(task)
		})
		fails(t, outer.Exception(main), ErrCancelled, "")
		equal(t, "inner cancelled", inner.Cancelled(), true)
		return nil
	})
	inLoop(t, "is kept off by Shield", func(t *testing.T, main *Task) error {
		inner := CreateTask(main, sleepy(time.Hour, 7))
		outer := CreateTask(main, func(task *Task) (int, error) { return Await(task, Shield(inner)) })
		turns(main, 2)
		outer.Cancel()
		fails(t, outer.Exception(main), ErrCancelled, "")
		v, err := inner.Result(main)
		equal(t, "inner", v, 7)
		return err
	})
	inLoop(t, "can be refused, by going on", func(t *testing.T, main *Task) error {
		f := CreateTask(main, func(task *Task) (int, error) {
			fails(t, task.Sleep(time.Hour), ErrCancelled, "")
			return 7, task.Sleep(time.Minute)
		})
		turns(main, 1)
		equal(t, "asked", f.Cancel(), true)
		v, err := f.Result(main)
		equal(t, "result", v, 7)
		equal(t, "cancelled", f.Cancelled(), false)
		equal(t, "requests", f.Task().Cancelling(), 1)
		equal(t, "time", main.Loop().Time(), time.Minute)
		equal(t, "asked again", f.Cancel(), false)
		return err
	})
	inLoop(t, "in a task's last step cancels it, unless it fails", func(t *testing.T, main *Task) error {
		for _, by := range []string{"itself", "a task it has called on"} {
			var f *Future[int]
			f = CreateTask(main, func(task *Task) (int, error) {
				if by == "itself" {
					return 7, errors.Join(nil, map[bool]error{false: errFirst}[f.Cancel()])
				}
				helper := CreateTask(task, nothing(func(*Task) error { f.Cancel(); return nil }))
				return 7, helper.Exception(task) // the request is passed on to helper, which has no wait left
			})
			fails(t, f.Exception(main), ErrCancelled, "")
			equal(t, by+": cancelled", f.Cancelled(), true)
		}
		failed := CreateTask(main, nothing(func(task *Task) error { task.Cancel(); return errFirst }))
		equal(t, "error", failed.Exception(main), errFirst)
		taken := CreateTask(main, nothing(func(task *Task) error { task.Cancel(); task.Uncancel(); return nil }))
		return taken.Exception(main)
	})
	inLoop(t, "of the running task lets the others have their turn before its next wait fails", func(t *testing.T, main *Task) error {
		for _, d := range []time.Duration{0, time.Hour} {
			ran := false
			CreateTask(main, nothing(func(*Task) error { ran = true; return nil }))
			main.Cancel()
			fails(t, main.Sleep(d), ErrCancelled, "")
			equal(t, "the other ran", ran, true)
			equal(t, "requests", main.Uncancel(), 0)
		}
		equal(t, "time", main.Loop().Time(), 0)
		return main.Sleep(0)
	})
	inLoop(t, "is what a task returns only if it returns nothing else", func(t *testing.T, main *Task) error {
		for _, c := range []struct {
			err       error
			cancelled bool
		}{
			{ErrCancelled, true},
			{fmt.Errorf("stopped: %w", ErrCancelled), true},
			{errors.Join(ErrCancelled, fmt.Errorf("again: %w", ErrCancelled)), true},
			{errors.Join(ErrCancelled, errFirst), false},
			{fmt.Errorf("%w while %w", errFirst, ErrCancelled), false},
			{fmt.Errorf("late: %w", errors.Join(errFirst, ErrCancelled)), false},
			{&PanicError{Value: ErrCancelled}, false},
		} {
			f := CreateTask(main, nothing(func(*Task) error { return c.err }))
			equal(t, "error", f.Exception(main), c.err)
			equal(t, c.err.Error(), f.Cancelled(), c.cancelled)
		}
		return nil
	})
	t.Run("keeps the errors of cleaning up for the one who closes the loop", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := Run(ctx, nothing(func(main *Task) error {
			CreateTask(main, nothing(func(task *Task) error { return errors.Join(task.Sleep(time.Hour), errFirst) }))
			turns(main, 1)
			cancel(errBody)
			return errors.Join(main.Sleep(time.Hour), errSecond)
		}))
		fails(t, err, errBody, "")
		fails(t, err, errFirst, "Task-2 failed, but its result was not asked for: cancelled")
		fails(t, err, errSecond, "Task-1 failed")
	})
	inLoop(t, "before the first step means that the body never runs", func(t *testing.T, main *Task) error {
		f := CreateTask(main, func(*Task) (int, error) { t.Error("it ran"); return 0, nil })
		equal(t, "asked", f.Cancel(), true)
		fails(t, f.Exception(main), ErrCancelled, "")
		equal(t, "requests", f.Task().Cancelling(), 1)
		return nil
	})
	inLoop(t, "of the running task fails its next wait, whatever that is, and no other", func(t *testing.T, main *Task) error {
		waits := map[string]func() error{
			"sleep 0": func() error { return main.Sleep(0) },
			"sleep":   func() error { return main.Sleep(time.Second) },
			"lock":    func() error { l := NewLock("l"); l.owner = main; return l.Acquire(main) },
			"future":  func() error { return CreateFuture[int](main.Loop()).Exception(main) },
			"event":   func() error { return new(Event).Wait(main) },
		}
		for name, wait := range waits {
			main.Cancel()
			fails(t, wait(), ErrCancelled, "")
			equal(t, name+": requests", main.Uncancel(), 0)
			now := main.Loop().Time()
			ok(t, main.Sleep(time.Minute))
			equal(t, name+": slept", main.Loop().Time()-now, time.Minute)
		}
		return nil
	})
	inLoop(t, "of tasks that wait for each other ends both", func(t *testing.T, main *Task) error {
		var a, b *Future[int]
		a = CreateTask(main, func(task *Task) (int, error) { return b.Result(task) })
		b = CreateTask(main, func(task *Task) (int, error) { return a.Result(task) })
		turns(main, 2)
		a.Cancel()
		fails(t, a.Exception(main), ErrCancelled, "")
		fails(t, b.Exception(main), ErrCancelled, "")
		equal(t, "requests", a.Task().Cancelling(), 1)
		return nil
	})
	inLoop(t, "closes the task's Done channel and ends contexts made from it", func(t *testing.T, main *Task) error {
		f := CreateTask(main, func(task *Task) (struct{}, error) {
			ctx, cancel := context.WithCancel(task)
			defer cancel()
			ok(t, ctx.Err())
			task.Cancel()
			<-ctx.Done()
			fails(t, task.Err(), ErrCancelled, "")
			fails(t, context.Cause(ctx), ErrCancelled, "")
			equal(t, "left", task.Uncancel(), 0)
			ok(t, task.Err())
			return struct{}{}, task.Sleep(0)
		})
		return f.Exception(main)
	})
}
