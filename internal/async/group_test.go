package async

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestGroup(t *testing.T) {
	inLoop(t, "waits for its tasks, those made late included", func(t *testing.T, main *Task) error {
		ended := 0
		err := Group(main, func(g *TaskGroup) error {
			CreateTask(g, nothing(func(task *Task) error {
				CreateTask(g, nothing(func(task *Task) error { ended++; return task.Sleep(time.Minute) }))
				ended++
				return task.Sleep(time.Second)
			}))
			return nil
		})
		equal(t, "ended", ended, 2)
		equal(t, "time", main.Loop().Time(), time.Minute)
		equal(t, "tasks left", len(main.Loop().Tasks()), 1)
		return err
	})
	inLoop(t, "with a failed task cancels the other tasks and what body waits for", func(t *testing.T, main *Task) error {
		var sibling *Future[int]
		err := Group(main, func(g *TaskGroup) error {
			sibling = CreateTask(g, sleepy(time.Hour, 0))
			CreateTask(g, failing(time.Second, errFirst))
			err := main.Sleep(time.Hour)
			fails(t, err, ErrCancelled, "")
			return err
		})
		equal(t, "error", err.Error(), errFirst.Error())
		equal(t, "sibling cancelled", sibling.Cancelled(), true)
		equal(t, "requests left", main.Cancelling(), 0)
		equal(t, "time", main.Loop().Time(), time.Second)
		return main.Sleep(time.Second)
	})
	inLoop(t, "joins the errors of body and of tasks, also of those that fail when they are cancelled", func(t *testing.T, main *Task) error {
		err := Group(main, func(g *TaskGroup) error {
			for _, with := range []error{errFirst, errSecond} {
				CreateTask(g, nothing(func(task *Task) error { task.Sleep(time.Hour); return with }))
			}
			turns(main, 1)
			return errBody
		})
		equal(t, "errors", fmt.Sprintf("%q", err.Error()), `"the first\nthe second\nbody"`)
		return nil
	})
	inLoop(t, "has errors that body did not see, because it did not wait", func(t *testing.T, main *Task) error {
		err := Group(main, func(g *TaskGroup) error { CreateTask(g, failing(0, errFirst)); return nil })
		fails(t, err, errFirst, "")
		return main.Sleep(0)
	})
	inLoop(t, "does not hide behind its errors that its own task was cancelled", func(t *testing.T, main *Task) error {
		var inner error
		outer := CreateTask(main, nothing(func(task *Task) error {
			inner = Group(task, func(g *TaskGroup) error {
				CreateTask(g, nothing(func(child *Task) error { child.Sleep(time.Hour); return errFirst }))
				return task.Sleep(time.Hour)
			})
			return task.Sleep(0)
		}))
		turns(main, 2)
		outer.Cancel()
		fails(t, outer.Exception(main), ErrCancelled, "")
		fails(t, inner, errFirst, "")
		return nil
	})
	inLoop(t, "is not ended by a task of it that is cancelled", func(t *testing.T, main *Task) error {
		var other *Future[int]
		err := Group(main, func(g *TaskGroup) error {
			gone := CreateTask(g, sleepy(time.Hour, 0))
			other = CreateTask(g, sleepy(time.Second, 7))
			gone.Cancel()
			CreateTask(g, sleepy(time.Hour, 0)).Cancel() // before it begins
			return nil
		})
		equal(t, "the other cancelled", other.Cancelled(), false)
		return err
	})
	inLoop(t, "cancelled from outside cancels its tasks and says so", func(t *testing.T, main *Task) error {
		for _, wait := range []time.Duration{0, time.Hour} { // at the end of the group, and in body
			var child *Future[int]
			outer := CreateTask(main, nothing(func(task *Task) error {
				return Group(task, func(g *TaskGroup) error {
					child = CreateTask(g, sleepy(time.Hour, 0))
					return task.Sleep(wait)
				})
			}))
			main.Sleep(time.Second)
			outer.Cancel()
			fails(t, outer.Exception(main), ErrCancelled, "")
			equal(t, "child cancelled", child.Cancelled(), true)
			equal(t, "requests", outer.Task().Cancelling(), 1)
		}
		return nil
	})
	inLoop(t, "cancelled twice tells its tasks once, and waits while they clean up", func(t *testing.T, main *Task) error {
		var child *Future[int]
		outer := CreateTask(main, nothing(func(task *Task) error {
			return Group(task, func(g *TaskGroup) error {
				child = CreateTask(g, func(task *Task) (int, error) {
					err := task.Sleep(time.Hour)
					ok(t, task.Sleep(time.Minute)) // cleans up
					return 0, err
				})
				return nil
			})
		}))
		turns(main, 2)
		outer.Cancel()
		turns(main, 3)
		equal(t, "over", outer.Done(), false)
		outer.Cancel()
		fails(t, outer.Exception(main), ErrCancelled, "")
		equal(t, "requests to the task", child.Task().Cancelling(), 1)
		equal(t, "time", main.Loop().Time(), time.Minute)
		return nil
	})
	inLoop(t, "with a failed task does not break off the cleaning up of another when body gives up", func(t *testing.T, main *Task) error {
		var child *Future[int]
		err := Group(main, func(g *TaskGroup) error {
			child = CreateTask(g, func(task *Task) (int, error) {
				err := task.Sleep(time.Hour)
				ok(t, task.Sleep(time.Minute))
				return 0, err
			})
			CreateTask(g, failing(0, errFirst))
			return main.Sleep(time.Hour)
		})
		fails(t, err, errFirst, "")
		equal(t, "requests to the task", child.Task().Cancelling(), 1)
		equal(t, "requests to the parent", main.Cancelling(), 0)
		return nil
	})
	inLoop(t, "lets what is due in the turn of a failure run once more", func(t *testing.T, main *Task) error {
		begun := false
		err := Group(main, func(g *TaskGroup) error {
			CreateTask(g, nothing(func(*Task) error { return errFirst }))
			CreateTask(g, nothing(func(*Task) error { begun = true; return errSecond }))
			return nil
		})
		equal(t, "the second has begun", begun, true)
		equal(t, "errors", fmt.Sprintf("%q", err.Error()), `"the first\nthe second"`)
		return nil
	})
	inLoop(t, "keeps what its tasks and body raise when they are told to end", func(t *testing.T, main *Task) error {
		outer := CreateTask(main, nothing(func(task *Task) error {
			return Group(task, func(g *TaskGroup) error {
				CreateTask(g, nothing(func(task *Task) error { return errors.Join(task.Sleep(time.Hour), errFirst) }))
				CreateTask(g, nothing(func(task *Task) error { return fmt.Errorf("gone: %w", task.Sleep(time.Hour)) }))
				return fmt.Errorf("%w, and %w", task.Sleep(time.Hour), errSecond)
			})
		}))
		turns(main, 2)
		outer.Cancel()
		err := outer.Exception(main)
		equal(t, "errors", fmt.Sprintf("%q", err.Error()), `"cancelled\nthe first\ncancelled, and the second"`)
		equal(t, "cancelled", outer.Cancelled(), false)
		return nil
	})
	inLoop(t, "passes a panic of body on when its tasks are done", func(t *testing.T, main *Task) error {
		var child *Future[int]
		outer := CreateTask(main, nothing(func(task *Task) error {
			return Group(task, func(g *TaskGroup) error {
				child = CreateTask(g, sleepy(time.Hour, 0))
				turns(task, 1)
				panic(errFirst)
			})
		}))
		var p *PanicError
		if err := outer.Exception(main); !errors.As(err, &p) {
			t.Errorf("error %v, want a panic", err)
		}
		equal(t, "panic", p.Value, any(errFirst))
		equal(t, "child cancelled", child.Cancelled(), true)
		return nil
	})
	inLoop(t, "has the panic of a task as an error", func(t *testing.T, main *Task) error {
		err := Group(main, func(g *TaskGroup) error {
			CreateTask(g, func(*Task) (int, error) { panic(errFirst) }, WithName("bad"))
			return nil
		})
		fails(t, err, errFirst, "bad panicked: the first")
		return nil
	})
	inLoop(t, "in a group fails alone, or with the one around it", func(t *testing.T, main *Task) error {
		var child *Future[int]
		err := Group(main, func(outer *TaskGroup) error {
			inner := Group(main, func(g *TaskGroup) error {
				CreateTask(g, failing(time.Second, errFirst))
				return main.Sleep(time.Hour)
			})
			fails(t, inner, errFirst, "")
			ok(t, main.Sleep(time.Second)) // the outer one goes on
			CreateTask(outer, failing(time.Second, errSecond))
			return Group(main, func(g *TaskGroup) error {
				child = CreateTask(g, sleepy(time.Hour, 0))
				return nil
			})
		})
		equal(t, "error", err.Error(), errSecond.Error())
		equal(t, "inner child cancelled", child.Cancelled(), true)
		equal(t, "time", main.Loop().Time(), 3*time.Second)
		equal(t, "requests left", main.Cancelling(), 0)
		return nil
	})
	t.Run("is ended by closing the loop, its tasks after it", func(t *testing.T) {
		before := goleak.IgnoreCurrent()
		l := NewLoop()
		var order []string
		CreateTask(l, nothing(func(task *Task) error {
			defer func() { order = append(order, "parent") }()
			return Group(task, func(g *TaskGroup) error {
				CreateTask(g, nothing(func(task *Task) error {
					defer func() { order = append(order, "child") }()
					return task.Sleep(time.Hour)
				}))
				return nil
			})
		}))
		oneTurn(t, l)
		oneTurn(t, l)
		ok(t, l.Close())
		equal(t, "order", fmt.Sprint(order), "[parent child]")
		goleak.VerifyNone(t, before)
	})
}
