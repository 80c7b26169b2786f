package ch1

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/transcript"
)

// How far away is memory? What sharing a cache line costs, what one read costs, and how to share nothing.

// A lonely counter has a cache line to itself: 64 bytes on most processors. Its neighbours are on other lines.
type lonely struct {
	atomic.Int64
	_ [64 - 8]byte
}

// countTogether has two goroutines count, and returns the time that an addition took, in ns.
func countTogether(count int, a, b *atomic.Int64) float64 {
	begun := time.Now()
	var both sync.WaitGroup
	for _, counter := range []*atomic.Int64{a, b} {
		both.Go(func() {
			for range count {
				counter.Add(1)
			}
		})
	}
	both.Wait()
	return float64(time.Since(begun)) / float64(2*count)
}

// walk reads an array of that many lines of 64 bytes, where each read says where the next one is, and returns the time that a read
// took, in ns, and whether the walk ended where its route does.
func walk(lines int, random bool) (ns float64, right bool) {
	const reads = 1 << 16
	route := make([]int, lines) // in the order of the walk
	for i := range route {
		route[i] = 8 * i // a line has room for 8 integers
	}
	if random {
		rand.New(rand.NewPCG(1, 2)).Shuffle(lines, func(i, j int) { route[i], route[j] = route[j], route[i] })
	}
	next := make([]int64, 8*lines)
	for i, at := range route {
		next[at] = int64(route[(i+1)%lines])
	}
	at := int64(route[0])
	begun := time.Now()
	for range reads {
		at = next[at]
	}
	return float64(time.Since(begun)) / reads, at == int64(route[reads%lines])
}

func memoryBare(ctx context.Context, out *transcript.Log) error {
	const count = 1 << 19
	var near [2]atomic.Int64 // 16 bytes: on one line
	var apart [2]lonely
	out.Printf("two goroutines count to %d each, on %d processors", count, runtime.GOMAXPROCS(0))
	out.Printf("%-32s %7s", "in", "ns/add")
	out.Printf("%-32s %7.2f", "two counters on one cache line", countTogether(count, &near[0], &near[1]))
	out.Printf("%-32s %7.2f", "two counters on two cache lines", countTogether(count, &apart[0].Int64, &apart[1].Int64))
	out.Note("What to look for: a core that adds takes the line from the other core, with both counters.")
	out.Check("the same sum twice", near[0].Load()+near[1].Load(), apart[0].Load()+apart[1].Load())

	out.Printf("ns per read, by the distance between two reads")
	out.Printf("%7s %9s %9s", "KiB", "64 B", "random")
	lost := 0
	for kib := 16; kib <= 16<<10 && ctx.Err() == nil; kib *= 4 {
		regular, right1 := walk(kib*16, false)
		random, right2 := walk(kib*16, true)
		out.Printf("%7d %9.2f %9.2f", kib, regular, random)
		if !right1 || !right2 {
			lost++
		}
	}
	out.Note("What to look for: steps where an array outgrows a cache. A regular walk is fetched ahead, a random walk is not.")
	out.Check("walks that did not end where their routes lead", lost, 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	showMessages(out)
	return nil
}
