//go:build linux

package shm

import (
	"io"
	"sync"
	"testing"
	"time"
)

// again returns another handle of the same object, as it comes out of a queue.
func again[T any, P interface {
	*T
	MarshalBinary() ([]byte, error)
	UnmarshalBinary([]byte) error
}](t *testing.T, of P) P {
	t.Helper()
	p := P(new(T))
	is(t, p.UnmarshalBinary(must[[]byte](t)(of.MarshalBinary())), nil)
	return p
}

// What stands in shared memory orders the goroutines of one process, too, also through two handles. With -race the race
// detector looks at these.
func TestWhatLocksGuardsMemoryOfThisProcess(t *testing.T) {
	ctx, g := t.Context(), space(t)
	l := must[*Lock](t)(NewLock(g, "l"))
	s, c := must[*Semaphore](t)(NewSemaphore(g, "s", 1)), must[*Condition](t)(NewCondition(g, "c", l))
	v, a := must[*Value[int]](t)(NewValue(g, 0)), must[*Array[int8]](t)(NewArray[int8](g, 2))
	tickets := must[*Queue[int]](t)(NewQueue[int](g, "tickets", 1))
	until := func(try func() bool) error {
		for !try() {
			time.Sleep(time.Microsecond)
		}
		return nil
	}
	type guard struct {
		acquire func() error
		release func() error
	}
	for name, both := range map[string][2]guard{
		"Lock": {
			{func() error { return l.Acquire(ctx) }, l.Release},
			{func() error { return until(again(t, l).TryAcquire) }, again(t, l).Release},
		},
		"Lock with a time-out": {
			{func() error { return l.AcquireTimeout(ctx, time.Hour) }, l.Release},
			{func() error { return again(t, l).AcquireTimeout(ctx, time.Hour) }, again(t, l).Release},
		},
		"Semaphore": {
			{func() error { return s.Acquire(ctx) }, s.Release},
			{func() error { return until(again(t, s).TryAcquire) }, again(t, s).Release},
		},
		"Condition": {
			{func() error { return c.Acquire(ctx) }, c.Release},
			{func() error { return again(t, c).Acquire(ctx) }, again(t, c).Release},
		},
		"Value": {
			{func() error { return until(func() bool { return v.CompareAndSwap(0, 1) }) }, func() error { v.Store(0); return nil }},
			{func() error { return until(func() bool { return again(t, v).CompareAndSwap(0, 1) }) }, func() error { v.Add(-1); return nil }},
		},
		"Array": {
			{func() error { return until(func() bool { return a.CompareAndSwap(1, 0, 1) }) }, func() error { a.Store(1, 0); return nil }},
			{func() error { return until(func() bool { return a.CompareAndSwap(1, 0, 1) }) }, func() error { a.Add(1, -1); return nil }},
		},
		"a queue with room for one": {
			{func() error { return tickets.Put(ctx, 1) }, func() error { _, err := tickets.Get(ctx); return err }},
			{func() error { return until(func() bool { return again(t, tickets).TryPut(1) == nil }) }, func() error { _, err := again(t, tickets).TryGet(); return err }},
		},
	} {
		count := 0
		var users sync.WaitGroup
		for _, one := range both {
			users.Go(func() {
				for range 200 {
					is(t, one.acquire(), nil)
					count++
					is(t, one.release(), nil)
				}
			})
		}
		users.Wait()
		if count != 400 {
			t.Errorf("%s: %d", name, count)
		}
	}
	x, n := 0, 0
	var users sync.WaitGroup
	for range 2 {
		users.Go(func() {
			for range 200 {
				is(t, v.With(ctx, func(*int) error { x++; return nil }), nil)
				is(t, again(t, a).With(ctx, func([]int8) error { n++; return nil }), nil)
			}
		})
	}
	users.Wait()
}

func TestWhatIsHandedOverBringsMemoryAlong(t *testing.T) {
	ctx, g := t.Context(), space(t)
	e, b := must[*Event](t)(NewEvent(g, "e")), must[*Barrier](t)(NewBarrier(g, "b", 2))
	polled := must[*Event](t)(NewEvent(g, "polled"))
	v, s := must[*Value[int]](t)(NewValue(g, 0)), must[*Semaphore](t)(NewSemaphore(g, "s", 0))
	q, closed := must[*Queue[int]](t)(NewQueue[int](g, "q", 4)), must[*Queue[string]](t)(NewQueue[string](g, "q", 4))
	j := must[*JoinableQueue[string]](t)(NewJoinableQueue[string](g, "j", 4))
	near, far, err := NewPipe[int, string](g, "p")
	is(t, err, nil)
	toClose, closedFrom, err := NewPipe[int, string](g, "p")
	is(t, err, nil)
	c := must[*Condition](t)(NewCondition(g, "c", must[*Lock](t)(NewLock(g, "l")))) // an RLock would not keep goroutines apart
	is(t, j.Put(ctx, "task"), nil)
	must[string](t)(j.Get(ctx))
	told := false
	failed := func(_ any, err error) error { return err }
	for name, pair := range map[string][2]func() error{
		"Event":     {func() error { e.Set(); return nil }, func() error { return again(t, e).Wait(ctx) }},
		"IsSet":     {func() error { polled.Set(); return nil }, func() error { return looked(again(t, polled).IsSet) }},
		"Barrier":   {func() error { return failed(b.Wait(ctx)) }, func() error { return failed(again(t, b).Wait(ctx)) }},
		"Value":     {func() error { v.Store(1); return nil }, func() error { return looked(func() bool { return again(t, v).Load() == 1 }) }},
		"Semaphore": {s.Release, func() error { return again(t, s).Acquire(ctx) }},
		"Queue":     {func() error { return q.Put(ctx, 1) }, func() error { return failed(again(t, q).Get(ctx)) }},
		"Close":     {closed.Close, func() error { again(t, closed).Get(ctx); return nil }},
		"TaskDone":  {j.TaskDone, func() error { return again(t, j).Join(ctx) }},
		"Send":      {func() error { return near.Send(ctx, 1) }, func() error { return failed(far.Recv(ctx)) }},
		"Send back": {func() error { return far.Send(ctx, "a") }, func() error { return failed(near.Poll(ctx, time.Hour)) }},
		"End.Close": {toClose.Close, func() error {
			if _, err := closedFrom.Recv(ctx); err != io.EOF {
				return err
			}
			return nil
		}},
		"Notify": {
			func() error { return With(ctx, c, func() error { told = true; return c.NotifyAll() }) },
			func() error {
				return With(ctx, c, func() error { return c.WaitUntil(ctx, func() bool { return told }) })
			},
		},
	} {
		brought := ""
		var both sync.WaitGroup
		both.Go(func() { brought = name; is(t, pair[0](), nil) })
		both.Go(func() {
			is(t, pair[1](), nil)
			if brought != name {
				t.Errorf("%s brought %q", name, brought)
			}
		})
		both.Wait()
	}
}

// looked waits until ready returns true.
func looked(ready func() bool) error {
	for !ready() {
		time.Sleep(time.Microsecond)
	}
	return nil
}
