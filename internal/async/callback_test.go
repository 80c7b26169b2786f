package async

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

func TestCallbackThatDoesNotReturn(t *testing.T) {
	for name, leave := range map[string]func(){"panics": func() { panic(errFirst) }, "ends its goroutine": runtime.Goexit} {
		t.Run(name+" keeps no other from being called, and no one waiting", func(t *testing.T) {
			for where := range 3 {
				for how, settle := range map[string]func(*Future[int]) any{
					"SetResult":    func(f *Future[int]) any { return f.SetResult(1) },
					"SetException": func(f *Future[int]) any { return f.SetException(errSecond) },
					"Cancel":       func(f *Future[int]) any { return f.Cancel() },
				} {
					f, called := NewFuture[int](), ""
					waits := make(chan error)
					go func() { waits <- f.Exception(t.Context()); <-f.doneChannel(); close(waits) }()
					for i := range 3 {
						f.AddDoneCallback(func(*Future[int]) {
							called += fmt.Sprint(i)
							if i == where {
								leave()
							}
						})
					}
					over := make(chan any)
					go func() {
						defer func() { over <- recover() }()
						settle(f)
						t.Errorf("%s returned", how)
					}()
					if p := <-over; name == "panics" && p != any(errFirst) {
						t.Errorf("%s: the panic is %v", how, p)
					}
					<-waits
					<-waits
					equal(t, how+": called", called, "012")
				}
			}
		})
	}
	t.Run("does not keep a Gather from telling its other parts to end", func(t *testing.T) {
		inLoop(t, "of an executor", func(t *testing.T, main *Task) error {
			bad, good := NewFuture[int](), NewFuture[int]()
			bad.AddDoneCallback(func(*Future[int]) { panic(errFirst) })
			both := Gather(main, bad, good)
			panics(t, func() { both.Cancel() }, errFirst, "")
			equal(t, "told", good.Cancelled(), true)
			return nil
		})
	})
}

func TestCallbackNumbers(t *testing.T) {
	f := NewFuture[int]()
	f.special().lastID = math.MaxInt32 - 1 // so many waits have come and gone
	called := ""
	var ids []int
	for i := range 4 {
		ids = append(ids, f.AddDoneCallback(func(*Future[int]) { called += fmt.Sprint(i) }))
	}
	for _, no := range []int{0, -1, ids[0] - 1, ids[1] + 1<<32, -ids[0]} {
		equal(t, fmt.Sprint("removed ", no), f.RemoveDoneCallback(no), false)
	}
	equal(t, "removed", f.RemoveDoneCallback(ids[2]), true)
	equal(t, "removed again", f.RemoveDoneCallback(ids[2]), false)
	f.SetResult(1)
	equal(t, "called", called, "013")
}

// Callbacks come and go in any order; those that are left are called in the order in which they were added.
func TestCallbackNumbersStayWhateverIsRemoved(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		f := NewFuture[int]()
		var left, called, removed []int
		for range 60 {
			if n := len(left); n > 0 && random.IntN(5) < 2+int(seed%2) {
				i := random.IntN(n)
				equal(t, "removed", f.RemoveDoneCallback(left[i]), true)
				removed = append(removed, left[i])
				left = slices.Delete(left, i, i+1)
			} else {
				id := 0
				id = f.AddDoneCallback(func(*Future[int]) { called = append(called, id) })
				equal(t, "is new", !slices.Contains(left, id) && !slices.Contains(removed, id), true)
				left = append(left, id)
			}
			for _, id := range removed {
				equal(t, "removed again", f.RemoveDoneCallback(id), false)
			}
		}
		ok(t, f.SetResult(1))
		equal(t, "called", fmt.Sprint(called), fmt.Sprint(left))
	}
}

func TestSemaphoreHasAGreatestValue(t *testing.T) {
	s, err := NewSemaphore("s", math.MaxInt)
	ok(t, err)
	fails(t, s.Release(), ErrTooMany, "release semaphore s")
	equal(t, "value", s.Value(), math.MaxInt)
	equal(t, "taken", s.TryAcquire(), true)
	ok(t, s.Release())
}
