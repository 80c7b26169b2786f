package threading

import (
	"bytes"
	"context"
	"runtime/trace"
	"testing"
	"testing/synctest"
	"time"
)

func TestFastPathsDoNotAllocate(t *testing.T) {
	main := Main(t.Context())
	derived, cancel := context.WithCancel(main)
	defer cancel()
	l, r, s, e, q := NewLock("lock"), NewRLock("rlock"), mustSemaphore("semaphore", 1), NewEvent("event"), NewQueue[[4]int]("queue", 2)
	c, b := NewCondition(l), mustBarrier("barrier", 1)
	e.Set()
	for name, f := range map[string]func(){
		"Lock":                   func() { l.Acquire(main); l.Release(main) },
		"Lock, derived context":  func() { l.Acquire(derived); l.Release(derived) },
		"Lock with a time-out":   func() { l.AcquireTimeout(main, 1); l.Release(main) },
		"Lock, try":              func() { l.TryAcquire(main); l.TryAcquire(main); l.Release(main) },
		"RLock":                  func() { r.Acquire(main); r.Acquire(main); r.Release(main); r.Release(main) },
		"Semaphore":              func() { s.Acquire(main); s.Release(main) },
		"Condition":              func() { c.Acquire(main); c.NotifyAll(main); c.Release(main) },
		"Event":                  func() { e.Wait(main); e.Clear(); e.Set() },
		"Barrier":                func() { b.Wait(main) },
		"Queue":                  func() { q.Put(main, [4]int{}); q.Get(main); q.TaskDone() },
		"Queue, without waiting": func() { q.TryPut([4]int{}); q.TryGet(); q.TaskDone() },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestTrace(t *testing.T) {
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		t.Skip(err) // somebody else takes one
	}
	synctest.Test(t, func(t *testing.T) {
		main := Main(context.Background())
		l, r, s := NewLock("lock-1"), NewRLock("rlock-2"), mustSemaphore("semaphore-3", 0)
		c := NewCondition(r)
		ok(t, l.Acquire(main))
		th := start(t, main, func(t *Thread) error {
			With(t, c, func() error { return c.Wait(t) })
			With(t, l, func() error { return nil })
			return s.Acquire(t)
		}, WithName("traced-thread"))
		synctest.Wait()
		ok(t, With(main, c, func() error { return c.Notify(main, 1) }))
		synctest.Wait()
		ok(t, l.Release(main))
		// In the bubble this second is over when main waits in join.
		time.AfterFunc(time.Second, func() { ok(t, s.Release(main)) })
		join(t, main, th)
		ok(t, s.ReleaseN(main, 1))
		equal(t, "try", s.TryAcquire(main) && l.TryAcquire(main) && r.TryAcquire(main), true)
	})
	trace.Stop()
	for _, want := range []string{
		"traced-thread", "wait lock-1", "wait semaphore-3", "wait a notification on rlock-2",
		"wait traced-thread", "acquire", "release",
	} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("the trace does not contain %q", want)
		}
	}
}
