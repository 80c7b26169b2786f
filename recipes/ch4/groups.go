package ch4

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// office is main, a task that starts others and waits for them. Each method shows one way to wait.
type office struct {
	out      *transcript.Log
	main     *async.Task
	printers int
}

var errNoPaper = errors.New("no paper")

func (o office) group() error {
	err := async.Group(o.main, func(g *async.TaskGroup) error {
		for i := 1; i <= o.printers; i++ {
			o.start(g, fmt.Sprintf("printer %d", i), func(t *async.Task) error {
				if i > 1 {
					err := t.Sleep(time.Hour)
					o.say(t, "is %v", err)
					return err
				}
				if err := t.Sleep(time.Second); err != nil {
					return err
				}
				o.say(t, "has no paper")
				return errNoPaper
			})
		}
		return nil // Group waits until all its tasks have ended
	})
	if !errors.Is(err, errNoPaper) {
		return err
	}
	o.out.Printf("main has the group's error: %v", err)
	o.out.Note("When a task of a group fails, the others are cancelled. Group returns the error when all have ended.")
	return nil
}

func (o office) shield() error {
	payment := o.start(o.main, "payment", func(t *async.Task) error {
		if err := t.Sleep(time.Second); err != nil {
			return err
		}
		o.say(t, "ends well")
		return nil
	})
	shield := async.Shield(payment)
	shield.Cancel()
	_, err := async.Await(o.main, shield)
	o.out.Printf("main's wait is %v", err)
	o.out.Note("Only the shield is cancelled. The task behind it goes on.")
	o.out.Check("the payment is not cancelled", payment.Done(), false)
	_, err = async.Await(o.main, payment)
	o.out.Check("main has waited for the payment", payment.Done(), true)
	return err
}

func (o office) first() error {
	slow := o.start(o.main, "slow offer", func(t *async.Task) error { return t.Sleep(2 * time.Second) })
	fast := o.start(o.main, "fast offer", func(t *async.Task) error { return t.Sleep(time.Second) })
	done, notDone, err := async.Wait(o.main, async.FirstCompleted, slow, fast)
	if err != nil {
		return err
	}
	o.out.Printf("main has the %s, but not the %s", done[0].Task().Name(), notDone[0].Task().Name())
	o.out.Note("Wait cancels nothing: the slow one goes on.")
	done, _, err = async.Wait(o.main, async.AllCompleted, slow, fast)
	if err == nil {
		o.out.Check("offers in the end", len(done), 2)
	}
	return err
}

func (o office) notTooLong() error {
	call := o.start(o.main, "call", func(t *async.Task) error {
		wait := t.Sleep(time.Hour)
		o.say(t, "is %v", wait)
		if err := t.Sleep(time.Second); err != nil { // a cancelled task may still wait, to clean up
			return err
		}
		o.say(t, "is over")
		return wait
	})
	begun := o.main.Loop().Time()
	_, err := async.WaitFor(o.main, call, time.Second)
	if !errors.Is(err, async.ErrTimeout) {
		return err
	}
	o.out.Printf("main waits no longer")
	o.out.Note("After the time-out WaitFor cancels the task, and returns when it has ended.")
	o.out.Check("time until WaitFor returns", o.main.Loop().Time()-begun, 2*time.Second)
	return nil
}

// answer waits for another goroutine. The other waits here are for the loop's own tasks and futures.
func (o office) answer() error {
	answer := async.NewFuture[int]()
	var goroutine sync.WaitGroup
	goroutine.Go(func() {
		o.out.Actor("goroutine").Printf("the future is set to 42 outside the loop")
		answer.SetResult(42)
	})
	defer goroutine.Wait()
	v, err := async.Await(o.main, answer) // suspends main, not the loop
	if err == nil {
		o.out.Printf("main has %d", v)
	}
	return err
}

// debug runs a loop that reports what should not be done in a task.
func debug(ctx context.Context, out *transcript.Log) error {
	var slow []string
	report := func(s async.Slow) { slow = append(slow, s.Who) }
	_, err := async.Run(ctx, func(main *async.Task) (any, error) {
		var refused any
		var goroutine sync.WaitGroup
		goroutine.Go(func() {
			defer func() { refused = recover() }()
			main.Loop().CallSoon(func() {}) // instead of CallSoonThreadsafe
		})
		goroutine.Wait()                 // blocks the loop
		time.Sleep(2 * time.Millisecond) // blocks the loop as well: a task should call main.Sleep
		out.Printf("debug mode refuses a call from outside the loop")
		err, _ := refused.(error)
		out.Check("CallSoon panics with ErrGoroutine", errors.Is(err, async.ErrGoroutine), true)
		return nil, nil
	}, async.WithPace(out.Sleep), async.WithDebug(time.Millisecond, report))
	if err == nil {
		out.Check("debug mode reports a task that blocks the loop", slices.Contains(slow, "Task-1"), true)
	}
	return err
}

func (o office) start(on async.Owner, name string, body func(t *async.Task) error) *async.Future[any] {
	return async.CreateTask(on, func(t *async.Task) (any, error) { return nil, body(t) }, async.WithName(name))
}

func (o office) say(t *async.Task, format string, args ...any) {
	o.out.Actor(t.Name()).Printf(t.Name()+" "+format, args...)
}

var groups = catalog.Recipe{
	ID: "ch4.groups", Section: "4.5", Title: "Wait for a group of tasks, or not too long",
	Python: "asyncio.TaskGroup, shield, wait, wait_for", Go: "async.Group, Shield, Wait, WaitFor",
	New: func(f *pflag.FlagSet) catalog.Run {
		printers := catalog.Int(f, "printers", 3, 1, 100, "tasks in the group")
		return func(ctx context.Context, out *transcript.Log) error {
			_, err := async.Run(ctx, func(main *async.Task) (any, error) {
				o := office{out, main, *printers}
				for _, show := range []func() error{o.group, o.shield, o.first, o.notTooLong, o.answer} {
					if err := show(); err != nil {
						return nil, err
					}
				}
				return nil, nil
			}, async.WithPace(out.Sleep))
			if err != nil {
				return err
			}
			return debug(ctx, out)
		}
	},
	Wrong: groupsWrong,
	Bare:  groupsBare,
}
