//go:build linux

package process

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// takes takes items, says so and waits to be killed; it marks so many of them as done.
type takes struct {
	Queue      *JoinableQueue[int]
	Take, Done int
	Ready      *Event
}

var (
	takesItems = Register("test.takesItems", func(ctx context.Context, x takes) (struct{}, error) {
		for range x.Take {
			if _, err := x.Queue.Get(ctx); err != nil {
				return struct{}{}, err
			}
		}
		for range x.Done {
			if err := x.Queue.TaskDone(); err != nil {
				return struct{}{}, err
			}
		}
		if x.Ready != nil {
			x.Ready.Set()
			<-ctx.Done()
		}
		return struct{}{}, nil
	})
	marksOne = Register("test.marksOne", func(_ context.Context, q *JoinableQueue[int]) (bool, error) {
		return errors.Is(q.TaskDone(), ErrTooManyDone), nil
	})
)

func joinable(t testing.TB, g *Group, items int) *JoinableQueue[int] {
	t.Helper()
	q := must[*JoinableQueue[int]](t)(NewJoinableQueue[int](g, "queue", 100))
	for i := range items {
		is(t, q.Put(t.Context(), i), nil)
	}
	return q
}

func TestJoinWaitsUntilEveryItemIsMarkedAsDone(t *testing.T) {
	g := group(t)
	q := joinable(t, g, 0)
	is(t, q.Join(t.Context()), nil)
	is(t, q.TaskDone(), ErrTooManyDone)
	is(t, q.Put(t.Context(), 1), nil)
	ended, end := context.WithCancel(t.Context())
	end()
	is(t, q.Join(ended), context.Canceled)
	must[int](t)(q.Get(t.Context()))
	is(t, q.Join(ended), context.Canceled)
	child := New(g, marksOne, q)
	code(t, afterJoin(t, child), 0)
	if refused, err := Result[bool](child); !refused || err != nil {
		t.Errorf("a process that has taken nothing may mark it: %v", err)
	}
	if n := q.Unfinished(); n != 1 {
		t.Errorf("%d are unfinished, want 1", n)
	}
	joining := make(chan error)
	go func() { joining <- q.Join(t.Context()) }()
	eventually(t, "it sleeps", func() bool { return q.r.ledger.s.idle.sleeps.Load() > 0 })
	is(t, q.TaskDone(), nil)
	is(t, <-joining, nil)
	is(t, q.TaskDone(), ErrTooManyDone)
}

func TestJoinWaitsForOtherProcesses(t *testing.T) {
	g := group(t)
	q := joinable(t, g, 60)
	for range 3 {
		started(t, New(g, takesItems, takes{Queue: q, Take: 20, Done: 20}))
	}
	is(t, q.Join(t.Context()), nil)
	if n := q.Unfinished(); n != 0 {
		t.Errorf("%d are unfinished", n)
	}
	is(t, g.Join(t.Context()), nil)
}

func TestJoinDoesNotWaitForTheDeadButSaysWhatIsLost(t *testing.T) {
	g := group(t)
	q := joinable(t, g, 5)
	other := new(JoinableQueue[int])
	is(t, other.UnmarshalBinary(must[[]byte](t)(q.MarshalBinary())), nil)
	ready := must[*Event](t)(NewEvent(g, "ready"))
	victim := New(g, takesItems, takes{Queue: q, Take: 4, Done: 1, Ready: ready})
	started(t, victim)
	is(t, ready.Wait(t.Context()), nil)
	joining := make(chan error)
	go func() { joining <- q.Join(t.Context()) }()
	must[int](t)(q.Get(t.Context()))
	is(t, q.TaskDone(), nil)
	eventually(t, "it sleeps", func() bool { return q.r.ledger.s.idle.sleeps.Load() > 0 })
	is(t, victim.Kill(), nil)
	err := <-joining
	is(t, err, ErrDied)
	mentions(t, err, "join queue: items that were not done: 3;")
	is(t, q.Join(t.Context()), nil)
	is(t, other.Join(t.Context()), ErrDied)
	is(t, other.Join(t.Context()), nil)
	later := new(JoinableQueue[int])
	is(t, later.UnmarshalBinary(must[[]byte](t)(q.MarshalBinary())), nil)
	is(t, later.Join(t.Context()), nil)

	// One that ends well has forgotten no less.
	is(t, q.Put(t.Context(), 1), nil)
	code(t, afterJoin(t, New(g, takesItems, takes{Queue: q, Take: 1})), 0)
	mentions(t, q.Join(t.Context()), "not done: 1;")
}

func TestTheNextProcessOfAPlaceDoesNotInheritWhatIsLost(t *testing.T) {
	g := group(t)
	q := joinable(t, g, 0)
	for i := range 5 {
		is(t, q.Put(t.Context(), i), nil)
		is(t, q.Put(t.Context(), i), nil)
		code(t, afterJoin(t, New(g, takesItems, takes{Queue: q, Take: 2, Done: 1})), 0) // all in one place
	}
	mentions(t, q.Join(t.Context()), "not done: 5;")
}

func TestAnItemWhoseTakerDiesAtTheLastMomentIsTakenByAnother(t *testing.T) {
	g := group(t)
	q := joinable(t, g, 3)
	dead := uint32(1) + uint32(maxSlots) // a slot of a later round: nobody has it
	for must[int](t)(q.Get(t.Context())) != 1 {
		is(t, q.TaskDone(), nil)
	}
	is(t, q.TaskDone(), nil)
	s := q.r.s
	if !s.get.try(dead) {
		t.Fatal("somebody reads")
	}
	q.r.ledger.take(dead, s.head.Load()) // and then it is killed
	if n := q.Unfinished(); n < 1 {
		t.Errorf("%d are unfinished", n)
	}
	if v, err := q.Get(t.Context()); v != 2 || err != nil {
		t.Errorf("the next one gets %d, %v", v, err)
	}
	is(t, q.TaskDone(), nil)
	is(t, q.Join(t.Context()), nil)

	// Its items may be in the ledger before they leave the ring: there are none then.
	if !s.get.try(dead) {
		t.Fatal("somebody reads")
	}
	is(t, q.Put(t.Context(), 3), nil)
	if v, err := q.Get(t.Context()); v != 3 || err != nil {
		t.Errorf("the next one gets %d, %v", v, err)
	}
	is(t, q.Join(contextThatEnded(t)), context.Canceled)
	is(t, q.TaskDone(), nil)
	is(t, q.Join(t.Context()), nil)
	if text := q.String(); !strings.HasPrefix(text, "queue (0 of") {
		t.Error(text)
	}
}

func contextThatEnded(t testing.TB) context.Context {
	ctx, end := context.WithCancel(t.Context())
	end()
	return ctx
}
