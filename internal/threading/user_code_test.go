package threading

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

var errLess = errors.New("cannot be compared")

// panicsWith checks that f panics with that value.
func panicsWith(t *testing.T, want any, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != want {
			t.Errorf("panic with %v, want %v", p, want)
		}
	}()
	f()
}

// picky orders ints and panics when it is asked about anything else.
func picky(a, b any) bool {
	x, ok := a.(int)
	y, okToo := b.(int)
	if !ok || !okToo {
		panic(errLess)
	}
	return x < y
}

func TestLessThatDoesNotReturn(t *testing.T) {
	// drained takes all that is there, in order, which only works if the queue is in order and its mutex free.
	drained := func(t *testing.T, main *Thread, q *Queue[any], want string) {
		t.Helper()
		var got []any
		for q.Len() > 0 {
			v, err := q.GetTimeout(main, time.Second)
			ok(t, err)
			got = append(got, v)
		}
		equal(t, "items", fmt.Sprint(got), want)
	}
	inBubble(t, "fails the Put whose item it was asked about, and no other", func(t *testing.T, main *Thread, _ func()) {
		q := NewPriorityQueue("jobs", 0, picky)
		for i := range 20 {
			ok(t, q.Put(main, (i*7)%20))
			panicsWith(t, errLess, func() { q.Put(main, "two") })
			panicsWith(t, errLess, func() { q.TryPut("two") })
			panicsWith(t, errLess, func() { q.PutTimeout(main, "two", time.Second) })
			equal(t, "items", q.Len(), i+1)
		}
		drained(t, main, q, "[0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19]")
		for range 20 {
			ok(t, q.TaskDone())
		}
		ok(t, q.Join(main))
	})
	inBubble(t, "leaves the queue as it was when a Get asks", func(t *testing.T, main *Thread, _ func()) {
		broken := false
		q := NewPriorityQueue("jobs", 0, func(a, b any) bool {
			if broken {
				panic(errLess)
			}
			return picky(a, b)
		})
		for i := range 10 {
			ok(t, q.Put(main, (i*3)%10))
		}
		broken = true
		panicsWith(t, errLess, func() { q.Get(main) })
		panicsWith(t, errLess, func() { q.TryGet() })
		broken = false
		drained(t, main, q, "[0 1 2 3 4 5 6 7 8 9]")
	})
	for name, leave := range map[string]func(){"panic": func() { panic(errLess) }, "Goexit": runtime.Goexit} {
		inBubble(t, "for the item of a Put that waits fails that one, and lets the next one in: "+name, func(t *testing.T, main *Thread, _ func()) {
			q := NewPriorityQueue("jobs", 2, func(a, b int) bool {
				if a == 0 || b == 0 {
					leave()
				}
				return a < b
			})
			ok(t, q.Put(main, 5))
			ok(t, q.Put(main, 6))
			var putters []*Thread
			for _, v := range []int{0, 0, 4} {
				putters = append(putters, start(t, main, func(t *Thread) error { return q.Put(t, v) }))
				synctest.Wait()
			}
			got := make(chan int, 1)
			getter := start(t, main, func(t *Thread) error {
				v, err := q.Get(t)
				got <- v
				return err
			})
			synctest.Wait()
			if name == "Goexit" { // of the thread in which less was called
				fails(t, getter.Join(main), ErrGoexit, "")
				fails(t, putters[0].Join(main), ErrGoexit, "put into jobs")
				fails(t, putters[1].Join(main), ErrGoexit, "put into jobs")
			} else {
				join(t, main, getter)
				equal(t, "got", <-got, 5)
				fails(t, putters[0].Join(main), errLess, "")
				fails(t, putters[1].Join(main), errLess, "")
			}
			join(t, main, putters[2])
			v, err := q.TryGet()
			equal(t, "next", v, 4)
			ok(t, err)
			synctest.Wait()
		})
	}
	t.Run("nil is found at once", func(t *testing.T) {
		defer func() {
			if err, _ := recover().(error); err == nil || err.Error() != "threading: make priority queue jobs: less is nil; pass a function that orders items" {
				t.Errorf("panic with %v", err)
			}
		}()
		NewPriorityQueue[int]("jobs", 0, nil)
	})
}

// A badContext is a caller's own context, whose methods panic.
type badContext struct{ context.Context }

func (badContext) Done() <-chan struct{}       { return make(chan struct{}) }
func (badContext) Err() error                  { panic(errLess) }
func (c badContext) Value(key any) any         { return c.Context.Value(key) }
func (badContext) Deadline() (time.Time, bool) { panic(errLess) }

func TestContextThatPanicsLeavesEverythingOfUse(t *testing.T) {
	inBubble(t, "whatever is waited for", func(t *testing.T, main *Thread, _ func()) {
		bad := badContext{main}
		l, r, s, e := NewLock("l"), NewRLock("r"), mustSemaphore("s", 0), NewEvent("e")
		b, c := mustBarrier("b", 2), NewCondition(NewLock("c"))
		empty, full := NewQueue[int]("empty", 1), NewQueue[int]("full", 1)
		full.TryPut(1)
		ok(t, l.Acquire(main))
		ok(t, c.Acquire(main))
		holder := start(t, main, func(t *Thread) error { return errors.Join(r.Acquire(t), e.Wait(t), r.Release(t)) })
		synctest.Wait()
		for _, wait := range []func(context.Context){
			func(ctx context.Context) { l.Acquire(ctx) },
			func(ctx context.Context) { r.Acquire(ctx) },
			func(ctx context.Context) { s.Acquire(ctx) },
			func(ctx context.Context) { e.Wait(ctx) },
			func(ctx context.Context) { b.Wait(ctx) },
			func(ctx context.Context) { c.Wait(ctx) },
			func(ctx context.Context) { empty.Get(ctx) },
			func(ctx context.Context) { full.Put(ctx, 2) },
			func(ctx context.Context) { full.Join(ctx) },
			func(ctx context.Context) { holder.Join(ctx) },
		} {
			panicsWith(t, errLess, func() { wait(bad) })
		}
		ok(t, l.Release(main))
		ok(t, c.Release(main))
		ok(t, s.Release(main))
		ok(t, empty.TryPut(1))
		_, err := full.TryGet()
		ok(t, err)
		equal(t, "barrier", b.Broken(), false)
		e.Set()
		join(t, main, holder)
	})
}
