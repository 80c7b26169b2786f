package ch2

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Four workloads, each called 1, 2, 4 and 8 times: first one call after another, and then in as many goroutines.

const rounds = 5 // of which the best counts: the rest of the machine has disturbed it least

// best returns the least time of several rounds.
func best(ctx context.Context, round func() error) (time.Duration, error) {
	least := time.Duration(math.MaxInt64)
	for range rounds {
		begun := time.Now()
		if err := round(); err != nil {
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		least = min(least, max(time.Since(begun), 1)) // a coarse clock may see no time pass
	}
	return least, nil
}

// gain is how many times as fast n calls are in n goroutines as one after another.
func gain(ctx context.Context, n int, call func() error) (float64, error) {
	inTurn, err := best(ctx, func() (err error) {
		for i := 0; i < n && err == nil; i++ {
			err = call()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	atOnce, err := best(ctx, func() error {
		var all errgroup.Group
		for range n {
			all.Go(call)
		}
		return all.Wait()
	})
	return float64(inTurn) / float64(max(atOnce, 1)), err
}

func performanceBare(ctx context.Context, out *transcript.Log) error {
	folder, err := os.MkdirTemp("", "performance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "test.dat")
	if err := os.WriteFile(file, make([]byte, 1000<<10), 0o600); err != nil {
		return err
	}
	url, served, stop, err := servePage(time.Millisecond)
	if err != nil {
		return err
	}
	defer stop()

	out.Printf("Starting tests on %d processors, best of %d", runtime.GOMAXPROCS(0), rounds)
	numbers := []int{1, 2, 4, 8}
	for _, w := range workloads(file, url) {
		out.Printf("%s: %s", w.name, w.about)
		var right atomic.Int64
		calls := 0
		for _, n := range numbers {
			times, err := gain(ctx, n, func() error {
				result, err := w.do(ctx)
				if result == w.result {
					right.Add(1)
				}
				return err
			})
			if err != nil {
				return err
			}
			out.Printf("%-23s %.2f times as fast", fmt.Sprintf("threaded (%d threads)", n), times)
			calls += 2 * n * rounds
		}
		out.Printf("%s", w.lesson)
		out.Check(fmt.Sprintf("%s: calls that returned %d", w.name, w.result), int(right.Load()), calls)
	}
	out.Check("the server answered requests", served.Load() > 0, true)
	out.Printf("Iterations complete")
	return nil
}
