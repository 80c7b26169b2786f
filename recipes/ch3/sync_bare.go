package ch3

import (
	"context"
	"slices"
	"sync"
	"time"

	"cookbook/internal/transcript"
)

// Two goroutines look at the clock after a barrier, two others without one. For one meeting a sync.WaitGroup is a barrier: each says
// that it has come, and waits for the others. For the next meeting take a new one.

// stamps are what the four clocks showed.
type stamps [4]time.Time

// lookAtTheClock starts the four. The lock keeps the two lines of one goroutine together.
func lookAtTheClock(out *transcript.Log, speak bool) (times stamps, together bool) {
	var synchronizer, all sync.WaitGroup
	var serializer sync.Mutex
	var said []string
	synchronizer.Add(2)
	for i, name := range []string{"p1", "p2", "p3", "p4"} {
		withBarrier := i < 2
		all.Go(func() {
			if withBarrier {
				synchronizer.Done()
				synchronizer.Wait()
			}
			times[i] = time.Now() // needs no lock: each has an element of its own
			if !speak {
				return
			}
			serializer.Lock()
			defer serializer.Unlock()
			said = append(said, name)
			out.Actor(name).Printf("goroutine %s ----> %s", name, times[i].Format("15:04:05.000000"))
			said = append(said, name)
			out.Actor(name).Printf("%s waited for another: %t", name, withBarrier)
		})
	}
	all.Wait()
	together = true
	for i := 0; i < len(said); i += 2 {
		together = together && said[i] == said[i+1]
	}
	return times, together
}

func syncBare(ctx context.Context, out *transcript.Log) error {
	const rounds = 20
	_, together := lookAtTheClock(out, true)
	out.Check("the two lines of each holder of the lock stand together", together, true)
	out.Printf("the same %d times, and how far the stamps were apart:", rounds)
	var with, without []time.Duration
	for range rounds {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		times, _ := lookAtTheClock(out, false)
		with = append(with, times[0].Sub(times[1]).Abs())
		without = append(without, times[2].Sub(times[3]).Abs())
	}
	slices.Sort(with)
	slices.Sort(without)
	out.Printf("%-18s  %11s  %11s  %11s", "", "smallest", "median", "largest")
	µs := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	out.Printf("%-18s  %8.1f µs  %8.1f µs  %8.1f µs", "p1, p2: barrier", µs(with[0]), µs(with[rounds/2]), µs(with[rounds-1]))
	out.Printf("%-18s  %8.1f µs  %8.1f µs  %8.1f µs", "p3, p4: no barrier", µs(without[0]), µs(without[rounds/2]), µs(without[rounds-1]))
	return nil
}
