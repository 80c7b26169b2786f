package primitive

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"cookbook/internal/async"
)

// many is how many timers, tasks or waits are one turn.
const many = 10_000

// Async are the operations of chapter 4.
func Async() []Primitive {
	return of(4, "asyncio_bench.py",
		Primitive{Name: "call_soon", Key: "call_soon", Go: callSoon, Plain: callByChannel, PlainIs: "channel"},
		Primitive{Name: "task switch, 1 task", Key: "task_switch_1", Go: switchTasks(1), Plain: pull, PlainIs: "iter.Pull"},
		Primitive{Name: "task switch, 100 tasks", Key: "task_switch_100", Go: switchTasks(100), Plain: switchGoroutines, PlainIs: "two goroutines"},
		Primitive{Name: "future, awaited", Key: "future", Go: future, Plain: goroutine, PlainIs: "goroutine and channel"},
		Primitive{Name: "call_later, 10,000 timers", Key: "call_later", Go: callLater, Per: many, Plain: afterFunc, PlainIs: "time.AfterFunc"},
		Primitive{Name: "gather, 10,000 tasks", Key: "gather", Go: gather, Per: many, Plain: gatherGoroutines, PlainIs: "goroutines"},
		Primitive{Name: "thread pool, submit", Key: "thread_pool_submit", Go: submitToThreads, Per: batch, Plain: submitByChannel, PlainIs: "channel"},
		Primitive{Name: "thread pool, as_completed", Key: "thread_pool_as_completed", Go: asCompleted, Per: batch},
		Primitive{Name: "process pool, submit", Key: "process_pool_submit", Go: submitToProcesses, Per: batch},
		Primitive{Name: "parked task, in bytes", Key: "parked_task", Bytes: parked("task"), PlainBytes: parked("goroutine"), PlainIs: "goroutine"},
	)
}

// runLoop runs a loop until it stops, and closes it.
func runLoop(ctx context.Context, l *async.Loop) (time.Duration, error) {
	begun := time.Now()
	err := l.RunForever(ctx)
	return time.Since(begun), errors.Join(err, l.Close())
}

func callSoon(ctx context.Context, n int) (time.Duration, error) {
	l, called := async.NewLoop(), 0
	var again func()
	again = func() {
		if called++; called >= n {
			l.Stop()
		} else {
			l.CallSoon(again)
		}
	}
	l.CallSoon(again)
	return runLoop(ctx, l)
}

func callByChannel(_ context.Context, n int) (time.Duration, error) {
	calls, called := make(chan func(), 1), 0
	var again func()
	again = func() {
		if called++; called < n {
			calls <- again
		} else {
			close(calls)
		}
	}
	calls <- again
	begun := time.Now()
	for f := range calls {
		f()
	}
	return time.Since(begun), nil
}

func switchTasks(tasks int) Body {
	return func(ctx context.Context, n int) (time.Duration, error) {
		var took time.Duration
		_, err := async.Run(ctx, func(t *async.Task) (int, error) {
			all := make([]async.Awaitable[int], tasks)
			for i := range all {
				all[i] = async.CreateTask(t, func(t *async.Task) (int, error) {
					for range (n + tasks - 1) / tasks {
						if err := t.Sleep(0); err != nil {
							return 0, err
						}
					}
					return 0, nil
				})
			}
			begun := time.Now()
			_, err := async.Gather(t, all...).Result(t)
			took = time.Since(begun)
			return 0, err
		})
		return took, err
	}
}

func pull(_ context.Context, n int) (time.Duration, error) {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	defer stop()
	begun := time.Now()
	for range n {
		next()
	}
	return time.Since(begun), nil
}

// switchGoroutines goes to and fro between two goroutines.
func switchGoroutines(_ context.Context, n int) (time.Duration, error) {
	to, fro := make(chan struct{}), make(chan struct{})
	go func() {
		for range to {
			fro <- struct{}{}
		}
		close(fro)
	}()
	begun := time.Now()
	for range n {
		to <- struct{}{}
		<-fro
	}
	took := time.Since(begun)
	close(to)
	<-fro
	return took, nil
}

// A future is made, awaited, and set by a callback in a later turn.
func future(ctx context.Context, n int) (took time.Duration, err error) {
	_, err = async.Run(ctx, func(t *async.Task) (_ int, err error) {
		took, err = timed(n, func() error {
			f := async.CreateFuture[int](t)
			t.Loop().CallSoon(func() { f.SetResult(1) })
			_, err := f.Result(t)
			return err
		})
		return 0, err
	})
	return took, err
}

func goroutine(_ context.Context, n int) (time.Duration, error) {
	return timed(n, func() error {
		result := make(chan int, 1)
		go func() { result <- 1 }()
		<-result
		return nil
	})
}

func callLater(ctx context.Context, n int) (time.Duration, error) {
	return timed(n, func() error {
		l, fired := async.NewLoop(), 0
		for range many {
			l.CallLater(time.Microsecond, func() {
				if fired++; fired == many {
					l.Stop()
				}
			})
		}
		_, err := runLoop(ctx, l)
		return err
	})
}

func afterFunc(_ context.Context, n int) (time.Duration, error) {
	return timed(n, func() error {
		var fired sync.WaitGroup
		fired.Add(many)
		for range many {
			time.AfterFunc(time.Microsecond, fired.Done)
		}
		fired.Wait()
		return nil
	})
}

func gather(ctx context.Context, n int) (time.Duration, error) {
	return timed(n, func() error {
		_, err := async.Run(ctx, func(t *async.Task) (int, error) {
			all := make([]async.Awaitable[int], many)
			for i := range all {
				all[i] = async.CreateTask(t, func(*async.Task) (int, error) { return i, nil })
			}
			v, err := async.Gather(t, all...).Result(t)
			return len(v), err
		})
		return err
	})
}

func gatherGoroutines(_ context.Context, n int) (time.Duration, error) {
	return timed(n, func() error {
		results := make([]int, many)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i] = i })
		}
		wg.Wait()
		return nil
	})
}
