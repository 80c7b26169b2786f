package ch2

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A kind of goroutine of one's own is a struct with what its work needs, and a method that does it. Nothing is inherited: to run it is
// one line, at the place that also waits for it.

// ticker ticks with a delay between two ticks.
type ticker struct {
	name  string
	delay time.Duration
	ticks int
	out   *transcript.Log
	made  int // for others to read when run has returned
}

var errExit = errors.New("the exit flag was raised")

// run returns early when ctx ends, without an error if that is the exit flag.
func (t *ticker) run(ctx context.Context) error {
	t.out.Actor(t.name).Printf("Starting %s", t.name)
	for t.made < t.ticks {
		if err := t.out.Sleep(ctx, t.delay); errors.Is(err, errExit) {
			break
		} else if err != nil {
			return err
		}
		t.made++
		t.out.Actor(t.name).Printf("%s: %s", t.name, time.Now().Format("15:04:05.000"))
	}
	t.out.Actor(t.name).Printf("Exiting %s", t.name)
	return nil
}

func subclassBare(ctx context.Context, out *transcript.Log) error {
	out.Note("Two of one kind: the first ticks every second, the second every two seconds.")
	first := &ticker{name: "Thread-1", delay: 1 * time.Second, ticks: 3, out: out}
	second := &ticker{name: "Thread-2", delay: 2 * time.Second, ticks: 3, out: out}
	both, bothCtx := errgroup.WithContext(ctx)
	both.Go(func() error { return first.run(bothCtx) })
	both.Go(func() error { return second.run(bothCtx) })
	if err := both.Wait(); err != nil {
		return err
	}
	out.Check("the ticks of both", first.made+second.made, 6)

	out.Note("The exit flag is a context. It ends a pause, too, and its cause says why. Here the quick one raises it at its end.")
	flag, raise := context.WithCancelCause(ctx)
	defer raise(nil)
	quick := &ticker{name: "Thread-3", delay: 1 * time.Second, ticks: 2, out: out}
	slow := &ticker{name: "Thread-4", delay: 1 * time.Hour, ticks: 1, out: out}
	both, bothCtx = errgroup.WithContext(flag)
	both.Go(func() error {
		defer raise(errExit)
		return quick.run(bothCtx)
	})
	both.Go(func() error { return slow.run(bothCtx) })
	if err := both.Wait(); err != nil {
		return err
	}
	out.Check("the flag was raised", errors.Is(context.Cause(flag), errExit), true)

	out.Note("A timer calls a function in a goroutine of its own. Stop reports whether it came before that.")
	fired := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() { close(fired) })
	late := time.AfterFunc(time.Hour, func() {})
	defer late.Stop()
	select {
	case <-fired:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	out.Check("of 2 timers one was stopped, the other has fired", late.Stop(), true)
	out.Printf("Exiting Main Thread")
	return nil
}
