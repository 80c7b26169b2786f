//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

type exchange struct {
	End  *End[string, int]
	Stay bool
}

var (
	// answers sends how long what it receives is, until there is no more.
	answers = Register("test.answers", func(ctx context.Context, e *End[int, string]) (string, error) {
		for {
			v, err := e.Recv(ctx)
			if err != nil {
				return err.Error(), nil
			}
			if err := e.Send(ctx, len(v)); err != nil {
				return "", err
			}
		}
	})
	// sends sends two words and returns or stays.
	sends = Register("test.sends", func(ctx context.Context, x exchange) (struct{}, error) {
		err := errors.Join(x.End.Send(ctx, "one"), x.End.Send(ctx, "two"))
		if x.Stay {
			<-ctx.Done()
		}
		return struct{}{}, err
	})
	// borrows takes an end from a queue.
	borrows = Register("test.borrows", func(ctx context.Context, q *Queue[*End[string, int]]) (struct{}, error) {
		e, err := q.Get(ctx)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, e.Send(ctx, "borrowed")
	})
)

func pipeOf(t testing.TB, g *Group, opts ...QueueOption) (*End[string, int], *End[int, string]) {
	t.Helper()
	a, b, err := NewPipe[string, int](g, "pipe", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestAPipeCarriesBothWaysUntilAnEndIsClosed(t *testing.T) {
	g := group(t)
	a, b := pipeOf(t, g)
	child := New(g, answers, b)
	started(t, child)
	for n := range 100 {
		is(t, a.Send(t.Context(), strings.Repeat("x", n*n)), nil)
		if got, err := a.Recv(t.Context()); got != n*n || err != nil {
			t.Fatalf("got %d, %v, want %d", got, err, n*n)
		}
	}
	is(t, a.Close(), nil)
	is(t, a.Close(), nil)
	is(t, child.Join(t.Context()), nil)
	if text, err := Result[string](child); text != "EOF" || err != nil {
		t.Errorf("the other end: %q, %v", text, err)
	}
	_, err := a.Recv(t.Context())
	is(t, err, ErrClosed)
	is(t, a.Send(t.Context(), ""), ErrClosed)
}

func TestWhoReceivesLearnsThatTheOtherProcessHasEnded(t *testing.T) {
	for _, killed := range []bool{false, true} {
		g := group(t)
		a, b := pipeOf(t, g)
		child := New(g, sends, exchange{a, killed})
		started(t, child)
		for _, want := range []string{"one", "two"} {
			if got, err := b.Recv(t.Context()); got != want || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		}
		if killed {
			is(t, child.Kill(), nil)
		}
		if _, err := b.Recv(t.Context()); err != io.EOF {
			t.Errorf("then %v, want EOF", err)
		}
		is(t, b.Send(t.Context(), 1), io.ErrClosedPipe)
		if ready, err := b.Poll(t.Context(), 0); !ready || err != nil {
			t.Errorf("poll at the end: %t, %v", ready, err)
		}
		is(t, child.Join(t.Context()), nil)
	}
}

func TestAnEndBelongsToTheProcessToWhichItCameLast(t *testing.T) {
	g := group(t)
	a, b := pipeOf(t, g)
	q := must[*Queue[*End[string, int]]](t)(NewQueue[*End[string, int]](g, "queue", 1))
	is(t, a.Send(t.Context(), "mine"), nil)
	child := New(g, borrows, q)
	started(t, child)
	is(t, q.Put(t.Context(), a), nil)
	for _, want := range []string{"mine", "borrowed"} {
		if got, err := b.Recv(t.Context()); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	_, err := a.Recv(t.Context())
	is(t, err, ErrNotOwner)
	is(t, a.Send(t.Context(), ""), ErrNotOwner)
	is(t, a.Close(), ErrNotOwner)
	_, err = a.Poll(t.Context(), 0)
	is(t, err, ErrNotOwner)
	if _, err := b.Recv(t.Context()); err != io.EOF {
		t.Error(err)
	}
	endsWell(t, child)
}

func TestAPipeWaitsOrSaysThatItWouldHaveTo(t *testing.T) {
	a, b := pipeOf(t, group(t), WithRoom(64))
	_, err := b.RecvTimeout(t.Context(), 0)
	is(t, err, ErrTimeout)
	_, err = b.RecvTimeout(t.Context(), time.Millisecond)
	is(t, err, ErrTimeout)
	_, err = b.Recv(contextThatEnded(t))
	is(t, err, context.Canceled)
	for _, d := range []time.Duration{0, time.Millisecond} {
		if ready, err := b.Poll(t.Context(), d); ready || err != nil {
			t.Errorf("poll: %t, %v", ready, err)
		}
	}
	_, err = b.Poll(contextThatEnded(t), time.Hour)
	is(t, err, context.Canceled)
	is(t, a.Send(t.Context(), strings.Repeat("x", 60)), ErrTooLarge)
	is(t, a.Send(t.Context(), strings.Repeat("x", 56)), nil)
	is(t, a.SendTimeout(t.Context(), "x", 0), ErrTimeout)
	is(t, a.SendTimeout(t.Context(), "x", time.Millisecond), ErrTimeout)
	is(t, a.Send(contextThatEnded(t), "x"), context.Canceled)
	if ready, err := b.Poll(t.Context(), time.Hour); !ready || err != nil {
		t.Errorf("poll: %t, %v", ready, err)
	}
	sent := make(chan error)
	go func() { sent <- a.Send(t.Context(), "x") }()
	must[string](t)(b.Recv(t.Context()))
	is(t, <-sent, nil)
	if got := must[string](t)(b.RecvTimeout(t.Context(), time.Hour)); got != "x" {
		t.Error(got)
	}
	go func() { sent <- a.Send(t.Context(), strings.Repeat("x", 56)) }()
	is(t, <-sent, nil)
	go func() { sent <- a.Send(t.Context(), "x") }()
	eventually(t, "it sleeps", func() bool { return a.out.s.freed.sleeps.Load() > 0 })
	is(t, b.Close(), nil)
	is(t, <-sent, io.ErrClosedPipe)
	if _, err := a.Recv(t.Context()); err != io.EOF {
		t.Error(err)
	}
	mentions(t, a.Send(t.Context(), "x"), "send into pipe: io: read/write on closed pipe")
	if fmt.Sprint(a) != "pipe" {
		t.Error(a)
	}
}

func TestAPipeIsFoundOnlyByThoseItIsFor(t *testing.T) {
	g := group(t)
	a, b := pipeOf(t, g)
	is(t, new(End[string, int]).UnmarshalBinary(must[[]byte](t)(a.MarshalBinary())), nil)
	is(t, new(End[int, string]).UnmarshalBinary(must[[]byte](t)(b.MarshalBinary())), nil)
	is(t, new(End[int, string]).UnmarshalBinary(must[[]byte](t)(a.MarshalBinary())), ErrNotHere)
	is(t, new(End[string, int]).UnmarshalBinary(nil), ErrNotHere)
	is(t, new(End[string, int]).UnmarshalBinary(append(must[[]byte](t)(a.MarshalBinary()), 2)), ErrNotHere)
	overlay[pipeState](g.arena, a.at).rings[1].units = 1 << 20
	is(t, new(End[string, int]).UnmarshalBinary(must[[]byte](t)(a.MarshalBinary())), ErrNotHere)
	_, err := new(End[string, int]).MarshalBinary()
	is(t, err, ErrNotHere)
	_, _, err = NewPipe[string, int](g, "pipe", WithRoom(math.MaxInt))
	is(t, err, ErrNoRoom)
}
