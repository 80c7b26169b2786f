package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/futures"
	"cookbook/internal/distributed/tasks"
)

var (
	doubled = futures.Register("cli: double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	held    = tasks.Register("cli: hold", func(ctx context.Context, x int) (int, error) {
		begun <- struct{}{}
		<-finish
		return 3 * x, nil
	})
	begun, finish = make(chan struct{}), make(chan struct{})
)

// startWorker starts a worker for a server of its own. ended ends it as Ctrl-C does and returns what it has said.
func startWorker(t *testing.T) (s *engine.Server, conn *engine.Conn, interrupt func(), ended func() (out, diagnostics string, failed error)) {
	t.Helper()
	s, err := engine.Start(t.Context(), engine.Config{Token: natsSecret})
	if err != nil {
		t.Fatal(err)
	}
	at := s.Address()
	at.Space = engine.Shared
	if conn, err = engine.Connect(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	var out, diagnostics bytes.Buffer
	a := &app{services: services, Streams: Streams{Out: &out, Err: &diagnostics, Width: 80}}
	o := &workerOptions{concurrency: 2, queues: []string{tasks.DefaultQueue}}
	ctx, cancel := context.WithCancelCause(t.Context())
	var failed error
	var running sync.WaitGroup
	running.Go(func() { failed = o.run(ctx, a, at) })
	interrupt = func() { cancel(command.InterruptedError{}) }
	return s, conn, interrupt, func() (string, string, error) {
		interrupt()
		running.Wait()
		conn.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		return out.String(), diagnostics.String(), failed
	}
}

func TestAWorkerServesWhatTheProgramHas(t *testing.T) {
	_, conn, _, ended := startWorker(t)
	session, err := futures.Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	got, err := futures.Map(t.Context(), session, doubled, []int{1, 2, 3})
	session.Close()
	if err != nil || !slices.Equal(got, []int{2, 4, 6}) {
		t.Errorf("%v, %v", got, err)
	}
	out, _, failed := ended()
	if failed != nil || !strings.Contains(out, "task\tcli: hold\n") || !strings.Contains(out, "function\tcli: double\n") {
		t.Errorf("%v, %q", failed, out)
	}
}

func TestAWorkerComesBackWhenItsEngineDoes(t *testing.T) {
	s, conn, _, ended := startWorker(t)
	for range 2 {
		session, err := futures.Open(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		got, err := futures.Map(t.Context(), session, doubled, []int{1, 2, 3})
		session.Close()
		if err != nil || !slices.Equal(got, []int{2, 4, 6}) {
			t.Errorf("%v, %v", got, err)
		}
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, said, failed := ended()
	if failed != nil || !strings.Contains(said, "lost the engine; the worker waits for it\n") {
		t.Errorf("%v, %q", failed, said)
	}
}

func TestAWorkerFinishesWhatItHasBegun(t *testing.T) {
	_, conn, interrupt, ended := startWorker(t)
	client, err := tasks.NewApp(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	r, err := held.Delay(t.Context(), client, 7)
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	interrupt()
	finish <- struct{}{}
	if got, err := r.Get(t.Context()); err != nil || got != 21 {
		t.Errorf("%d, %v", got, err)
	}
	_, said, failed := ended()
	if failed != nil || !strings.Contains(said, "the worker ends when what it has begun is done; Ctrl-C again ends it at once\n") ||
		!strings.Contains(said, "succeeded") {
		t.Errorf("%v, %q", failed, said)
	}
}
