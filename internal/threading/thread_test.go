package threading

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/waitfor"
)

func TestThread(t *testing.T) {
	inBubble(t, "join returns the body's error, as often as asked", func(t *testing.T, main *Thread, _ func()) {
		boom := errors.New("boom")
		th := start(t, main, func(*Thread) error { return boom })
		equal(t, "first join", th.Join(main), boom)
		equal(t, "second join", th.Join(main), boom)
		equal(t, "join under a context without a thread", th.Join(context.Background()), boom)
	})
	inBubble(t, "unnamed threads are numbered as they are made, named ones do not count", func(t *testing.T, main *Thread, _ func()) {
		nothing := func(*Thread) error { return nil }
		var names []string
		for _, opts := range [][]Option{nil, {WithName("worker")}, nil} {
			names = append(names, NewThread(main, nothing, opts...).Name())
		}
		equal(t, "names", strings.Join(names, " "), "Thread-1 worker Thread-2")
		equal(t, "main", main.String(), "MainThread")
		equal(t, "a fresh group", NewThread(context.Background(), nothing).Name(), "Thread-1")
	})
	inBubble(t, "a thread descends from the thread of its context", func(t *testing.T, main *Thread, _ func()) {
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(main, key{}, "inherited"))
		defer cancel()
		outer := start(t, ctx, func(outer *Thread) error {
			inner := NewThread(outer, func(inner *Thread) error {
				if Current(inner) != inner || inner.Value(key{}) != "inherited" {
					return errors.New("the child lost itself or the parent's values")
				}
				derived, cancel := context.WithTimeout(inner, time.Hour)
				defer cancel()
				if Current(derived) != inner {
					return errors.New("not found through a derived context")
				}
				<-inner.Done()
				return context.Cause(inner)
			})
			if err := inner.Start(); err != nil {
				return err
			}
			equal(t, "alive", fmt.Sprint(Enumerate(inner)), "[MainThread Thread-1 Thread-2]")
			cancel()
			return inner.Join(context.WithoutCancel(outer))
		})
		fails(t, outer.Join(main), context.Canceled, "")
		equal(t, "alive", fmt.Sprint(Enumerate(main)), "[MainThread]")
	})
	inBubble(t, "a context without a thread has none", func(t *testing.T, _ *Thread, _ func()) {
		ctx := context.Background()
		equal(t, "current", Current(ctx), nil)
		equal(t, "threads", len(Enumerate(ctx)), 0)
		_, err := AwaitDeadlock(ctx)
		fails(t, err, ErrNoThread, "")
	})
	inBubble(t, "is alive from start to end", func(t *testing.T, main *Thread, _ func()) {
		gate := NewEvent("gate")
		th := NewThread(main, func(t *Thread) error { return gate.Wait(t) })
		equal(t, "before start", th.IsAlive(), false)
		ok(t, th.Start())
		equal(t, "started", th.IsAlive(), true)
		gate.Set()
		join(t, main, th)
		equal(t, "after join", th.IsAlive(), false)
	})
	inBubble(t, "misuse is an error", func(t *testing.T, main *Thread, _ func()) {
		th := NewThread(main, func(self *Thread) error {
			fails(t, self.Join(self), ErrJoinSelf, "join Thread-1: a thread cannot wait for its own end")
			return nil
		})
		fails(t, th.Join(main), ErrNotStarted, "join Thread-1: not started")
		fails(t, th.JoinTimeout(main, 0), ErrNotStarted, "")
		ok(t, th.Start())
		fails(t, th.Start(), ErrStarted, "start Thread-1: already started")
		join(t, main, th)
		fails(t, th.Start(), ErrStarted, "")
		fails(t, main.Start(), ErrStarted, "")
		fails(t, main.Join(main), ErrJoinSelf, "")
	})
	inBubble(t, "join ends with the time-out or with the context", func(t *testing.T, main *Thread, cancel func()) {
		gate := NewEvent("gate")
		th := start(t, main, func(t *Thread) error { return gate.Wait(context.Background()) })
		fails(t, th.JoinTimeout(main, time.Second), ErrTimeout, "join Thread-1: timed out")
		fails(t, th.JoinTimeout(main, 0), ErrTimeout, "")
		fails(t, th.JoinTimeout(main, -1), ErrTimeout, "")
		late, stop := context.WithTimeout(main, time.Second)
		defer stop()
		fails(t, th.Join(late), context.DeadlineExceeded, "")
		gone, why := context.WithCancelCause(main)
		why(errors.New("closing time"))
		fails(t, th.Join(gone), context.Cause(gone), "join Thread-1: closing time")
		gate.Set()
		ok(t, th.JoinTimeout(main, time.Second))
		ok(t, th.JoinTimeout(main, 0))
		cancel()
		ok(t, th.Join(main)) // an ended thread is joined without waiting
	})
	inBubble(t, "many may join one", func(t *testing.T, main *Thread, _ func()) {
		gate := NewEvent("gate")
		th := start(t, main, func(t *Thread) error { return gate.Wait(t) })
		var joiners []*Thread
		for range 5 {
			joiners = append(joiners, start(t, main, func(t *Thread) error { return th.Join(t) }))
		}
		synctest.Wait()
		gate.Set()
		join(t, main, joiners...)
	})
	inBubble(t, "a panic comes out of join", func(t *testing.T, main *Thread, _ func()) {
		th := start(t, main, func(*Thread) error { panic("boom") })
		var p *PanicError
		if !errors.As(th.Join(main), &p) {
			t.Fatal("not a PanicError")
		}
		equal(t, "message", p.Error(), "Thread-1 panicked: boom")
		if !strings.Contains(string(p.Stack), "thread_test.go") {
			t.Errorf("the stack does not show where:\n%s", p.Stack)
		}
		equal(t, "threads left", len(Enumerate(main)), 1)

		broken := start(t, main, func(*Thread) error { panic(ErrBroken) })
		fails(t, broken.Join(main), ErrBroken, "")
	})
	inBubble(t, "a Goexit comes out of join", func(t *testing.T, main *Thread, _ func()) {
		th := start(t, main, func(*Thread) error { runtime.Goexit(); return nil })
		fails(t, th.Join(main), ErrGoexit, "run Thread-1: ended by runtime.Goexit")
		equal(t, "threads left", len(Enumerate(main)), 1)
	})
	inBubble(t, "two goroutines may wait under one thread's context", func(t *testing.T, main *Thread, _ func()) {
		event, other := NewEvent("event"), NewEvent("other")
		done := make(chan error, 2)
		go func() { done <- event.Wait(main) }()
		go func() { done <- other.Wait(main) }()
		synctest.Wait()
		other.Set()
		ok(t, <-done)
		event.Set()
		ok(t, <-done)
	})
	inBubble(t, "a group is on the board as long as it lives", func(t *testing.T, _ *Thread, _ func()) {
		ctx, board := waitfor.NewContext(context.Background())
		event := NewEvent("event")
		th := start(t, ctx, func(t *Thread) error { return event.Wait(t) })
		synctest.Wait()
		equal(t, "board", fmt.Sprint(board.Waits()), "[Thread-1 waits for event]")
		event.Set()
		join(t, ctx, th)
		equal(t, "board", fmt.Sprint(board.Waits()), "[]")
		event.Clear()
		again := start(t, th, func(t *Thread) error { return event.WaitTimeout(t, time.Second) })
		synctest.Wait()
		equal(t, "board", fmt.Sprint(board.Waits()), "[Thread-2 waits for event (with a time-out)]")
		fails(t, again.Join(ctx), ErrTimeout, "wait for event: timed out")
	})
}

func TestTimer(t *testing.T) {
	inBubble(t, "calls the function after its time, in its thread", func(t *testing.T, main *Thread, _ func()) {
		begin := time.Now()
		var after time.Duration
		var who *Thread
		timer := NewTimer(main, time.Minute, func(t *Thread) error {
			after, who = time.Since(begin), t
			return errors.New("result")
		}, WithName("alarm"))
		ok(t, timer.Start())
		equal(t, "result", timer.Join(main).Error(), "result")
		equal(t, "after", after, time.Minute) // the bubble's clock, so exact
		equal(t, "in", who, timer.Thread)
		equal(t, "name", timer.Name(), "alarm")
	})
	inBubble(t, "does nothing once cancelled, before or after the start", func(t *testing.T, main *Thread, _ func()) {
		for _, early := range []bool{true, false} {
			timer := NewTimer(main, time.Minute, func(*Thread) error { t.Error("called"); return nil })
			if early {
				timer.Cancel()
			}
			ok(t, timer.Start())
			synctest.Wait()
			timer.Cancel()
			ok(t, timer.Join(main))
			timer.Cancel()
		}
	})
	inBubble(t, "ends with its context", func(t *testing.T, main *Thread, cancel func()) {
		timer := NewTimer(main, time.Minute, func(*Thread) error { t.Error("called"); return nil })
		ok(t, timer.Start())
		cancel()
		fails(t, timer.Join(context.Background()), context.Canceled, "wait for the time of Thread-1: context canceled")
	})
}

func TestLocal(t *testing.T) {
	inBubble(t, "every thread has its own value", func(t *testing.T, main *Thread, _ func()) {
		var number, other Local[int]
		ok(t, number.Set(main, 1))
		th := start(t, main, func(th *Thread) error {
			if _, found := number.Get(th); found {
				t.Error("a thread sees the value of another")
			}
			if err := number.Set(th, 2); err != nil {
				return err
			}
			v, found := number.Get(context.WithoutCancel(th))
			equal(t, "found", found, true)
			equal(t, "value", v, 2)
			_, found = other.Get(th)
			equal(t, "another variable is set", found, false)
			return nil
		})
		join(t, main, th)
		v, _ := number.Get(main)
		equal(t, "main's", v, 1)
		_, found := number.Get(th)
		equal(t, "left behind by an ended thread", found, false)
		ok(t, number.Set(th, 3))
		_, found = number.Get(th)
		equal(t, "set in an ended thread", found, false)
	})
	inBubble(t, "needs a thread", func(t *testing.T, _ *Thread, _ func()) {
		var number Local[int]
		fails(t, number.Set(context.Background(), 1), ErrNoThread, "the context has no thread")
		_, found := number.Get(context.Background())
		equal(t, "found", found, false)
	})
}

func TestWith(t *testing.T) {
	type lock interface {
		Acquire(context.Context) error
		Release(context.Context) error
	}
	l, r, s := NewLock("lock"), NewRLock("rlock"), mustSemaphore("semaphore", 1)
	free := map[string]func() bool{
		"Lock":      func() bool { return !l.Locked() },
		"RLock":     func() bool { return !r.Locked() },
		"Semaphore": func() bool { return s.Value() == 1 },
		"Condition": func() bool { return !r.Locked() },
	}
	for name, l := range map[string]lock{"Lock": l, "RLock": r, "Semaphore": s, "Condition": NewCondition(r)} {
		main := Main(t.Context())
		t.Run(name+" is held during f and free after it", func(t *testing.T) {
			boom := errors.New("boom")
			err := With(main, l, func() error {
				equal(t, "free inside", free[name](), false)
				return boom
			})
			fails(t, err, boom, "")
			equal(t, "free after", free[name](), true)
		})
		t.Run(name+" is free after a panic", func(t *testing.T) {
			defer func() {
				equal(t, "panic", recover(), any("boom"))
				equal(t, "free after", free[name](), true)
			}()
			With(main, l, func() error { panic("boom") })
		})
		t.Run(name+" is free after a Goexit", func(t *testing.T) {
			th := start(t, main, func(t *Thread) error {
				return With(t, l, func() error { runtime.Goexit(); return nil })
			})
			fails(t, th.Join(main), ErrGoexit, "")
			equal(t, "free after", free[name](), true)
		})
	}
	t.Run("what fails to release says so beside the error of f", func(t *testing.T) {
		main, boom := Main(t.Context()), errors.New("boom")
		err := With(main, l, func() error { l.Release(main); return boom })
		fails(t, err, boom, "")
		fails(t, err, ErrNotLocked, "")
	})
	t.Run("f does not run without the lock", func(t *testing.T) {
		main := Main(t.Context())
		l.Acquire(main)
		defer l.Release(main)
		gone, cancel := context.WithCancel(main)
		cancel()
		fails(t, With(gone, l, func() error { t.Error("called"); return nil }), context.Canceled, "")
	})
}
