package engine

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestWorkEndsWithItsConnection(t *testing.T) {
	_, c := open(t, t.Context())
	consumer := workQueue(t, c)
	began, done := make(chan struct{}), make(chan error, 1)
	put(t, c, "x")
	go func() {
		done <- c.Work(context.Background(), consumer, Work{}, func(_ context.Context, m jetstream.Msg) {
			m.Ack()
			close(began)
		})
	}()
	<-began
	c.Close()
	select {
	case err := <-done:
		if !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("Work returned %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Work goes on without a connection")
	}
}

func TestATooLongSubjectLeavesTheConnectionOpen(t *testing.T) {
	_, c := open(t, t.Context())
	workQueue(t, c)
	if _, err := c.Publish(t.Context(), &nats.Msg{Subject: c.Subject("jobs", strings.Repeat("x", 5000))}); err == nil {
		t.Error("a subject of 5000 bytes was taken")
	}
	put(t, c, "after it")
}

func TestAClosedEngineStaysClosed(t *testing.T) {
	e, c := open(t, t.Context())
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if err := e.Restart(t.Context()); !errors.Is(err, ErrEnded) {
		t.Errorf("Restart after Close: %v", err)
	}
	if _, err := e.Connect(t.Context()); !errors.Is(err, ErrNoServer) {
		t.Errorf("Connect after Close: %v", err)
	}
	c.Close()
	c.Close()
}

func TestConnectEndsWithItsContext(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // a server that says nothing
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	calls := make(chan int)
	go func() {
		n := 0
		for conn, err := mute.Accept(); err == nil; conn, err = mute.Accept() {
			defer conn.Close()
			n++
			cancel(cause)
		}
		calls <- n
	}()
	one := "nats://" + mute.Addr().String()
	if _, err = Connect(ctx, Address{URL: one + "," + one + "," + one}); !errors.Is(err, cause) {
		t.Error(err)
	}
	mute.Close()
	if n := <-calls; n != 1 {
		t.Errorf("it has called %d servers", n)
	}
}
