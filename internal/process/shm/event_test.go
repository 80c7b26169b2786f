//go:build linux

package shm

import (
	"context"
	"testing"
	"time"

	"cookbook/internal/process/failure"
)

var waitForEvent = scene("wait for an event", func(ctx context.Context, s stage, x *shared) error {
	s.say("waits")
	if err := x.Event.Wait(ctx); err != nil {
		return err
	}
	s.say("goes on")
	return nil
})

func TestAnEventLetsAllGoOn(t *testing.T) {
	g := space(t)
	e := must[*Event](t)(NewEvent(g, "start"))
	x := &shared{Event: e}
	parties := []*party{start(t, g, waitForEvent, x), start(t, g, waitForEvent, x)}
	for _, p := range parties {
		p.wants("waits")
	}
	is(t, e.WaitTimeout(t.Context(), time.Millisecond), failure.ErrTimeout)
	e.Set()
	for _, p := range parties {
		p.wants("goes on")
		p.ends()
	}
	if !e.IsSet() || e.Wait(t.Context()) != nil {
		t.Error("it is not set")
	}
	e.Clear()
	e.Clear()
	if e.IsSet() {
		t.Error("it is set")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	is(t, e.Wait(ctx), context.Canceled)
}

func TestASetReachesWhoWaitsEvenIfClearFollows(t *testing.T) {
	g := space(t)
	e := must[*Event](t)(NewEvent(g, ""))
	for range 20 {
		p := start(t, g, waitForEvent, &shared{Event: e})
		p.wants("waits")
		eventually(t, "it sleeps", func() bool { return e.s.sleeping.Load() != 0 })
		e.Set()
		e.Clear()
		p.wants("goes on")
		p.ends()
	}
}
