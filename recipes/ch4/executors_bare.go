package ch4

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// The same work is done in sequence, and by a pool: an errgroup that runs a limited number of goroutines. They use all processors,
// so Go needs no pool of processes to be faster.

// evaluate counts, only to be busy, and multiplies.
func evaluate(ctx context.Context, number int) (int, error) {
	if number < 0 {
		return 0, fmt.Errorf("item %d: want at least 0", number)
	}
	i := 0
	for range 2_000_000 {
		if i++; i%(1<<18) == 0 && ctx.Err() != nil { // nobody can stop it from outside
			return 0, context.Cause(ctx)
		}
	}
	return i * number, nil
}

// evaluateAll evaluates all items on a number of workers, and prints the results as they come. It returns them in the order of the
// items. The first error ends the context of the others, so that they do not work for nothing.
func evaluateAll(ctx context.Context, out *transcript.Log, items []int, workers int) ([]int, error) {
	results := make([]int, len(items)) // each goroutine writes to a place of its own: no lock is needed
	pool, ctx := errgroup.WithContext(ctx)
	pool.SetLimit(workers)
	for i, number := range items {
		pool.Go(func() (err error) { // waits here as long as all workers are busy
			if results[i], err = evaluate(ctx, number); err != nil {
				return err
			}
			name := fmt.Sprintf("item %d", number)
			out.Actor(name).Printf("%s: %d", name, results[i])
			return nil
		})
	}
	return results, pool.Wait()
}

// fillPool gives a job to a pool whose only worker is busy until it is released.
func fillPool(out *transcript.Log) {
	var pool errgroup.Group
	pool.SetLimit(1)
	release := make(chan struct{})
	pool.Go(func() error {
		<-release
		out.Actor("busy").Printf("what runs comes to its end")
		return nil
	})
	taken := pool.TryGo(func() error { return nil }) // Go would wait
	out.Printf("a full pool takes another job: %t", taken)
	out.Check("there is no second worker", taken, false)
	close(release)
	pool.Wait()
}

func executorsBare(ctx context.Context, out *transcript.Log) error {
	items := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	begun := time.Now()
	inTurn, err := evaluateAll(ctx, out, items, 1)
	if err != nil {
		return err
	}
	sequential := time.Since(begun)
	out.Printf("Sequential execution in %.3f seconds", sequential.Seconds())

	begun = time.Now()
	results, err := evaluateAll(ctx, out, items, 5)
	if err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	out.Printf("Pool execution in %.3f seconds (ratio %.2f)", took, sequential.Seconds()/took)
	out.Note("5 workers are as fast as the processors allow, of which there are %d.", runtime.GOMAXPROCS(0))
	out.Check("the pool's results are those of the sequence", slices.Equal(results, inTurn), true)

	_, err = evaluateAll(ctx, out, []int{-1}, 1)
	out.Printf("the caller gets the error: %v", err)
	fillPool(out)
	return context.Cause(ctx)
}
