package tasks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine/enginetest"
)

func TestAWorkerThatStopsFinishesWhatItHasBegunAndLeavesTheRest(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	ctx, stop := context.WithCancel(t.Context())
	conn := enginetest.Conn(t, e)
	begun := make(chan struct{})
	var once sync.Once
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, conn, WithObserver(func(e Event) {
			if e.Kind == Received {
				once.Do(func() { close(begun) })
			}
		}))
	}()
	first := ask(t, app, slow, 200*time.Millisecond)
	<-begun
	rest := ask(t, app, add, pair{1, 1})
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := get(t, first); s != "done" {
		t.Error(s)
	}
	for depth := 2; depth != 1; { // the call that has ended is leaving
		queues, err := app.Queues(limited(t))
		if err != nil {
			t.Fatal(err)
		}
		depth = queues[DefaultQueue]
	}
	serve(t, e)
	get(t, rest)
}

func TestAWorkerThatStopsHandsBackWhatTakesTooLong(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	file := filepath.Join(t.TempDir(), "begun")
	r := ask(t, app, onlyOnce, file)
	ctx, stop := context.WithCancel(t.Context())
	conn := enginetest.Conn(t, e)
	var d diary
	err := Serve(ctx, conn, WithGrace(time.Millisecond), WithObserver(func(e Event) {
		d.note(e)
		if e.Kind == Received {
			stop()
		}
	}))
	if err != nil || len(d.ids(Returned)) != 1 {
		t.Fatal(err, d.events)
	}
	serve(t, e)
	if pid := get(t, r); pid != os.Getpid() {
		t.Error(pid)
	}
}

func TestAWorkerEndsWithItsQueues(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	conn := enginetest.Conn(t, e)
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), conn) }()
	if _, err := app.Ping(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	if err := app.conn.JS.DeleteStream(t.Context(), app.conn.Name("tasks")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Error(err)
	}
}

func TestAWorkerWhoseEngineIsGoneStops(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	conn := enginetest.Conn(t, e)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	begun, end := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		done <- Serve(ctx, conn, WithGrace(10*time.Millisecond), WithObserver(func(e Event) {
			if e.Kind == Succeeded {
				once.Do(func() { close(begun) })
				<-end
			}
		}))
	}()
	if _, err := add.ApplyAll(t.Context(), app, pairs(20)); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	close(end)
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-limited(t).Done():
		t.Fatal("it waits for its engine")
	}
}
