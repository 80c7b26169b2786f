package ch1

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// Threads that compute: on all processors, and on one at a time, as under Python's GIL.

// countInThreads lets each of n threads count the primes, and returns the sum of what they counted.
func countInThreads(ctx context.Context, processors, n, below int) int {
	// GOMAXPROCS returns what it was before: this line sets it now, and sets it back at the end. It is one number for
	// the whole process, so nothing else should run meanwhile.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))

	var sum atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			runtime.LockOSThread() // from here to Unlock the goroutine has a thread of the system to itself
			defer runtime.UnlockOSThread()
			sum.Add(int64(countPrimes(ctx, below)))
		})
	}
	all.Wait()
	return int(sum.Load())
}

// countPrimes tries every divisor that could matter. It is slow on purpose.
func countPrimes(ctx context.Context, below int) int {
	primes := 1 // 2
next:
	for n := 3; n < below && ctx.Err() == nil; n += 2 {
		for d := 3; d*d <= n; d += 2 {
			if n%d == 0 {
				continue next
			}
		}
		primes++
	}
	return primes
}

// addTogether lets n threads read a counter, meet, and then write back one more than they read.
func addTogether(n int) int64 {
	var counter atomic.Int64
	var read, written sync.WaitGroup
	read.Add(n)
	for range n {
		written.Go(func() {
			before := counter.Load()
			read.Done()
			read.Wait()
			counter.Store(before + 1)
		})
	}
	written.Wait()
	return counter.Load()
}

func compareProcessors(ctx context.Context, out *transcript.Log, processors, most, below int) error {
	primes := countPrimes(ctx, below)
	out.Printf("each thread counts the primes below %d: %d", below, primes)

	var counts []int
	for n := 1; n < 2*most; n *= 2 {
		counts = append(counts, min(n, most))
	}
	wrong := 0
	var works []func() error // of each number of threads: with all processors, and with one
	for _, n := range counts {
		for _, processors := range []int{processors, 1} {
			works = append(works, func() error {
				if countInThreads(ctx, processors, n, below) != n*primes {
					wrong++
				}
				return nil
			})
		}
	}
	times, err := measure.Medians(ctx, 5, works...)
	if err != nil {
		return err
	}

	out.Note("How many counts all threads together finished in a second, and how many times as many as one thread:")
	out.Printf("             GOMAXPROCS=%-3d        GOMAXPROCS=1", processors)
	out.Printf("threads   counts/s  speed-up   counts/s  speed-up")
	for i, n := range counts {
		all, one := float64(n)/times[2*i].Seconds(), float64(n)/times[2*i+1].Seconds()
		out.Printf("%7d  %9.1f  %8.2f  %9.1f  %8.2f", n, all, all*times[0].Seconds(), one, one*times[1].Seconds())
	}
	if usable := min(processors, runtime.NumCPU()); usable == 1 {
		out.Note("This program has one processor to run on, so both halves of the table show the same thing: taking turns.")
	} else {
		out.Note("What to look for: on the left the speed-up rises to the %d processors, if no other program needs them. "+
			"On the right one thread runs at a time, as under Python's GIL, and the speed-up stays near 1. A small --below shows only chance.", usable)
	}
	out.Check("runs in which a thread came to another count", wrong, 0)
	out.Check("GOMAXPROCS is as it was", runtime.GOMAXPROCS(0), processors)

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	left := addTogether(8)
	out.Printf("8 threads added 1 each, one at a time, and the counter is %d", left)
	out.Note("Running one at a time is not a lock: each had read the counter before any of them wrote it.")
	out.Check("of 8 additions without a lock, all but one were lost", left, int64(1))
	return nil
}

var gil = catalog.Recipe{
	ID: "ch1.gil", Section: "1.8", Title: "Let threads compute at the same time",
	Python: "the interpreter and its GIL", Go: "runtime.GOMAXPROCS", Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		most := catalog.Int(f, "threads", min(max(2, runtime.GOMAXPROCS(0)), 256), 2, 256,
			"measure up to this number of threads")
		below := catalog.Int(f, "below", 100_000, 3, 10_000_000, "each thread counts the prime numbers below this")
		return func(ctx context.Context, out *transcript.Log) error {
			return compareProcessors(ctx, out, runtime.GOMAXPROCS(0), *most, *below)
		}
	},
	Wrong: gilWrong,
}
