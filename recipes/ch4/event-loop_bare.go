package ch4

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/transcript"
)

// Functions call each other through a loop, which is a goroutine that receives functions from a channel and calls them, one after
// the other. So what they share needs no lock. time.AfterFunc alone would call each in a goroutine of its own.

// A callLoop is the channel to the loop.
type callLoop chan func()

// run makes the calls until ctx ends, and returns why it ended.
func (l callLoop) run(ctx context.Context) error {
	for {
		select {
		case f := <-l:
			f()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// callLater has the loop call f after some time. Stop of the timer takes that back, and reports whether it was in time.
func (l callLoop) callLater(ctx context.Context, d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() {
		select {
		case l <- f:
		case <-ctx.Done(): // the loop has ended
		}
	})
}

// A chain is four functions that share a map.
type chain struct {
	out   *transcript.Log
	later func(next func())
	stop  func()
	left  int // calls
	calls map[string]int
}

func (c *chain) function1() { c.called("function_1", c.function2) }
func (c *chain) function2() { c.called("function_2", c.function3) }
func (c *chain) function3() { c.called("function_3", c.function1) }
func (c *chain) function4() { c.called("function_4", c.function4) }

// called prints that a function was called. It schedules the next one, or stops the loop with the last.
func (c *chain) called(name string, next func()) {
	c.left--
	c.out.Actor(name).Printf("%s called, %d to come", name, c.left)
	c.calls[name]++
	if c.left > 0 {
		c.later(next)
	} else {
		c.stop()
	}
}

var errStopped = errors.New("stopped")

func eventLoopBare(ctx context.Context, out *transcript.Log) error {
	ctx, cancel := context.WithCancelCause(ctx)
	loop := make(callLoop)
	c := &chain{
		out:   out,
		later: func(next func()) { loop.callLater(ctx, 10*time.Millisecond, next) },
		stop:  func() { cancel(errStopped) },
		left:  9,
		calls: map[string]int{},
	}
	loop.callLater(ctx, 0, c.function1)
	fourth := loop.callLater(ctx, time.Hour, c.function4)
	out.Check("a call can be taken back", fourth.Stop(), true)
	out.Check("nothing is called before the loop runs", len(c.calls), 0)

	if err := loop.run(ctx); !errors.Is(err, errStopped) {
		return err
	}
	out.Printf("the loop has stopped")
	out.Check("calls of each function", c.calls, map[string]int{"function_1": 3, "function_2": 3, "function_3": 3})
	return nil
}
