package async

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

var errFirst, errSecond, errBody = errors.New("the first"), errors.New("the second"), errors.New("body")

func TestGather(t *testing.T) {
	inLoop(t, "gives the results in the order of what was gathered", func(t *testing.T, main *Task) error {
		executors := NewFuture[int]()
		executors.SetResult(4)
		all, err := Await(main, Gather[int](main, CreateTask(main, sleepy(3*time.Second, 1)),
			CreateTask(main, sleepy(time.Second, 2)), NewCoroutine(sleepy(2*time.Second, 3)), executors))
		equal(t, "results", fmt.Sprint(all), "[1 2 3 4]")
		equal(t, "time", main.Loop().Time(), 3*time.Second)
		return err
	})
	inLoop(t, "runs a coroutine that is there twice once, and gives its result twice", func(t *testing.T, main *Task) error {
		runs := 0
		co := NewCoroutine(func(task *Task) (int, error) { runs++; return runs, task.Sleep(time.Second) })
		f := CreateTask(main, sleepy(time.Minute, 7))
		all, err := Await(main, Gather[int](main, co, f, co, f))
		equal(t, "results", fmt.Sprint(all), "[1 7 1 7]")
		fails(t, Gather(main, co).Exception(main), ErrAwaited, "") // another Gather
		return err
	})
	inLoop(t, "starts nothing if it cannot wait for all", func(t *testing.T, main *Task) error {
		other := NewLoop()
		f := CreateFuture[int](other)
		panics(t, func() { Gather[int](main, NewCoroutine(sleepy(time.Hour, 1)), f) }, ErrNotInTask, "another loop")
		equal(t, "tasks", len(main.Loop().Tasks()), 1)
		return other.Close()
	})
	t.Run("that is cancelled leaves the errors of cleaning up to Close", func(t *testing.T) {
		_, err := Run(t.Context(), nothing(func(main *Task) error {
			cleansUp := func(err error) *Coroutine[int] {
				return NewCoroutine(func(task *Task) (int, error) { return 0, errors.Join(task.Sleep(time.Hour), err) })
			}
			waiter := CreateTask(main, nothing(func(task *Task) error {
				return Gather[int](task, cleansUp(nil), cleansUp(errFirst)).Exception(task)
			}))
			turns(main, 2)
			waiter.Cancel()
			fails(t, waiter.Exception(main), ErrCancelled, "")
			failed := CreateTask(main, nothing(func(task *Task) error {
				return Gather[int](task, cleansUp(errSecond), cleansUp(nil)).Exception(task)
			}))
			turns(main, 2)
			failed.Cancel()
			fails(t, failed.Exception(main), errSecond, "")
			turns(main, 1)
			return nil
		}), WithPace(instant))
		fails(t, err, errFirst, "Task-4 failed, but its result was not asked for")
	})
	inLoop(t, "of nothing is done", func(t *testing.T, main *Task) error {
		all, err := Await(main, Gather[int](main))
		equal(t, "results", len(all), 0)
		return err
	})
	inLoop(t, "fails with the first failure, and the others go on", func(t *testing.T, main *Task) error {
		a, b := CreateTask(main, failing(2*time.Second, errFirst)), CreateTask(main, failing(time.Second, errSecond))
		c := CreateTask(main, sleepy(time.Hour, 3))
		_, err := Await(main, Gather(main, a, b, c))
		equal(t, "error", err.Error(), errSecond.Error())
		equal(t, "time", main.Loop().Time(), time.Second)
		v, err := c.Result(main)
		equal(t, "the third", v, 3)
		return err // that of a was asked for by the Gather
	})
	inLoop(t, "is cancelled when one part is", func(t *testing.T, main *Task) error {
		a, b := CreateTask(main, sleepy(time.Hour, 1)), CreateTask(main, sleepy(time.Hour, 2))
		both := Gather(main, a, b)
		a.Cancel()
		fails(t, both.Exception(main), ErrCancelled, "")
		equal(t, "cancelled", both.Cancelled(), true)
		equal(t, "the other is done", b.Done(), false)
		return nil
	})
	inLoop(t, "is cancelled when it was told to, though its parts refused", func(t *testing.T, main *Task) error {
		refuses := CreateTask(main, func(task *Task) (int, error) { task.Sleep(time.Hour); return 1, nil })
		all := Gather(main, refuses)
		turns(main, 1)
		all.Cancel()
		fails(t, all.Exception(main), ErrCancelled, "")
		equal(t, "the part has its result", refuses.Exception(main), nil)
		return nil
	})
	inLoop(t, "cancelled cancels all parts, and nothing once it is done", func(t *testing.T, main *Task) error {
		a, b := CreateTask(main, sleepy(time.Hour, 1)), CreateTask(main, sleepy(time.Hour, 2))
		both := Gather(main, a, b)
		waiter := CreateTask(main, nothing(func(task *Task) error { return both.Exception(task) }))
		turns(main, 1)
		waiter.Cancel()
		fails(t, waiter.Exception(main), ErrCancelled, "")
		equal(t, "parts cancelled", fmt.Sprint(a.Cancelled(), b.Cancelled()), "true true")
		equal(t, "cancelled again", both.Cancel(), false)
		return nil
	})
}

func TestWait(t *testing.T) {
	inLoop(t, "in a task waits for one, for a failure, or for all", func(t *testing.T, main *Task) error {
		gone := CreateTask(main, sleepy(time.Hour, 0))
		slow, failed := CreateTask(main, sleepy(3*time.Second, 1)), CreateTask(main, failing(2*time.Second, errFirst))
		main.Loop().CallLater(time.Second, func() { gone.Cancel() })
		for _, c := range []struct {
			when When
			want string
		}{{FirstCompleted, "1 2 1s"}, {FirstException, "2 1 2s"}, {AllCompleted, "3 0 3s"}} {
			done, left, err := Wait(main, c.when, slow, failed, gone)
			ok(t, err)
			equal(t, "done, not done, time", fmt.Sprint(len(done), len(left), main.Loop().Time()), c.want)
		}
		done, _, err := Wait(main, AllCompleted, slow, failed, gone)
		equal(t, "first in the order given", done[0], slow)
		fails(t, failed.Exception(main), errFirst, "")
		return err
	})
	inLoop(t, "lists a future once", func(t *testing.T, main *Task) error {
		f, g := CreateTask(main, sleepy(time.Second, 1)), CreateTask(main, sleepy(time.Hour, 2))
		done, left, err := Wait(main, FirstCompleted, g, f, g, f)
		equal(t, "done, not done", fmt.Sprint(len(done), len(left)), "1 1")
		ok(t, err)
		for _, n := range []int{3, 100} { // few are searched, many hashed
			all := make([]*Future[int], n)
			for i := range all {
				all[i] = []*Future[int]{f, g}[i%2]
			}
			yielded := 0
			for _, err := range AsCompleted(main, all...) {
				ok(t, err)
				yielded++
			}
			equal(t, "yielded", yielded, 2)
		}
		return nil
	})
	inLoop(t, "cancelled cancels none of the futures", func(t *testing.T, main *Task) error {
		f := CreateTask(main, sleepy(time.Minute, 7))
		waiter := CreateTask(main, nothing(func(task *Task) error {
			done, left, err := Wait(task, AllCompleted, f)
			equal(t, "done, not done", fmt.Sprint(len(done), len(left)), "0 1")
			return err
		}))
		turns(main, 2)
		waiter.Cancel()
		fails(t, waiter.Exception(main), ErrCancelled, "")
		return f.Exception(main)
	})
	t.Run("outside of tasks waits in the same three ways", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b, c := NewFuture[int](), NewFuture[int](), NewFuture[int]()
			time.AfterFunc(time.Second, func() { a.SetResult(1) })
			time.AfterFunc(2*time.Second, func() { b.SetException(errFirst) })
			time.AfterFunc(3*time.Second, func() { c.Cancel() })
			for i, when := range []When{FirstCompleted, FirstException, AllCompleted} {
				done, left, err := Wait(t.Context(), when, c, b, a)
				ok(t, err)
				equal(t, "done", len(done), i+1)
				equal(t, "not done", len(left), 2-i)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			done, left, err := Wait(ctx, AllCompleted, a, NewFuture[int]())
			fails(t, err, context.DeadlineExceeded, "")
			equal(t, "done, not done", fmt.Sprint(len(done), len(left)), "1 1")
			_, _, err = Wait[int](t.Context(), AllCompleted)
			ok(t, err)
		})
	})
}

func TestAsCompleted(t *testing.T) {
	inLoop(t, "in a task yields futures as they become done", func(t *testing.T, main *Task) error {
		f := func(d time.Duration, v int) *Future[int] { return CreateTask(main, sleepy(d, v)) }
		var order []int
		for f, err := range AsCompleted(main, f(3, 1), f(1, 2), f(2, 3), f(1, 4)) {
			ok(t, err)
			v, err := f.Result(main)
			ok(t, err)
			order = append(order, v)
		}
		equal(t, "order", fmt.Sprint(order), "[2 4 3 1]")
		return nil
	})
	inLoop(t, "in a task can be left early, and ends when the task is cancelled", func(t *testing.T, main *Task) error {
		a, b := CreateTask(main, sleepy(1, 1)), CreateTask(main, sleepy(time.Hour, 2))
		for range AsCompleted(main, a, b) {
			break
		}
		waiter := CreateTask(main, nothing(func(task *Task) error {
			for f, err := range AsCompleted(task, b) {
				equal(t, "future", f, nil)
				return err
			}
			return nil
		}))
		turns(main, 1)
		waiter.Cancel()
		fails(t, waiter.Exception(main), ErrCancelled, "")
		equal(t, "b is done", b.Done(), false)
		return nil
	})
	t.Run("outside of tasks yields them too, until the context ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b, c := NewFuture[int](), NewFuture[int](), NewFuture[int]()
			time.AfterFunc(2*time.Second, func() { a.SetResult(1) })
			time.AfterFunc(time.Second, func() { b.SetResult(2) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			var order []*Future[int]
			var last error
			for f, err := range AsCompleted(ctx, a, b, c) {
				order, last = append(order, f), err
			}
			equal(t, "order", fmt.Sprint(order), fmt.Sprint([]*Future[int]{b, a, nil}))
			fails(t, last, context.DeadlineExceeded, "")
		})
	})
}

// TestContextsMadeFromATask ends such a context before the task: every wait gives up and says why.
func TestContextsMadeFromATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Run(t.Context(), nothing(func(main *Task) error {
			f := CreateTask(main, sleepy(time.Hour, 7))
			waits := []func(ctx context.Context) error{
				func(ctx context.Context) error { return f.Exception(ctx) },
				func(ctx context.Context) error { _, err := f.ResultTimeout(ctx, time.Minute); return err },
				func(ctx context.Context) error {
					_, err := WaitFor(ctx, CreateFuture[int](main), time.Minute)
					return err
				},
				func(ctx context.Context) error {
					_, err := WaitFor(ctx, NewCoroutine(sleepy(time.Hour, 7)), time.Minute)
					return err
				},
				func(ctx context.Context) error { _, err := Await(ctx, NewCoroutine(sleepy(time.Hour, 7))); return err },
				func(ctx context.Context) error {
					_, err := Await(ctx, Gather(main, NewCoroutine(sleepy(time.Hour, 7)), NewCoroutine(sleepy(time.Hour, 8))))
					return err
				},
				func(ctx context.Context) error { _, _, err := Wait(ctx, AllCompleted, f); return err },
				func(ctx context.Context) error {
					for _, err := range AsCompleted(ctx, f) {
						return err
					}
					return nil
				},
			}
			for _, wait := range waits {
				ctx, cancel := context.WithTimeoutCause(main, time.Second, errFirst)
				fails(t, wait(ctx), errFirst, "")
				fails(t, wait(ctx), errFirst, "") // it has ended already
				cancel()
				equal(t, "tasks left", len(main.Loop().Tasks()), 2) // this one, and that of f
			}
			return f.Exception(main)
		}))
		ok(t, err)
	})
}
