package ch1

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/cpu"

	"cookbook/internal/catalog"
	"cookbook/internal/chart"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// How far away is memory? What sharing a cache line costs, what one read costs, and how to share nothing.

// # Counting

// showCounting has two goroutines count at once, in memory that they share more or less.
func showCounting(ctx context.Context, out *transcript.Log, count int) error {
	var counters struct {
		_    cpu.CacheLinePad // as long as a cache line
		a, b atomic.Int64     // 16 bytes: both on one line
		_    cpu.CacheLinePad
		c    atomic.Int64 // on a line of its own
		_    cpu.CacheLinePad
	}
	countIn := func(x, y *atomic.Int64) int64 {
		var both sync.WaitGroup
		for _, counter := range []*atomic.Int64{x, y} {
			both.Go(func() {
				for range count {
					counter.Add(1)
				}
			})
		}
		both.Wait()
		return x.Swap(0) + y.Swap(0) // where y is x, the first Swap takes all
	}
	countAndSend := func() int64 {
		sums := make(chan int64)
		for range 2 {
			go func() {
				var own int64 // no other goroutine sees it: no need for an atomic operation
				for range count {
					own++
				}
				sums <- own
			}()
		}
		return <-sums + <-sums
	}
	var sums [4]int64
	times, err := measure.Medians(ctx, 5,
		func() error { sums[0] = countIn(&counters.a, &counters.a); return nil },
		func() error { sums[1] = countIn(&counters.a, &counters.b); return nil },
		func() error { sums[2] = countIn(&counters.a, &counters.c); return nil },
		func() error { sums[3] = countAndSend(); return nil })
	if err != nil {
		return err
	}
	out.Printf("two goroutines count to %d each, on %d processors", count, runtime.GOMAXPROCS(0))
	out.Printf("%-32s %7s %7s", "in", "ns/add", "ratio")
	for i, in := range []string{"one counter", "two counters on one cache line", "two counters on two cache lines",
		"own variables, sums sent"} {
		out.Printf("%-32s %7.2f %7.2f", in, float64(times[i])/float64(2*count), float64(times[0])/float64(times[i]))
	}
	out.Note("What to look for: two counters on one line cost as much as one (if a second processor is free to run on).")
	want := 2 * int64(count)
	out.Check("four times the same sum", sums, [4]int64{want, want, want, want})
	return nil
}

// # Walking

// showLevels times reads in arrays of growing size. Each read says where the next one is, so that no two overlap.
func showLevels(ctx context.Context, out *transcript.Log, most int, picture string) error {
	const reads, rounds = 1 << 16, 3
	drawing := chart.Chart{Title: "How far away is memory?", X: "KiB in the array", Y: "ns per read", Log2: true,
		Lines: []chart.Line{{Name: "8 bytes apart"}, {Name: "64 bytes apart"}, {Name: "4096 bytes apart"}, {Name: "random"}}}
	out.Printf("ns per read, by the distance between two reads")
	out.Printf("%7s %9s %9s %9s %9s", "KiB", "8 B", "64 B", "4 KiB", "random")
	next, routes, lost := make([]int64, most/8), make([]int64, most/8), 0
	for size := 16 << 10; size <= most; size *= 4 {
		row := fmt.Sprintf("%7d", size>>10)
		for i, stride := range []int{8, 64, 4096, 64} {
			route := routes[:size/stride] // indices of next, in the order of the walk
			for i := range route {
				route[i] = int64(i * stride / 8)
			}
			if drawing.Lines[i].Name == "random" {
				out.Rand().Shuffle(len(route), func(i, j int) { route[i], route[j] = route[j], route[i] })
			}
			for i, at := range route {
				next[at] = route[(i+1)%len(route)]
			}
			at := route[0]
			times, err := measure.InTurn(ctx, rounds, func() error {
				for range reads {
					at = next[at]
				}
				return nil
			})
			if err != nil {
				return err
			}
			if at != route[(1+rounds)*reads%len(route)] {
				lost++
			}
			ns := func(t time.Duration) float64 { return float64(t) / reads }
			p := chart.Point{X: float64(size >> 10), Y: ns(times[0].Median), Low: ns(times[0].Least), High: ns(times[0].Most)}
			row, drawing.Lines[i].Points = row+fmt.Sprintf(" %9.2f", p.Y), append(drawing.Lines[i].Points, p)
		}
		out.Printf("%s", row)
	}
	out.Note("What to look for: steps where an array outgrows a cache. A regular walk is fetched ahead, a random walk is not.")
	out.Check("walks that did not end where their routes lead", lost, 0)
	if picture == "" {
		return nil
	}
	return drawing.Save(picture)
}

// # Messages

// showMessages adds up the numbers 1 to n: in a sum that all goroutines see, then in sums that only their owners see.
func showMessages(out *transcript.Log) {
	const n, ranks = 1 << 20, 4
	all, shared := new(sync.WaitGroup), new(atomic.Int64)
	for r := range ranks {
		all.Go(func() {
			for i := r; i < n; i += ranks {
				shared.Add(int64(i + 1))
			}
		})
	}
	all.Wait()
	out.Check("the sum in shared memory", shared.Load(), int64(n*(n+1)/2))
	out.Printf("shared memory: %d goroutines added to one sum", ranks)
	sums, received := make(chan int64), int64(0)
	for r := range ranks {
		all.Go(func() {
			first, last, own := 1+r*n/ranks, (r+1)*n/ranks, int64(0)
			for number := first; number <= last; number++ {
				own += int64(number)
			}
			out.Actor(fmt.Sprintf("rank %d", r)).Printf("adds %d to %d, sends %d", first, last, own)
			sums <- own
		})
	}
	for range ranks {
		received += <-sums
	}
	all.Wait()
	out.Printf("distributed memory: %d sums received and added", ranks)
	out.Check("the sum by messages", received, shared.Load())
}

var memory = catalog.Recipe{
	ID: "ch1.memory", Section: "1.3", Title: "See cache lines, cache levels and messages",
	Python: "multiprocessing.RawArray, Pipe", Go: "padded counters, linked walks, channels", Measures: true, Wrong: memoryWrong,
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 1<<19, 1, 1<<26, "additions of each goroutine")
		mib := catalog.Int(f, "mib", 64, 1, 1<<9, "walk through arrays of 16 KiB up to this number of MiB")
		picture := catalog.File(f, "plot", "picture.svg", "draw the walks in `FILE`, whose name ends in .svg")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := chart.CheckFile(*picture); *picture != "" && err != nil {
				return catalog.Usagef("--plot %v", err)
			}
			if err := showCounting(ctx, out, *count); err != nil {
				return err
			}
			if err := showLevels(ctx, out, *mib<<20, *picture); err != nil {
				return err
			}
			showMessages(out)
			return nil
		}
	},
	Bare: memoryBare,
}
