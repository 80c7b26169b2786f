package ch2

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var subclass = catalog.Recipe{
	ID: "ch2.subclass", Section: "2.5", Title: "Make a kind of thread of your own",
	Python: "class myThread(threading.Thread)", Go: "a struct that embeds *threading.Thread",
	New: func(f *pflag.FlagSet) catalog.Run {
		ticks := f.Int("ticks", 5, "of each thread")
		exitAfter := f.Int("exit-after", 0, "raise the exit flag after so many ticks of both together (0: never)")
		return func(ctx context.Context, out *transcript.Log) error {
			if *ticks < 1 {
				return catalog.Usagef("--ticks %d: want at least 1", *ticks)
			}
			if both := 2 * *ticks; *exitAfter < 0 || *exitAfter > both {
				return catalog.Usagef("--exit-after %d: want 0 to %d, which is how often both tick together", *exitAfter, both)
			}
			return runClocks(ctx, out, *ticks, *exitAfter)
		}
	},
}

// clockThread is a thread with something to do and what it needs for that. What the embedded Thread has, Start and Join and
// Name, it has as well; and like a Thread it is a context.
type clockThread struct {
	*threading.Thread
	out    *transcript.Log
	delay  time.Duration
	ticks  int
	ticked func() // called after each tick
}

func newClock(ctx context.Context, out *transcript.Log, name string, delay time.Duration, ticks int, ticked func()) *clockThread {
	c := &clockThread{out: out, delay: delay, ticks: ticks, ticked: ticked}
	c.Thread = threading.NewThread(ctx, c.run, threading.WithName(name))
	return c
}

// errExitFlag is why a context ended if it was the exit flag that ended it.
var errExitFlag = errors.New("the exit flag was raised")

// run is what Start starts, because newClock said so.
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

func runClocks(ctx context.Context, out *transcript.Log, ticks, exitAfter int) error {
	main := threading.Main(ctx)
	flag, raise := context.WithCancelCause(main)
	defer raise(nil)
	var (
		mu   sync.Mutex // held while the flag is raised: nobody's tick is counted between the last one and the flag
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
		newClock(flag, out, "Thread-1", 1*time.Second, ticks, ticked),
		newClock(flag, out, "Thread-2", 2*time.Second, ticks, ticked),
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
