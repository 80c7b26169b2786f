package ch2

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// Two threads take two locks in opposite orders and wait for each other. One gives way. Then three cures prevent it.

// A crosser is a thread that needs two locks to do its work.
type crosser struct {
	name          string
	first, second namedLock
	take          takeFunc
	meet          chan struct{} // with the other crosser, when each has its first lock; nil if they need not
	done          *int          // works done; guarded by having both locks
}

type namedLock struct {
	*threading.Lock
	name string
}

// run takes both locks and does its work, in as many attempts as it needs.
func (c crosser) run(t *threading.Thread, out *transcript.Log) error {
	dice := out.Actor(c.name).Rand()
	for attempt := 1; ; attempt++ {
		err := threading.With(t, c.first, func() error { return c.holdingFirst(t, out.Actor(c.name), attempt) })
		if !errors.Is(err, errTaken) && !errors.Is(err, threading.ErrTimeout) {
			return err
		}
		if err := out.Sleep(t, time.Duration(dice.IntN(1000))*time.Millisecond); err != nil {
			return err
		}
		runtime.Gosched() // the other should have its turn even if pauses are left out
	}
}

func (c crosser) holdingFirst(t *threading.Thread, say transcript.Actor, attempt int) error {
	if attempt == 1 {
		say.Printf("%s holds %s, wants %s", c.name, c.first.name, c.second.name)
		if c.meet != nil {
			select { // both offer to send and to receive, so that the second to come meets the first
			case c.meet <- struct{}{}:
			case <-c.meet:
			case <-t.Done():
				return context.Cause(t)
			}
		}
	}
	if err := c.take(c.second.Lock, t); err != nil {
		if attempt == 1 {
			say.Printf("%s gives back %s", c.name, c.first.name)
		}
		return err
	}
	*c.done++
	say.Printf("%s has both (attempt %d)", c.name, attempt)
	return c.second.Release(t)
}

// A takeFunc takes the second lock. If the error is errTaken or ErrTimeout, the crosser gives back its first lock and tries
// again.
type takeFunc func(second *threading.Lock, ctx context.Context) error

var errTaken = errors.New("taken")

// cross starts Thread-A, which takes lock 1 first, and Thread-B, which takes lock 2 first if they are to cross head-on. The
// function that it returns joins them and says how many did their work.
func cross(main *threading.Thread, ctxB context.Context, out *transcript.Log, headOn bool, takeA, takeB takeFunc) (
	join func() (done int, err error),
) {
	done := 0
	lock1, lock2 := namedLock{threading.NewLock("lock 1"), "lock 1"}, namedLock{threading.NewLock("lock 2"), "lock 2"}
	a := crosser{"Thread-A", lock1, lock2, takeA, nil, &done}
	b := crosser{"Thread-B", lock1, lock2, takeB, nil, &done}
	if headOn {
		b.first, b.second = lock2, lock1
		a.meet = make(chan struct{})
		b.meet = a.meet
	}
	thread := func(ctx context.Context, c crosser) *threading.Thread {
		return threading.NewThread(ctx, func(t *threading.Thread) error { return c.run(t, out) }, threading.WithName(c.name))
	}
	threadA, threadB := thread(main, a), thread(ctxB, b)
	err := errors.Join(threadA.Start(), threadB.Start())
	return func() (int, error) {
		theirEnd := context.WithoutCancel(main) // if main is told to end, so are they; wait for them even then
		err := errors.Join(err, threadA.Join(theirEnd), threadB.Join(theirEnd))
		return done, err
	}
}

// # The deadlock

// runIntoDeadlock lets the two cross head-on. Each waits for the other until Thread-B gives way.
func runIntoDeadlock(main *threading.Thread, out *transcript.Log) error {
	ctxB, giveWay := context.WithCancelCause(main)
	defer giveWay(nil)
	join := cross(main, ctxB, out, true, (*threading.Lock).Acquire, (*threading.Lock).Acquire)
	deadlock, err := threading.AwaitDeadlock(main)
	if err != nil {
		_, errs := join()
		return errors.Join(err, errs)
	}
	for _, line := range waitfor.Report(deadlock.Cycle) {
		out.Printf("%s", line)
	}
	out.Note("Each waits for the other, and no wait can end. One has to give way: main cancels the wait of Thread-B.")
	giveWay(deadlock)
	done, err := join()
	if !errors.Is(err, deadlock) {
		return err
	}
	out.Check("the deadlock is a circle of two", len(deadlock.Cycle), 2)
	out.Check("when one gives way the other passes", done, 1)
	return nil
}

// # The cures

// cureDeadlock runs the two once for each cure.
func cureDeadlock(main *threading.Thread, out *transcript.Log, patience time.Duration) error {
	try := func(second *threading.Lock, ctx context.Context) error {
		if !second.TryAcquire(ctx) {
			return errTaken
		}
		return nil
	}
	waitAWhile := func(second *threading.Lock, ctx context.Context) error { return second.AcquireTimeout(ctx, patience) }
	insist := (*threading.Lock).Acquire
	for i, cure := range []struct {
		how, why     string
		headOn       bool
		takeA, takeB takeFunc
	}{
		{"both take lock 1 first", "A thread that waits for lock 1 holds nothing that the other could want.",
			false, insist, insist},
		{"Thread-A tries, and keeps nothing if it cannot have both", "If both did so, they could both fail again and " +
			"again: a live-lock. So the pause before the next attempt is random.", true, try, insist},
		{"Thread-A waits for a while, and then gives back", "A wait that ends by itself cannot be part of a deadlock.",
			true, waitAWhile, insist},
	} {
		out.Printf("cure %d: %s", i+1, cure.how)
		out.Note("%s", cure.why)
		done, err := cross(main, main, out, cure.headOn, cure.takeA, cure.takeB)()
		if err != nil {
			return err
		}
		out.Check(fmt.Sprintf("cure %d lets both pass", i+1), done, 2)
	}
	return nil
}

var deadlock = catalog.Recipe{
	ID: "ch2.deadlock", Section: "2.6", Title: "Find a deadlock, and avoid it in three ways",
	Python: "threading.Lock", Go: "threading.Lock, threading.AwaitDeadlock",
	New: func(f *pflag.FlagSet) catalog.Run {
		patience := catalog.Duration(f, "patience", 200*time.Millisecond, 0, time.Hour,
			"cure 3: how long Thread-A waits for its second lock")
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			if err := runIntoDeadlock(main, out); err != nil {
				return err
			}
			return cureDeadlock(main, out, time.Duration(float64(*patience)/float64(out.Speed())))
		}
	},
	Wrong: deadlockWrong,
	Bare:  deadlockBare,
}
