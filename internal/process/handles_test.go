//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// A cupboard is one handle of each kind.
type cupboard struct {
	Lock      *Lock
	RLock     *RLock
	Semaphore *Semaphore
	Event     *Event
	Condition *Condition
	Barrier   *Barrier
	Value     *Value[int64]
	Array     *Array[int32]
	Memory    *Memory
	Queue     *Queue[string]
	Joinable  *JoinableQueue[string]
	Near      *End[int, string]
}

// newCupboard makes a cupboard in a group.
func newCupboard(g *Group) (c cupboard, err error) {
	var errs [12]error
	c.Lock, errs[0] = NewLock(g, "lock")
	c.RLock, errs[1] = NewRLock(g, "rlock")
	c.Semaphore, errs[2] = NewSemaphore(g, "semaphore", 1)
	c.Event, errs[3] = NewEvent(g, "event")
	c.Condition, errs[4] = NewCondition(g, "condition", c.Lock)
	c.Barrier, errs[5] = NewBarrier(g, "barrier", 1)
	c.Value, errs[6] = NewValue[int64](g, 0)
	c.Array, errs[7] = NewArray[int32](g, 1)
	c.Memory, errs[8] = NewMemory(g, 1)
	c.Queue, errs[9] = NewQueue[string](g, "queue", 100)
	c.Joinable, errs[10] = NewJoinableQueue[string](g, "joinable", 100)
	c.Near, _, errs[11] = NewPipe[int, string](g, "pipe")
	return c, errors.Join(errs[:]...)
}

// use uses each of them, and returns the number of times they were used before.
func (c cupboard) use(ctx context.Context) (before int, err error) {
	before = int(c.Value.Add(1)) - 1
	_, barrier := c.Barrier.Wait(ctx)
	err = errors.Join(
		With(ctx, c.Lock, func() error { return nil }),
		With(ctx, c.RLock, func() error { return nil }),
		With(ctx, c.Semaphore, func() error { return nil }),
		With(ctx, c.Condition, func() error { return nil }),
		barrier, c.Queue.Put(ctx, "a"), c.Joinable.Put(ctx, "a"), c.Near.Send(ctx, 1),
	)
	c.Event.Set()
	c.Array.Add(0, 1)
	c.Memory.Bytes()[0]++
	if n, m, q, j := int(c.Array.Load(0)), int(c.Memory.Bytes()[0]), c.Queue.Len(), c.Joinable.Len(); n != before+1 || m != n || q != n || j != n {
		err = errors.Join(err, fmt.Errorf("used %d times, then %d, %d, %d and %d", before, n, m, q, j))
	}
	return before, err
}

// A delivery is where handles come from in a process, beside its argument.
type delivery struct {
	Queue *Queue[cupboard]
	End   *End[int, cupboard]
	Now   cupboard
}

// unpack uses what came, before, while and after the process has a group of its own, and returns its first handles.
var unpack = Register("test.unpack", func(ctx context.Context, d delivery) (c cupboard, err error) {
	receive := func() {
		for _, get := range []func(context.Context) (cupboard, error){d.Queue.Get, d.End.Recv} {
			c, failed := get(ctx)
			if failed == nil {
				_, failed = c.use(ctx)
			}
			err = errors.Join(err, failed)
		}
	}
	_, err = d.Now.use(ctx)
	receive()
	own, failed := NewGroup(ctx)
	if failed != nil {
		return c, failed
	}
	receive()
	own.Close()
	receive()
	return d.Now, err
})

func TestHandlesAreFoundInTheirOwnGroup(t *testing.T) {
	ctx := t.Context()
	first := group(t)
	c := must[cupboard](t)(newCupboard(first))
	q := must[*Queue[cupboard]](t)(NewQueue[cupboard](first, "post", 10))
	near, far, err := NewPipe[cupboard, int](first, "post")
	is(t, err, nil)
	used := 0
	travels := func(when string) {
		t.Helper()
		is(t, q.Put(ctx, c), nil)
		got, err := q.Get(ctx)
		if err == nil {
			c.Near = got.Near
			var before int
			if before, err = got.use(ctx); err == nil && before != used {
				err = fmt.Errorf("other things came: used %d times, not %d", before, used)
			}
		}
		if used++; err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	travels("alone")
	second := must[*Group](t)(NewGroup(ctx))
	travels("while there is a second group")
	third := group(t)
	second.Close()
	travels("after the second group was closed")
	third.Close()
	travels("after the last group was closed")

	p := New(first, unpack, delivery{q, far, c})
	for range 3 {
		is(t, q.Put(ctx, c), nil)
		is(t, near.Send(ctx, c), nil)
	}
	is(t, p.Start(), nil)
	is(t, p.Join(ctx), nil)
	got, err := Result[cupboard](p)
	if err != nil {
		t.Fatal(err)
	}
	if before, err := got.use(ctx); err != nil || before != used+7 {
		t.Errorf("a result was used %d times, %v; want %d", before, err, used+7)
	}
}

func TestAHandleOfAClosedGroupIsRefused(t *testing.T) {
	ctx := t.Context()
	g := group(t)
	q := must[*Queue[*Lock]](t)(NewQueue[*Lock](g, "post", 10))
	gone := must[*Group](t)(NewGroup(ctx))
	l := must[*Lock](t)(NewLock(gone, "lock"))
	is(t, q.Put(ctx, l), nil)
	gone.Close()
	_, err := q.Get(ctx)
	is(t, err, ErrNotHere)
	is(t, q.Put(ctx, l), ErrClosed) // so nothing is lost
	if q.Len() != 0 {
		t.Error("it is in the queue")
	}
	is(t, q.Put(ctx, must[*Lock](t)(NewLock(g, "lock"))), nil)
	_, err = q.Get(ctx)
	is(t, err, nil)
}

// A lock of a group that the process does not belong to is not found there, and the queue goes on.
func TestAHandleOfAnotherGroupIsAnError(t *testing.T) {
	ctx := t.Context()
	one, two := group(t), group(t)
	q := must[*Queue[*Lock]](t)(NewQueue[*Lock](one, "post", 10))
	is(t, q.Put(ctx, must[*Lock](t)(NewLock(two, "foreign"))), nil)
	is(t, q.Put(ctx, must[*Lock](t)(NewLock(one, "ours"))), nil)
	p := New(one, takeLocks, q)
	is(t, p.Start(), nil)
	is(t, p.Join(ctx), nil)
	got := must[[]string](t)(Result[[]string](p))
	if want := "[ours (free)]"; len(got) != 2 || fmt.Sprint(got[1:]) != want {
		t.Errorf("got %q", got)
	}
	other := must[*Queue[bool]](t)(NewQueue[bool](two, "", 1))
	p = New(one, passBools, passage[bool]{other, other})
	is(t, p.Start(), nil)
	is(t, p.Join(ctx), nil)
	if remote := (*RemoteError)(nil); !errors.As(p.Err(), &remote) {
		t.Error("a foreign argument:", p.Err())
	}
}

var takeLocks = Register("test.takeLocks", func(ctx context.Context, q *Queue[*Lock]) (got []string, err error) {
	for range 2 {
		l, err := q.Get(ctx)
		switch {
		case err == nil:
			got = append(got, l.String())
		case errors.Is(err, ErrNotHere):
			got = append(got, err.Error())
		default:
			return nil, err
		}
	}
	return got, nil
})
