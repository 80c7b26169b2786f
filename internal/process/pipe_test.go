//go:build linux

package process

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
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

func pipeOf(t testing.TB, g *Group, opts ...QueueOption) (*End[string, int], *End[int, string]) {
	t.Helper()
	a, b, err := NewPipe[string, int](g, "pipe", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}
