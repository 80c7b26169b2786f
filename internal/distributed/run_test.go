package distributed

import (
	"context"
	"errors"
	"testing"

	"github.com/nats-io/nats.go"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) {
	process.Main()
	enginetest.VerifyTestMain(m)
}

// greet says hello to the process that listens.
var greet = process.Register("test.greet", func(ctx context.Context, at engine.Address) (string, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.Subject("hello"), conn.NC.Publish(conn.Subject("hello"), nil)
})

func open(t *testing.T, opts ...Option) *Run {
	t.Helper()
	r, err := Open(t.Context(), transcript.New(transcript.Config{}), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAProcessOfARunMeetsItInTheEngine(t *testing.T) {
	r := open(t)
	heard, err := r.Conn.NC.SubscribeSync(r.Conn.Subject("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Conn.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := Start(r, "greeter", greet, r.Address())
	if err != nil || p.Name() != "greeter" {
		t.Fatal(p, err)
	}
	if _, err := heard.NextMsgWithContext(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := r.Conn.NC.Publish("x", nil); !errors.Is(err, nats.ErrConnectionClosed) || p.IsAlive() {
		t.Errorf("after Close: %v, alive %v", err, p.IsAlive())
	}
	if _, err := Start(r, "late", greet, r.Address()); err == nil {
		t.Error("a process of a run that is closed")
	}
}

func TestARunWithoutWorkersNeedsAnEngineElsewhere(t *testing.T) {
	_, err := Open(t.Context(), transcript.New(transcript.Config{}), WithWorkers(0))
	var usage *catalog.UsageError
	if !errors.As(err, &usage) {
		t.Error(err)
	}
	s, err := engine.Start(t.Context(), engine.Config{Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := Open(engine.WithAddress(t.Context(), s.Address()), transcript.New(transcript.Config{}), WithWorkers(0))
	if err != nil {
		t.Fatal(err)
	}
	if r.Address().Space != engine.Shared {
		t.Errorf("the space %s", r.Address().Space)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestAStoreOfARunIsThereForTheNext(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		r := open(t, WithStore(dir))
		if _, err := Open(t.Context(), transcript.New(transcript.Config{}), WithStore(dir)); !errors.Is(err, engine.ErrInUse) {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
