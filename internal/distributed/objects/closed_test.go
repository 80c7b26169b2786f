package objects

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestALongNameOfAMethodLeavesTheConnectionOpen(t *testing.T) {
	_, ns := locate(t)
	serve(t, ns, "box", newBox())
	p := lookup(t, ns, "box")
	for _, name := range []string{strings.Repeat("x", 5000), strings.Repeat(".", 1500)} {
		if _, err := Call[int](t.Context(), p, name); !errors.Is(err, ErrNoMethod) {
			t.Error(err)
		}
	}
	if sum, err := Call[int](t.Context(), p, "Add", 1, 2); err != nil || sum != 3 {
		t.Error(sum, err)
	}
}

func TestWaitsEndWithTheConnection(t *testing.T) {
	e, far := locate(t)
	b := newBox()
	serve(t, far, "box", b)
	ns := locateIn(t, e)
	p := lookup(t, ns, "box")
	began, done := make(chan struct{}), make(chan error, 2)
	for _, wait := range []func(ctx context.Context) error{
		func(ctx context.Context) error { _, err := ns.Wait(ctx, "nobody"); return err },
		func(ctx context.Context) error { _, err := Call[string](ctx, p, "Block"); return err },
	} {
		go func() {
			began <- struct{}{}
			done <- wait(context.Background())
		}()
		<-began
	}
	<-b.entered
	ns.conn.Close()
	b.leave <- struct{}{}
	<-b.ended
	for range 2 {
		if err := <-done; !errors.Is(err, nats.ErrConnectionClosed) {
			t.Error(err)
		}
	}
}
