//go:build linux

package shm

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/proctest"
	"cookbook/internal/wire"
)

func pipeOf(t testing.TB, g *Space, opts ...QueueOption) (*End[string, int], *End[int, string]) {
	t.Helper()
	a, b, err := NewPipe[string, int](g, "pipe", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestAPipeWaitsOrSaysThatItWouldHaveTo(t *testing.T) {
	a, b := pipeOf(t, space(t), WithRoom(64))
	_, err := b.RecvTimeout(t.Context(), 0)
	is(t, err, failure.ErrTimeout)
	_, err = b.RecvTimeout(t.Context(), time.Millisecond)
	is(t, err, failure.ErrTimeout)
	_, err = b.Recv(contextThatEnded(t))
	is(t, err, context.Canceled)
	for _, d := range []time.Duration{0, time.Millisecond} {
		if ready, err := b.Poll(t.Context(), d); ready || err != nil {
			t.Errorf("poll: %t, %v", ready, err)
		}
	}
	_, err = b.Poll(contextThatEnded(t), time.Hour)
	is(t, err, context.Canceled)
	is(t, a.Send(t.Context(), strings.Repeat("x", 60)), wire.ErrTooLarge)
	is(t, a.Send(t.Context(), strings.Repeat("x", 56)), nil)
	is(t, a.SendTimeout(t.Context(), "x", 0), failure.ErrTimeout)
	is(t, a.SendTimeout(t.Context(), "x", time.Millisecond), failure.ErrTimeout)
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
	proctest.Mentions(t, a.Send(t.Context(), "x"), "send into pipe: io: read/write on closed pipe")
	if fmt.Sprint(a) != "pipe" {
		t.Error(a)
	}
}

func TestAPipeIsFoundOnlyByThoseItIsFor(t *testing.T) {
	g := space(t)
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
