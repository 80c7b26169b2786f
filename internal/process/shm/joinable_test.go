//go:build linux

package shm

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
)

var (
	// takesItems takes N items, marks some as done, as it is told, and stays until it hears something.
	takesItems = scene("takes items", func(ctx context.Context, s stage, x *shared) error {
		done, err := strconv.Atoi(s.hear())
		for range x.N {
			if err == nil {
				_, err = x.Items.Get(ctx)
			}
		}
		for range done {
			if err == nil {
				err = x.Items.TaskDone()
			}
		}
		s.say("taken")
		s.hear()
		return err
	})
	marksOne = scene("marks one", func(_ context.Context, s stage, x *shared) error {
		s.say("%t", errors.Is(x.Items.TaskDone(), ErrTooManyDone))
		return nil
	})
)

// taker starts a party that has taken items and marked some of them as done.
func taker(t *testing.T, g *Space, q *JoinableQueue[int], take, done int) *party {
	t.Helper()
	p := start(t, g, takesItems, &shared{Items: q, N: take})
	p.tell(strconv.Itoa(done))
	p.wants("taken")
	return p
}

// leaves lets a taker return.
func (p *party) leaves() {
	p.t.Helper()
	p.tell("go")
	p.ends()
}

func joinable(t testing.TB, g *Space, items int) *JoinableQueue[int] {
	t.Helper()
	q := must[*JoinableQueue[int]](t)(NewJoinableQueue[int](g, "queue", 100))
	for i := range items {
		is(t, q.Put(t.Context(), i), nil)
	}
	return q
}

func TestJoinWaitsUntilEveryItemIsMarkedAsDone(t *testing.T) {
	g := space(t)
	q := joinable(t, g, 0)
	is(t, q.Join(t.Context()), nil)
	is(t, q.TaskDone(), ErrTooManyDone)
	is(t, q.Put(t.Context(), 1), nil)
	ended, end := context.WithCancel(t.Context())
	end()
	is(t, q.Join(ended), context.Canceled)
	must[int](t)(q.Get(t.Context()))
	is(t, q.Join(ended), context.Canceled)
	other := start(t, g, marksOne, &shared{Items: q}) // which has taken nothing
	other.wants("true")
	other.ends()
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
	g := space(t)
	q := joinable(t, g, 60)
	var others []*party
	for range 3 {
		others = append(others, start(t, g, takesItems, &shared{Items: q, N: 20}))
	}
	for _, p := range others {
		p.tell("20")
	}
	is(t, q.Join(t.Context()), nil)
	if n := q.Unfinished(); n != 0 {
		t.Errorf("%d are unfinished", n)
	}
	for _, p := range others {
		p.wants("taken")
		p.leaves()
	}
}

func TestJoinDoesNotWaitForTheDeadButSaysWhatIsLost(t *testing.T) {
	g := space(t)
	q := joinable(t, g, 5)
	other := new(JoinableQueue[int])
	is(t, other.UnmarshalBinary(must[[]byte](t)(q.MarshalBinary())), nil)
	victim := taker(t, g, q, 4, 1)
	joining := make(chan error)
	go func() { joining <- q.Join(t.Context()) }()
	must[int](t)(q.Get(t.Context()))
	is(t, q.TaskDone(), nil)
	eventually(t, "it sleeps", func() bool { return q.r.ledger.s.idle.sleeps.Load() > 0 })
	victim.kill()
	err := <-joining
	is(t, err, failure.ErrDied)
	proctest.Mentions(t, err, "join queue: items that were not done: 3;")
	is(t, q.Join(t.Context()), nil)
	is(t, other.Join(t.Context()), failure.ErrDied)
	is(t, other.Join(t.Context()), nil)
	later := new(JoinableQueue[int])
	is(t, later.UnmarshalBinary(must[[]byte](t)(q.MarshalBinary())), nil)
	is(t, later.Join(t.Context()), nil)

	// One that ends well has forgotten no less.
	is(t, q.Put(t.Context(), 1), nil)
	taker(t, g, q, 1, 0).leaves()
	proctest.Mentions(t, q.Join(t.Context()), "not done: 1;")
}

func TestTheNextProcessOfAPlaceDoesNotInheritWhatIsLost(t *testing.T) {
	g := space(t)
	q := joinable(t, g, 0)
	for i := range 5 {
		is(t, q.Put(t.Context(), i), nil)
		is(t, q.Put(t.Context(), i), nil)
		taker(t, g, q, 2, 1).leaves() // all in one place
	}
	proctest.Mentions(t, q.Join(t.Context()), "not done: 5;")
}

func TestAnItemOfATakerThatDiesTooEarlyIsTakenByAnother(t *testing.T) {
	g := space(t)
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

// A riddle cannot be read: 1 is an error, 2 a panic, 3 the end of the goroutine.
type riddle struct{ N int }

func (r riddle) MarshalBinary() ([]byte, error) { return []byte{byte(r.N)}, nil }

func (r *riddle) UnmarshalBinary(b []byte) error {
	switch b[0] {
	case 1:
		return errors.New("unreadable")
	case 2:
		panic("unreadable")
	case 3:
		runtime.Goexit()
	}
	return nil
}

func TestJoinDoesNotWaitForWhatCannotBeRead(t *testing.T) {
	g := space(t)
	q := must[*JoinableQueue[riddle]](t)(NewJoinableQueue[riddle](g, "queue", 10))
	for n := range 4 {
		is(t, q.Put(t.Context(), riddle{n}), nil)
	}
	must[riddle](t)(q.Get(t.Context()))
	for range 3 {
		var getting sync.WaitGroup
		getting.Go(func() {
			defer func() { recover() }()
			if _, err := q.Get(t.Context()); err == nil {
				t.Error("it was read")
			}
		})
		getting.Wait()
	}
	if n := q.Unfinished(); n != 1 {
		t.Errorf("%d are unfinished, want 1", n)
	}
	is(t, q.TaskDone(), nil)
	is(t, q.Join(t.Context()), nil)
	is(t, q.TaskDone(), ErrTooManyDone)
}
