package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	enginetest.VerifyTestMain(m)
}

type pair struct{ X, Y int }

// What the tests' workers know.
var (
	add = Register("test.add", func(_ context.Context, p pair) (int, error) { return p.X + p.Y, nil })
	bad = Register("test.bad", func(_ context.Context, s string) (int, error) { return 0, errors.New(s) })
	// third fails until it has been tried twice again.
	third = Register("test.third", func(ctx context.Context, s string) (int, error) {
		if n := Current(ctx).Retries; n < 2 {
			return n, fmt.Errorf("%s %d", s, n)
		}
		return Current(ctx).Retries, nil
	}, WithRetries(3, time.Millisecond))
	boom = Register("test.boom", func(_ context.Context, s string) (int, error) { panic(s) })
	// patient waits for its context.
	patient = Register("test.patient", func(ctx context.Context, _ struct{}) (string, error) {
		<-ctx.Done()
		return "", context.Cause(ctx)
	})
	large = Register("test.large", func(_ context.Context, n int) ([]byte, error) { return make([]byte, n), nil })
)

// serve starts a worker in this process that ends with the test.
func serve(t testing.TB, e *engine.Engine, options ...ServeOption) {
	t.Helper()
	conn := enginetest.Conn(t, e)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, conn, options...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// client is an App of its own connection.
func client(t testing.TB, e *engine.Engine) *App {
	t.Helper()
	app, err := NewApp(t.Context(), enginetest.Conn(t, e))
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// drained waits until the queues are empty: a call leaves its queue a moment after its result is there.
func drained(t testing.TB, app *App) {
	t.Helper()
	for ctx := limited(t); ; {
		depth, err := app.Queues(ctx)
		if err != nil {
			t.Fatalf("queues %v: %v", depth, err)
		}
		if len(depth) == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// limited is a context for what should come at once, and fails the test instead of hanging.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
