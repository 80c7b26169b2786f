package executor

import (
	"context"
	"sync"
	"testing"

	"cookbook/internal/async"
	"cookbook/internal/process"
)

// Each benchmark has its limit, what plain Go takes for the same, beside it.

// 1000 calls at a time are submitted to five workers, then their results are asked for.
func BenchmarkSubmit(b *testing.B) {
	const batch = 1000
	ctx := context.Background()
	b.Run("threads", func(b *testing.B) {
		pool, err := NewThreadPool(ctx, 5)
		if err != nil {
			b.Fatal(err)
		}
		submitAll(b, pool, batch, square)
	})
	b.Run("limit=channel", func(b *testing.B) { // five goroutines on a channel, a channel of capacity 1 for each result
		type job struct {
			arg    int
			result chan int
		}
		jobs := make(chan job, batch)
		var workers sync.WaitGroup
		for range 5 {
			workers.Go(func() {
				for j := range jobs {
					v, _ := square(ctx, j.arg)
					j.result <- v
				}
			})
		}
		results := make([]chan int, batch)
		for left := b.N; left > 0; left -= batch {
			asked := results[:min(left, batch)]
			for i := range asked {
				asked[i] = make(chan int, 1)
				jobs <- job{i, asked[i]}
			}
			for _, r := range asked {
				<-r
			}
		}
		close(jobs)
		workers.Wait()
	})
	b.Run("processes", func(b *testing.B) {
		pool, err := NewProcessPool(ctx, 5)
		if err != nil {
			b.Fatal(err)
		}
		submitAll(b, pool, batch, remoteSquare)
	})
	b.Run("beside=process.Do", func(b *testing.B) { // one process after the other, without a pool
		w, err := process.StartWorker(ctx)
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		b.ResetTimer()
		for range b.N {
			if _, err := process.Do(ctx, w, remoteSquare, 3); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func submitAll(b *testing.B, pool *Executor, batch int, f func(context.Context, int) (int, error)) {
	ctx := context.Background()
	defer pool.Shutdown(ctx)
	futures := make([]*async.Future[int], batch)
	work := func(futures []*async.Future[int]) {
		for i := range futures {
			futures[i] = Submit(pool, f, i)
		}
		for _, f := range futures {
			if _, err := f.Result(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	work(futures) // the workers are there
	b.ResetTimer()
	for left := b.N; left > 0; left -= batch {
		work(futures[:min(left, batch)])
	}
	b.StopTimer() // the end of the pool is no part of a call
}

func BenchmarkAsCompleted(b *testing.B) {
	ctx := context.Background()
	pool, err := NewThreadPool(ctx, 5)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Shutdown(ctx)
	const batch = 1000
	futures := make([]*async.Future[int], batch)
	for left := b.N; left > 0; left -= batch {
		asked := futures[:min(left, batch)]
		for i := range asked {
			asked[i] = Submit(pool, square, i)
		}
		for _, err := range async.AsCompleted(ctx, asked...) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
