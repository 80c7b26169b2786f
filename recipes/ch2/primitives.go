package ch2

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// Every kind of object in Python's threading, and what a Go program uses for it.

// A primitive is a row of the run: names, what is done with it, what is claimed of it, and a trial of that claim.
type primitive struct {
	python, golang, use, claim string
	holds                      func() bool // tries it and reports whether the claim is true
}

// uses tries each of them with n threads.
func uses(ctx context.Context, out *transcript.Log, n int) []primitive {
	return []primitive{
		{"Thread", "go, WaitGroup", "%d threads run", "all have run when Wait returns", func() bool {
			return inThreads(out, n, func(int) bool { return true }) == n
		}},
		{"Lock", "sync.Mutex", "%d threads add 1 each", "no addition is lost", func() bool {
			var mu sync.Mutex
			sum := 0
			inThreads(out, n, func(int) bool {
				mu.Lock()
				defer mu.Unlock()
				sum++
				return true
			})
			return sum == n
		}},
		{"RLock", "threading.RLock", "one thread acquires it %d times", "no other thread can", func() bool {
			var lock threading.RLock
			owner := threading.Main(ctx)
			for range n {
				if lock.Acquire(owner) != nil {
					return false
				}
			}
			try := func(int) bool { return lock.TryAcquire(threading.Main(ctx)) }
			depth, others := lock.Depth(), inThreads(out, n, try)
			for range n {
				if lock.Release(owner) != nil {
					return false
				}
			}
			return depth == n && others == 0 && inThreads(out, n, try) == 1 // now it is free for one of them
		}},
		{"Semaphore", "buffered channel", "%d threads try for 2 places", "2 of them get one", func() bool {
			places := make(chan struct{}, 2)
			return inThreads(out, n, func(int) bool {
				select {
				case places <- struct{}{}:
					return true
				default:
					return false
				}
			}) == 2
		}},
		{"Condition", "sync.Cond", "%d threads wait for their turns", "each goes on in its turn", func() bool {
			turn, changed := 0, sync.NewCond(new(sync.Mutex))
			return inThreads(out, n, func(i int) bool {
				changed.L.Lock()
				defer changed.L.Unlock()
				for turn != i {
					changed.Wait()
				}
				turn++
				changed.Broadcast()
				return turn == i+1
			}) == n
		}},
		{"Event", "closed channel", "%d threads wait, one sets it", "none goes on before it is set", func() bool {
			event, done := make(chan struct{}), false
			return inThreads(out, n, func(i int) bool {
				if i == 0 {
					done = true
					close(event)
				}
				<-event
				return done
			}) == n
		}},
		{"Barrier", "threading.Barrier", "%d threads wait for each other", "none goes on before all are there", func() bool {
			var there atomic.Int64
			met := false
			lastToCome := threading.WithAction(func() error { met = there.Load() == int64(n); return nil })
			barrier, err := threading.NewBarrier("start", n, lastToCome)
			return err == nil && inThreads(out, n, func(int) bool {
				there.Add(1)
				_, err := barrier.Wait(ctx)
				return err == nil && met
			}) == n
		}},
		{"Queue", "channel", "%d threads put and get a number", "the sum stays the same", func() bool {
			queue := make(chan int, n)
			var sum atomic.Int64
			inThreads(out, n, func(i int) bool {
				queue <- i
				sum.Add(int64(<-queue))
				return true
			})
			return sum.Load() == int64(n*(n-1)/2)
		}},
		{"Timer", "time.AfterFunc", "%d threads set two and stop one", "the other one fires", func() bool {
			return inThreads(out, n, func(int) bool {
				fired := make(chan struct{})
				time.AfterFunc(time.Millisecond, func() { close(fired) })
				late := time.AfterFunc(time.Hour, func() {})
				<-fired
				return late.Stop()
			}) == n
		}},
		{"local", "threading.Local", "%d threads set their own", "main's own stays what it was", func() bool {
			var own threading.Local[string]
			main := threading.Main(ctx)
			if own.Set(main, "main's") != nil {
				return false
			}
			set := inThreads(out, n, func(int) bool { return own.Set(threading.Main(ctx), "another's") == nil })
			value, _ := own.Get(main)
			return set == n && value == "main's"
		}},
	}
}

// inThreads runs f in n goroutines, waits until all have ended and returns how many said true.
func inThreads(out *transcript.Log, n int, f func(i int) bool) int {
	var threads sync.WaitGroup
	var yes atomic.Int64
	for i := range n {
		threads.Go(func() {
			out.Actor(fmt.Sprintf("thread %d", i)).Begin()
			if f(i) {
				yes.Add(1)
			}
		})
	}
	threads.Wait()
	return int(yes.Load())
}

var primitives = catalog.Recipe{
	ID: "ch2.primitives", Section: "2.2", Title: "Meet the threading module",
	Python: "threading", Go: "go, chan, sync, internal/threading",
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "threads", 5, 2, 1_000, "threads that use each primitive")
		return func(ctx context.Context, out *transcript.Log) error {
			out.Note("In each line: the name in Python, what a Go program uses for it, and what is done with it here.")
			for _, p := range uses(context.WithoutCancel(ctx), out, *n) { // none takes long
				if err := context.Cause(ctx); err != nil {
					return err
				}
				out.Printf("%-9s  %-17s  "+p.use, p.python, p.golang, *n)
				out.Check(p.python+": "+p.claim, p.holds(), true)
			}
			return nil
		}
	},
	Wrong: primitivesWrong,
	Bare:  primitivesBare,
}
