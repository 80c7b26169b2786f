package ch2

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A kind of thread of one's own: a struct that embeds a thread has all its methods, as a Python class inherits them.

// A clockThread is a thread with the data that its work needs. It has the methods of the embedded Thread, such
// as Start, Join and Name, and like a Thread it is a context.
type clockThread struct {
	*threading.Thread
	out    *transcript.Log
	delay  time.Duration
	ticks  int
	ticked func() // called after each tick
}

// newClock also makes the embedded thread, which will run c.run.
func newClock(ctx context.Context, name string, c clockThread) *clockThread {
	c.Thread = threading.NewThread(ctx, c.run, threading.WithName(name))
	return &c
}

// run is what Start starts, because newClock has handed it to the thread.
func (c *clockThread) run(*threading.Thread) error {
	actor := c.out.Actor(c.Name())
	actor.Printf("Starting %s", c.Name())
	for range c.ticks {
		err := c.out.Sleep(c, c.delay)
		if errors.Is(err, errExitFlag) {
			break
		}
		if err != nil {
			return err
		}
		actor.Printf("%s: %s", c.Name(), time.Now().Format("15:04:05.000"))
		c.ticked()
	}
	actor.Printf("Exiting %s", c.Name())
	return nil
}

// errExitFlag is the cause of a context that the exit flag has ended.
var errExitFlag = errors.New("the exit flag was raised")

// runClocks is the book's program: two clocks, and main, which waits for both.
func runClocks(ctx context.Context, out *transcript.Log, ticks, exitAfter int) error {
	main := threading.Main(ctx)
	flag, raise := context.WithCancelCause(main)
	defer raise(nil)
	var (
		mu   sync.Mutex // held while the flag is raised: no tick is counted between the last one and the flag
		made int
	)
	ticked := func() {
		mu.Lock()
		defer mu.Unlock()
		if made++; made == exitAfter {
			raise(errExitFlag)
		}
	}

	out.Note("Two threads of one kind: the first ticks every second, the second every two seconds.")
	clocks := []*clockThread{
		newClock(flag, "Thread-1", clockThread{out: out, delay: 1 * time.Second, ticks: ticks, ticked: ticked}),
		newClock(flag, "Thread-2", clockThread{out: out, delay: 2 * time.Second, ticks: ticks, ticked: ticked}),
	}
	var err error
	for _, c := range clocks {
		err = errors.Join(err, c.Start())
	}
	for _, c := range clocks {
		err = errors.Join(err, c.Join(context.WithoutCancel(main))) // if ctx ends, so does run; wait for that
	}
	if err != nil {
		return err
	}
	if err := setTimers(main, out); err != nil {
		return err
	}
	out.Printf("Exiting Main Thread")
	out.Note("This line is last because main has joined both threads, however long they took.")

	out.Check("both threads have ended", clocks[0].IsAlive() || clocks[1].IsAlive(), false)
	if exitAfter == 0 {
		out.Check("the ticks of both", made, 2*ticks)
	} else {
		out.Check("after the exit flag there was at most one tick more", made <= exitAfter+1, true)
	}
	return nil
}

// setTimers uses a kind of thread that is there already. A Timer embeds a Thread, too: it waits, and then calls a function.
func setTimers(main *threading.Thread, out *transcript.Log) error {
	var fired atomic.Int64
	fire := func(*threading.Thread) error {
		fired.Add(1)
		return nil
	}
	soon, late := threading.NewTimer(main, time.Millisecond, fire), threading.NewTimer(main, time.Hour, fire)
	err := errors.Join(soon.Start(), late.Start())
	late.Cancel()
	theirEnd := context.WithoutCancel(main) // if main is told to end, so are they; wait for them even then
	if err = errors.Join(err, soon.Join(theirEnd), late.Join(theirEnd)); err != nil {
		return err
	}
	out.Printf("of 2 timers %d fired, and the other was cancelled", fired.Load())
	out.Check("timers that fired", fired.Load(), int64(1))
	return nil
}

var subclass = catalog.Recipe{
	ID: "ch2.subclass", Section: "2.5", Title: "Make a kind of thread of your own",
	Python: "class myThread(threading.Thread)", Go: "a struct that embeds *threading.Thread",
	New: func(f *pflag.FlagSet) catalog.Run {
		ticks := catalog.Int(f, "ticks", 5, 1, 100_000, "ticks of each thread")
		exitAfter := catalog.Int(f, "exit-after", 0, 0, 200_000,
			"raise the exit flag after this number of ticks of both together; 0 is never")
		return func(ctx context.Context, out *transcript.Log) error {
			if both := 2 * *ticks; *exitAfter > both {
				return catalog.Usagef("--exit-after %d: want 0 to %d, the ticks of both together", *exitAfter, both)
			}
			return runClocks(ctx, out, *ticks, *exitAfter)
		}
	},
	Bare: subclassBare,
}
