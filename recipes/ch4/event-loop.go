package ch4

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Functions call each other through a loop: each schedules a call of the next one a second later.

// functions are four functions that share a map without a lock: all of them run on the loop, one at a time.
type functions struct {
	out   *transcript.Log
	loop  *async.Loop
	end   time.Duration // on the loop's clock
	calls map[string]int
}

func (fs *functions) function1() { fs.called("function_1", fs.function2) }
func (fs *functions) function2() { fs.called("function_2", fs.function3) }
func (fs *functions) function3() { fs.called("function_3", fs.function1) }
func (fs *functions) function4() { fs.called("function_4", fs.function4) }

// called prints that a function was called. It schedules the next one a second later, if that is still in time.
func (fs *functions) called(name string, next func()) {
	fs.out.Actor(name).Printf("%s called at %gs", name, fs.loop.Time().Seconds())
	fs.calls[name]++
	if fs.loop.Time()+time.Second < fs.end {
		fs.loop.CallLater(time.Second, next)
	} else {
		fs.loop.Stop()
	}
}

func runEventLoop(ctx context.Context, out *transcript.Log, seconds int, withFourth bool) (err error) {
	loop := async.NewLoop(async.WithPace(out.Sleep))
	defer func() { err = errors.Join(err, loop.Close()) }()

	fs := &functions{
		out:   out,
		loop:  loop,
		end:   loop.Time() + time.Duration(seconds)*time.Second,
		calls: map[string]int{},
	}
	loop.CallSoon(fs.function1)
	fourth := loop.CallSoon(fs.function4)
	if !withFourth {
		fourth.Cancel()
		out.Note("function_1 and function_4 are in the loop's queue. function_4 is then taken out again, through its handle.")
	}
	out.Check("nothing is called before the loop runs", len(fs.calls) == 0, true)

	if err := loop.RunForever(ctx); err != nil {
		return err
	}
	out.Note("One second later the time would be used up. So the function stops the loop and does not schedule the next one.")
	out.Check("calls in the chain 1, 2, 3", fs.calls["function_1"]+fs.calls["function_2"]+fs.calls["function_3"], seconds)
	out.Check("loop time at the end", loop.Time(), time.Duration(seconds-1)*time.Second)
	if withFourth {
		out.Check("calls of function_4", fs.calls["function_4"], seconds)
	} else {
		out.Check("a cancelled call is not made", fourth.Cancelled() && fs.calls["function_4"] == 0, true)
	}
	return nil
}

var eventLoop = catalog.Recipe{
	ID: "ch4.event-loop", Section: "4.3", Title: "Let functions call each other on an event loop",
	Python: "loop.call_soon, call_later, run_forever", Go: "async.Loop",
	New: func(f *pflag.FlagSet) catalog.Run {
		seconds := catalog.Int(f, "seconds", 9, 1, 100_000, "seconds of loop time in which the functions may call each other")
		withFourth := f.Bool("with-fourth", false, "let function_4, which calls itself, run beside the others")
		return func(ctx context.Context, out *transcript.Log) error {
			return runEventLoop(ctx, out, *seconds, *withFourth)
		}
	},
	Wrong: eventLoopWrong,
	Bare:  eventLoopBare,
}
