package executor

import (
	"context"
	"errors"
	"os"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/process"
)

func square(_ context.Context, n int) (int, error) { return n * n, nil }

var (
	errOdd = errors.New("odd")

	prepared int // by an initializer, in its own process

	remoteSquare  = process.Register("executor.square", square)
	remotePrepare = process.Register("executor.prepare", func(_ context.Context, n int) (struct{}, error) { prepared = n; return struct{}{}, nil })
	remotePrep    = process.Register("executor.prepared", func(context.Context, int) (int, error) { return prepared, nil })
	remoteExit    = process.Register("executor.exit", func(_ context.Context, n int) (int, error) { os.Exit(n); return 0, nil })
	remoteFail    = process.Register("executor.fail", func(_ context.Context, text string) (int, error) { return 0, errors.New(text) })
	remotePID     = process.Register("executor.pid", func(context.Context, int) (int, error) { return os.Getpid(), nil })
	remoteWait    = process.Register("executor.wait", func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, nil })
	remotePanic   = process.Register("executor.panic", func(_ context.Context, text string) (int, error) { panic(text) })
)

// threadPool returns a pool that is shut down, without error, when the test ends.
func threadPool(t *testing.T, workers int, opts ...PoolOption) *Executor {
	t.Helper()
	e, err := NewThreadPool(context.Background(), workers, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return e
}

func processPool(t *testing.T, workers int, opts ...PoolOption) *Executor {
	t.Helper()
	e, err := NewProcessPool(t.Context(), workers, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Shutdown(context.Background()) })
	return e
}

func TestPoolsRunWhatTheyAreGiven(t *testing.T) {
	for name, pool := range map[string]*Executor{"threads": threadPool(t, 3), "processes": processPool(t, 2)} {
		t.Run(name, func(t *testing.T) {
			var futures []*async.Future[int]
			for i := range 20 {
				futures = append(futures, Submit(pool, remoteSquare, i))
			}
			for i, f := range futures {
				if v, err := f.Result(t.Context()); v != i*i || err != nil {
					t.Errorf("square of %d: %d, %v", i, v, err)
				}
			}
			var mapped []int
			for v, err := range Map(t.Context(), pool, remoteSquare, []int{3, 1, 2}) {
				if err != nil {
					t.Fatal(err)
				}
				mapped = append(mapped, v)
			}
			if !slices.Equal(mapped, []int{9, 1, 4}) {
				t.Errorf("map gave %v, want the order of the arguments", mapped)
			}
			f := Submit(pool, remoteFail, "odd")
			if err := f.Exception(t.Context()); err == nil || !f.Done() {
				t.Error("the function's error did not come")
			}
		})
	}
}

func TestAPoolHasNoMoreWorkersThanItsSize(t *testing.T) {
	const workers, jobs = 3, 20
	pool := threadPool(t, workers)
	var now, most atomic.Int32
	together := make(chan struct{})
	var futures []*async.Future[int]
	for range jobs {
		futures = append(futures, Submit(pool, func(context.Context, int) (int, error) {
			n := now.Add(1)
			defer now.Add(-1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			if n == workers { // only if all run at once does anybody go on
				select {
				case <-together:
				default:
					close(together)
				}
			}
			<-together
			return 0, nil
		}, 0))
	}
	if _, left, err := async.Wait(t.Context(), async.AllCompleted, futures...); len(left) > 0 || err != nil {
		t.Fatal(left, err)
	}
	if most.Load() != workers {
		t.Errorf("%d ran at once, want %d", most.Load(), workers)
	}
}

func TestJobsBeginInTheOrderInWhichTheyWereSubmitted(t *testing.T) {
	pool := threadPool(t, 1)
	const jobs = 5000 // more than fit into the queue's channel
	gate := make(chan struct{})
	var order []int
	var last *async.Future[int]
	for i := range jobs {
		last = Submit(pool, func(context.Context, int) (int, error) {
			<-gate
			order = append(order, i)
			return 0, nil
		}, 0)
	}
	close(gate)
	if err := last.Exception(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(order) != jobs || !slices.IsSorted(order) {
		t.Errorf("%d jobs ran, in order: %v", len(order), slices.IsSorted(order))
	}
}

func TestCancelPendingFindsAll(t *testing.T) {
	pool := threadPool(t, 1)
	gate := make(chan struct{})
	begun := make(chan struct{})
	Submit(pool, func(context.Context, int) (int, error) { close(begun); <-gate; return 0, nil }, 0)
	<-begun
	for i := range 3000 {
		Submit(pool, square, i)
	}
	pool.Close()
	if n := pool.CancelPending(); n != 3000 {
		t.Errorf("%d cancelled, want 3000", n)
	}
	close(gate)
}

func TestShutdownWaitsForAllWorkAndTakesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := NewThreadPool(t.Context(), 2)
		var done atomic.Int32
		for range 10 {
			Submit(pool, func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				done.Add(1)
				return 0, nil
			}, 0)
		}
		if err := pool.Shutdown(t.Context()); err != nil || done.Load() != 10 {
			t.Errorf("after Shutdown %d of 10 were done, %v", done.Load(), err)
		}
		if err := Submit(pool, square, 1).Exception(t.Context()); !errors.Is(err, async.ErrClosed) {
			t.Errorf("submit after it: %v, want async.ErrClosed", err)
		}
		if err := pool.Shutdown(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

func TestCancelPendingLeavesWhatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, _ := NewThreadPool(t.Context(), 1)
		gate := make(chan struct{})
		first := Submit(pool, func(context.Context, int) (int, error) { <-gate; return 7, nil }, 0)
		second, third := Submit(pool, square, 2), Submit(pool, square, 3)
		synctest.Wait()
		if !first.Running() || first.Cancel() {
			t.Error("what runs could be cancelled")
		}
		if !second.Cancel() || second.Cancel() || !second.Cancelled() {
			t.Error("what waits could not be cancelled, once")
		}
		if n := pool.CancelPending(); n != 1 || !third.Cancelled() {
			t.Errorf("%d cancelled, want 1", n)
		}
		if err := third.Exception(t.Context()); !errors.Is(err, async.ErrCancelled) {
			t.Errorf("a cancelled future gives %v", err)
		}
		if _, err := first.ResultTimeout(t.Context(), time.Second); !errors.Is(err, async.ErrTimeout) {
			t.Errorf("a result that does not come: %v, want async.ErrTimeout", err)
		}
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pool.Shutdown(late); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown did not give up: %v", err)
		}
		close(gate)
		if v, err := first.Result(t.Context()); v != 7 || err != nil {
			t.Error(v, err)
		}
		pool.Shutdown(t.Context())
	})
}

func TestWhenItsContextEndsAPoolEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		pool, _ := NewThreadPool(ctx, 1)
		runs := Submit(pool, func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) }, 0)
		waits := Submit(pool, square, 2)
		synctest.Wait()
		cancel(why)
		for _, f := range []*async.Future[int]{runs, waits} {
			if err := f.Exception(t.Context()); err != why {
				t.Errorf("got %v, want the context's cause", err)
			}
		}
		if err := pool.Shutdown(t.Context()); err != why {
			t.Errorf("shutdown: %v", err)
		}
		if err := Submit(pool, square, 2).Exception(t.Context()); err != why {
			t.Errorf("submit: %v", err)
		}
	})
}

func TestAPoolOfAContextThatHasEndedEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2000 { // of which some found it half made
		pool, err := NewThreadPool(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Shutdown(t.Context()); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestAFunctionThatDoesNotReturnEndsNobodyElse(t *testing.T) {
	pool := threadPool(t, 1)
	panics := Submit(pool, func(context.Context, int) (int, error) { panic(errOdd) }, 0)
	exits := Submit(pool, func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }, 0)
	after := Submit(pool, square, 3)
	var p *async.PanicError
	if err := panics.Exception(t.Context()); !errors.As(err, &p) || !errors.Is(err, errOdd) || len(p.Stack) == 0 {
		t.Errorf("a panic gives %v", err)
	}
	if err := exits.Exception(t.Context()); err == nil {
		t.Error("Goexit gives no error")
	}
	if v, err := after.Result(t.Context()); v != 9 || err != nil {
		t.Error(v, err)
	}
}

func TestEveryWorkerIsInitialized(t *testing.T) {
	var mu sync.Mutex
	var told []string
	pool := threadPool(t, 1, WithInitializer(func(_ context.Context, who string) (struct{}, error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, who)
		return struct{}{}, nil
	}, "init"))
	for range 3 {
		Submit(pool, square, 1).Result(t.Context())
	}
	if !reflect.DeepEqual(told, []string{"init"}) {
		t.Errorf("one worker was told %q", told)
	}
	if v, err := Submit(processPool(t, 1, WithInitializer(remotePrepare, 42)), remotePrep, 0).Result(t.Context()); v != 42 || err != nil {
		t.Errorf("in a process: %d, %v", v, err)
	}
	fails, _ := NewThreadPool(t.Context(), 1, WithInitializer(func(context.Context, int) (struct{}, error) { return struct{}{}, errOdd }, 0))
	if err := Submit(fails, square, 1).Exception(t.Context()); !errors.Is(err, ErrBrokenPool) || !errors.Is(err, errOdd) {
		t.Errorf("a failing initializer gives %v", err)
	}
	if err := fails.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) {
		t.Errorf("shutdown of a broken pool: %v", err)
	}
}

func TestAProcessPoolKnowsOnlyRegisteredFunctions(t *testing.T) {
	pool := processPool(t, 1)
	f := Submit(pool, func(context.Context, int) (int, error) { return 0, nil }, 1)
	if err := f.Exception(t.Context()); !errors.Is(err, process.ErrNotRegistered) {
		t.Errorf("got %v, want ErrNotRegistered", err)
	}
	here, err := Submit(pool, remotePID, 0).Result(t.Context())
	if err != nil || here == os.Getpid() {
		t.Errorf("it ran in process %d, %v", here, err)
	}
	var remote *process.RemoteError
	if err := Submit(pool, remotePanic, "help").Exception(t.Context()); !errors.As(err, &remote) || remote.Stack == "" {
		t.Errorf("a panic there gives %v", err)
	}
	if v, err := Submit(pool, remoteSquare, 5).Result(t.Context()); v != 25 || err != nil {
		t.Errorf("after it: %d, %v", v, err)
	}
}

func TestAProcessThatDiesBreaksThePoolForEveryWaiter(t *testing.T) {
	pool := processPool(t, 2)
	waits := Submit(pool, remoteWait, 0)
	dies := Submit(pool, remoteExit, 3)
	queued := Submit(pool, remoteSquare, 3)
	for name, f := range map[string]*async.Future[int]{"the one that ran there": dies, "one that ran elsewhere": waits, "one in the queue": queued} {
		if err := f.Exception(t.Context()); !errors.Is(err, ErrBrokenPool) {
			t.Errorf("%s: %v, want ErrBrokenPool", name, err)
		}
	}
	if err := Submit(pool, remoteSquare, 3).Exception(t.Context()); !errors.Is(err, ErrBrokenPool) {
		t.Errorf("submit later: %v", err)
	}
	if err := pool.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) || !errors.Is(err, process.ErrDied) {
		t.Errorf("shutdown: %v", err)
	}
}

func TestAProcessThatDiesIdleBreaksThePool(t *testing.T) {
	pool := processPool(t, 1)
	pid, err := Submit(pool, remotePID, 0).Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	<-pool.done // nobody submitted anything, nobody asked
	if err := pool.Shutdown(t.Context()); !errors.Is(err, ErrBrokenPool) {
		t.Errorf("got %v", err)
	}
}

func TestATaskWaitsForAWorkerWhileTheLoopGoesOn(t *testing.T) {
	pool := threadPool(t, 2)
	seen, err := async.Run(t.Context(), func(t *async.Task) ([]string, error) {
		var seen []string
		ticked := make(chan struct{})
		blocking := async.CreateTask(t, func(t *async.Task) (int, error) {
			v, err := RunInExecutor(t, pool, func(context.Context, int) (int, error) { <-ticked; return 5, nil }, 0)
			seen = append(seen, "result")
			return v, err
		})
		async.CreateTask(t, func(t *async.Task) (int, error) {
			seen = append(seen, "tick")
			close(ticked)
			return 0, nil
		})
		v, err := blocking.Result(t)
		if v != 5 {
			return nil, errOdd
		}
		for f, err := range async.AsCompleted(t, Submit(pool, square, 2), Submit(pool, square, 2)) {
			if v, _ := f.Result(t); v != 4 || err != nil {
				return nil, errOdd
			}
			seen = append(seen, "completed")
		}
		return seen, err
	})
	if want := []string{"tick", "result", "completed", "completed"}; !slices.Equal(seen, want) || err != nil {
		t.Errorf("saw %q, want %q (%v)", seen, want, err)
	}
}

func TestAPoolOfFewerThanNoWorkersIsAnError(t *testing.T) {
	if _, err := NewThreadPool(t.Context(), -1); !errors.Is(err, async.ErrNegative) {
		t.Errorf("got %v", err)
	}
	if _, err := NewProcessPool(t.Context(), -1); !errors.Is(err, async.ErrNegative) {
		t.Errorf("got %v", err)
	}
}
