package async

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/waitfor"

	"go.uber.org/goleak"
)

func explode(*Task) (int, error) { panic("boom") }

func TestPanic(t *testing.T) {
	inLoop(t, "of a task is its error, with the stack that names the function", func(t *testing.T, main *Task) error {
		err := CreateTask(main, explode, WithName("bomb")).Exception(main)
		var p *PanicError
		if !errors.As(err, &p) {
			t.Fatalf("error %v, want a panic", err)
		}
		equal(t, "error", p.Error(), "bomb panicked: boom")
		ok(t, p.Unwrap())
		if !strings.Contains(string(p.Stack), "async.explode") {
			t.Errorf("a stack without the function:\n%s", p.Stack)
		}
		return nil
	})
	t.Run("of a callback ends RunForever, and the next one goes on with the rest of the turn", func(t *testing.T) {
		l := NewLoop()
		var order []int
		l.CallSoon(func() { order = append(order, 1) })
		l.CallSoon(func() { l.CallSoon(func() { order = append(order, 3) }); panic(errFirst) })
		l.CallSoon(func() { order = append(order, 2) })
		err := l.RunForever(t.Context())
		fails(t, err, errFirst, "a callback of the loop panicked: the first")
		var p *PanicError
		equal(t, "is a panic", errors.As(err, &p), true)
		equal(t, "running", l.Running(), false)
		oneTurn(t, l)
		equal(t, "order", fmt.Sprint(order), "[1 2 3]")
		ok(t, l.Close())
	})
}

func TestRun(t *testing.T) {
	t.Run("returns what the body returned and ends what is left", func(t *testing.T) {
		before, ended := goleak.IgnoreCurrent(), false
		v, err := Run(t.Context(), func(main *Task) (int, error) {
			CreateTask(main, nothing(func(task *Task) error {
				defer func() { ended = true }()
				return task.Sleep(math.MaxInt64)
			}))
			return 7, main.Sleep(time.Hour)
		}, WithPace(instant))
		ok(t, err)
		equal(t, "result", v, 7)
		equal(t, "ended", ended, true)
		goleak.VerifyNone(t, before)
	})
	t.Run("returns why its context ended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errFirst)
			defer cancel()
			for range 2 { // while it runs, and before
				_, err := Run(ctx, sleepy(time.Hour, 0))
				fails(t, err, errFirst, "")
			}
		})
	})
	t.Run("on a paced loop returns why its context ended, not how the sleep was interrupted", func(t *testing.T) {
		for range 100 {
			ctx, cancel := context.WithCancelCause(t.Context())
			_, err := Run(ctx, sleepy(time.Hour, 0), WithPace(func(ctx context.Context, _ time.Duration) error {
				cancel(errFirst)
				return ctx.Err()
			}))
			fails(t, err, errFirst, "")
		}
	})
	t.Run("returns the error of the pace", func(t *testing.T) {
		pace := func(context.Context, time.Duration) error { return errSecond }
		_, err := Run(t.Context(), sleepy(time.Hour, 0), WithPace(pace))
		fails(t, err, errSecond, "")
	})
	t.Run("leaves nothing behind when a task ends its goroutine", func(t *testing.T) {
		before, over, after := goleak.IgnoreCurrent(), make(chan struct{}), false
		go func() {
			defer close(over)
			Run(t.Context(), nothing(func(main *Task) error {
				CreateTask(main, sleepy(time.Hour, 0))
				turns(main, 1)
				runtime.Goexit()
				return nil
			}))
			after = true
		}()
		<-over
		equal(t, "the caller goes on", after, false)
		goleak.VerifyNone(t, before)
	})
}

func TestGoexitEndsATaskAndTheLoopCanRunAgain(t *testing.T) {
	l, over := NewLoop(), make(chan struct{})
	f := CreateTask(l, func(*Task) (int, error) { runtime.Goexit(); return 0, nil })
	go func() {
		defer close(over)
		l.RunForever(context.Background())
	}()
	<-over
	equal(t, "tasks left", len(l.Tasks()), 0)
	equal(t, "current task", l.Current(), nil)
	waiter := CreateTask(l, func(task *Task) (int, error) { return f.Result(task) })
	_, err := RunUntilComplete(t.Context(), l, waiter)
	equal(t, "error", err.Error(), "Task-1 ended its goroutine by runtime.Goexit")
	ok(t, l.Close())
}

func TestRunUntilComplete(t *testing.T) {
	l := NewLoop(WithPace(instant))
	v, err := RunUntilComplete(t.Context(), l, NewCoroutine(sleepy(time.Second, 7)))
	ok(t, err)
	equal(t, "of a coroutine", v, 7)
	l.CallLater(time.Second, l.Stop)
	_, err = RunUntilComplete(t.Context(), l, CreateTask(l, sleepy(time.Hour, 0)))
	fails(t, err, ErrStopped, "run until complete")
	executors := NewFuture[int]()
	go executors.SetResult(8)
	v, err = RunUntilComplete(t.Context(), l, executors)
	ok(t, err)
	equal(t, "of a future between goroutines", v, 8)
	ok(t, l.Close())
}

func TestAFailedRunDoesNotStopTheNextOne(t *testing.T) {
	l := NewLoop(WithPace(instant))
	done := CreateFuture[int](l)
	l.CallSoon(func() { l.CallSoon(func() { panic(errFirst) }); done.SetResult(1) })
	_, err := RunUntilComplete(t.Context(), l, done) // done, but the panic comes first
	fails(t, err, errFirst, "")
	l.CallLater(time.Second, l.Stop)
	ok(t, l.RunForever(t.Context()))
	equal(t, "time", l.Time(), time.Second)
	ok(t, l.Close())
}

func TestCloseReturnsFailuresThatWereNotRead(t *testing.T) {
	l := NewLoop()
	asked := CreateTask(l, failing(0, errFirst))
	for i := range 40 { // most are asked for, so they do not crowd out the ones that are not
		CreateTask(l, failing(0, fmt.Errorf("failure %d", i))).retrieved.Store(i%20 != 0)
	}
	CreateTask(l, sleepy(time.Hour, 0)).Cancel()
	oneTurn(t, l)
	oneTurn(t, l)
	fails(t, asked.Exception(t.Context()), errFirst, "")
	err := l.Close()
	equal(t, "failures", err.Error(),
		"Task-2 failed, but its result was not asked for: failure 0\nTask-22 failed, but its result was not asked for: failure 20")
}

func TestLoopTellsTheBoardWhatItsTasksWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, board := waitfor.NewContext(t.Context())
		l, ran := NewLoop(), make(chan error)
		lock, free := NewLock("jobs"), CreateFuture[int](l)
		holder := CreateTask(l, nothing(func(t *Task) error { lock.Acquire(t); return t.Sleep(time.Minute) }), WithName("holder"))
		CreateTask(l, nothing(lock.Acquire), WithName("second"))
		CreateTask(l, nothing(func(t *Task) error { return holder.Exception(t) }), WithName("third"))
		CreateTask(l, nothing(func(t *Task) error { return free.Exception(t) }), WithName("fourth"))
		CreateTask(l, nothing(NewEvent("go").Wait), WithName("fifth"))
		go func() { ran <- l.RunForever(ctx) }()
		synctest.Wait()
		var lines []string
		for _, w := range board.Waits() {
			lines = append(lines, w.String())
		}
		equal(t, "waits", strings.Join(lines, "\n"), `holder waits for its sleep to end (with a time-out)
second waits for lock jobs, held by holder
third waits for holder
fourth waits for a future
fifth waits for event go`)
		l.CallSoonThreadsafe(func() {
			CreateTask(l, nothing(func(*Task) error { time.Sleep(time.Hour); l.Stop(); return nil }), WithName("selfish"))
		})
		synctest.Wait()
		equal(t, "waits", board.Waits()[0].String(), "selfish waits for something that blocks the whole loop")
		ok(t, <-ran)
		equal(t, "waits when it does not run", len(board.Waits()), 0)
		ok(t, l.Close())
	})
}

func slowCallback() { time.Sleep(time.Second) }

func TestDebugModeReportsWhatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []Slow
		_, err := Run(t.Context(), func(main *Task) (int, error) {
			ok(t, main.Sleep(time.Hour)) // waits are not slow
			time.Sleep(200 * time.Millisecond)
			ok(t, main.Sleep(0))
			time.Sleep(100 * time.Millisecond) // is the limit
			main.Loop().CallSoon(slowCallback)
			return 0, main.Sleep(0)
		}, WithDebug(0, func(s Slow) { all = append(all, s) }))
		ok(t, err)
		equal(t, "slow", fmt.Sprint(all), "[{Task-1 200ms} {cookbook/internal/async.slowCallback 1s}]")
	})
}
