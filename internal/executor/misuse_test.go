package executor

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"cookbook/internal/async"
	"cookbook/internal/process"
)

var remoteGoexit = process.Register("executor.goexit", func(context.Context, int) (struct{}, error) {
	runtime.Goexit()
	return struct{}{}, nil
})

var remoteDie = process.Register("executor.die", func(context.Context, int) (struct{}, error) { os.Exit(3); return struct{}{}, nil })

func TestInitializerThatDoesNotReturnBreaksThePool(t *testing.T) {
	for name, leave := range map[string]func(){"Goexit": runtime.Goexit, "panic": func() { panic(errOdd) }} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				gate := make(chan struct{})
				pool, err := NewThreadPool(t.Context(), 2, WithInitializer(func(context.Context, int) (struct{}, error) {
					calls.Add(1)
					<-gate
					leave()
					return struct{}{}, nil
				}, 0))
				if err != nil {
					t.Fatal(err)
				}
				var futures []*async.Future[int]
				for i := range 5 {
					futures = append(futures, Submit(pool, square, i))
				}
				var inCallback error
				futures[0].AddDoneCallback(func(*async.Future[int]) { inCallback = pool.Shutdown(t.Context()) })
				close(gate)
				for _, f := range futures {
					if err := f.Exception(t.Context()); !errors.Is(err, ErrBrokenPool) {
						t.Errorf("got %v, want ErrBrokenPool", err)
					}
				}
				if err := Submit(pool, square, 1).Exception(t.Context()); !errors.Is(err, ErrBrokenPool) {
					t.Errorf("a later one: %v, want ErrBrokenPool", err)
				}
				if err := pool.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) {
					t.Errorf("shutdown: %v, want ErrBrokenPool", err)
				}
				if !errors.Is(inCallback, ErrJoinSelf) {
					t.Errorf("shutdown by a callback there: %v, want ErrJoinSelf", inCallback)
				}
				if n := calls.Load(); n != 2 {
					t.Errorf("the initializers of two workers were called %d times", n)
				}
			})
		})
	}
	for name, initialize := range map[string]func(context.Context, int) (struct{}, error){"Goexit": remoteGoexit, "death": remoteDie} {
		t.Run(name+" of a process", func(t *testing.T) {
			pool, err := NewProcessPool(t.Context(), 1, WithInitializer(initialize, 0))
			if err != nil {
				t.Fatal(err)
			}
			if err := Submit(pool, remoteSquare, 1).Exception(t.Context()); !errors.Is(err, ErrBrokenPool) {
				t.Errorf("got %v, want ErrBrokenPool", err)
			}
			if err := pool.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) {
				t.Errorf("shutdown: %v", err)
			}
		})
	}
}

func TestInitializerThatBlocksHoldsUpNothingButItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		pool, _ := NewThreadPool(ctx, 1, WithInitializer(func(ctx context.Context, _ int) (struct{}, error) {
			<-ctx.Done()
			return struct{}{}, nil
		}, 0))
		f := Submit(pool, square, 1)
		short, stop := context.WithCancel(t.Context())
		stop()
		if err := pool.Shutdown(short); !errors.Is(err, context.Canceled) {
			t.Errorf("shutdown: %v", err)
		}
		cancel(errOdd)
		if err := f.Exception(t.Context()); err != errOdd {
			t.Errorf("got %v, want the cause of the pool's end", err)
		}
		if err := pool.Shutdown(t.Context()); err != errOdd {
			t.Errorf("shutdown: %v", err)
		}
	})
}

func TestAPoolCannotBeShutDownInItsOwnWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := NewThreadPool(t.Context(), 2)
		f := Submit(pool, func(ctx context.Context, _ int) (int, error) { return 1, pool.Shutdown(ctx) }, 0)
		if err := f.Exception(t.Context()); !errors.Is(err, ErrJoinSelf) {
			t.Errorf("by a function: %v, want ErrJoinSelf", err)
		}
		if err := Submit(pool, square, 1).Exception(t.Context()); !errors.Is(err, async.ErrClosed) {
			t.Errorf("it is not closed: %v", err)
		}
		other, _ := NewThreadPool(t.Context(), 2)
		start := make(chan struct{})
		f = Submit(other, func(context.Context, int) (int, error) { <-start; return 1, pool.Shutdown(t.Context()) }, 0)
		shut := make(chan error, 1)
		f.AddDoneCallback(func(*async.Future[int]) { shut <- other.Shutdown(t.Context()) })
		close(start)
		if v, err := f.Result(t.Context()); v != 1 || err != nil {
			t.Errorf("shutdown of another pool: %d, %v", v, err)
		}
		if err := <-shut; !errors.Is(err, ErrJoinSelf) {
			t.Errorf("by a callback: %v, want ErrJoinSelf", err)
		}
		if err := other.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("nor in a callback that runs because a process has died", func(t *testing.T) {
		pool, err := NewProcessPool(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		shut := make(chan error, 2)
		for _, f := range []*async.Future[int]{Submit(pool, remoteExit, 3), Submit(pool, remoteSquare, 3)} {
			f.AddDoneCallback(func(*async.Future[int]) { shut <- pool.Shutdown(t.Context()) })
		}
		for range 2 {
			if err := <-shut; !errors.Is(err, ErrJoinSelf) {
				t.Errorf("got %v, want ErrJoinSelf", err)
			}
		}
		if err := pool.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) {
			t.Error(err)
		}
	})
}

func TestCallbackThatDoesNotReturnKeepsNoOtherFutureFromItsEnd(t *testing.T) {
	fill := func(t *testing.T, ctx context.Context) (pool *Executor, gate chan struct{}, futures []*async.Future[int]) {
		pool, err := NewThreadPool(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		gate = make(chan struct{})
		busy := Submit(pool, func(context.Context, int) (int, error) { <-gate; return 0, nil }, 0)
		for !busy.Running() {
			runtime.Gosched()
		}
		for i := range 3 {
			futures = append(futures, Submit(pool, square, i))
		}
		return pool, gate, futures
	}
	t.Run("when the rest is cancelled", func(t *testing.T) {
		pool, gate, futures := fill(t, t.Context())
		futures[0].AddDoneCallback(func(*async.Future[int]) { panic(errOdd) })
		func() {
			defer func() {
				if p := recover(); p != any(errOdd) {
					t.Errorf("panic with %v", p)
				}
			}()
			pool.CancelPending()
		}()
		for i, f := range futures {
			if !f.Cancelled() {
				t.Errorf("future %d is not cancelled", i)
			}
		}
		close(gate)
		if err := pool.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("when the pool's context has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		pool, gate, futures := fill(t, ctx)
		futures[0].AddDoneCallback(func(*async.Future[int]) { runtime.Goexit() })
		cancel(errOdd)
		for _, f := range futures {
			if err := f.Exception(t.Context()); err != errOdd {
				t.Errorf("got %v, want the cause", err)
			}
		}
		close(gate)
		if err := pool.Shutdown(t.Context()); err != errOdd {
			t.Error(err)
		}
	})
	t.Run("in a worker", func(t *testing.T) {
		pool := threadPool(t, 1)
		start := make(chan struct{})
		f := Submit(pool, func(context.Context, int) (int, error) { <-start; return 1, nil }, 0)
		called := false
		f.AddDoneCallback(func(*async.Future[int]) { runtime.Goexit() })
		f.AddDoneCallback(func(*async.Future[int]) { called = true })
		close(start)
		if v, err := Submit(pool, square, 3).Result(t.Context()); v != 9 || err != nil || !called {
			t.Errorf("after it: %d, %v, the other was called: %v", v, err, called)
		}
	})
}
