package async

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if side := os.Getenv(parkedVariable); side != "" {
		park(side)
	}
	goleak.VerifyTestMain(m)
}

// instant is a pace at which no time passes outside of the loop, so a test on a paced loop is exact and takes no time.
func instant(context.Context, time.Duration) error { return nil }

// inLoop runs body as a subtest, as the first task of a paced loop. Nothing may fail unasked, body included.
func inLoop(t *testing.T, name string, body func(t *testing.T, main *Task) error) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		_, err := Run(t.Context(), nothing(func(main *Task) error { return body(t, main) }), WithPace(instant))
		if err != nil {
			t.Errorf("the main task: %v", err)
		}
	})
}

// nothing makes a task's body of a function that has no result.
func nothing(f func(*Task) error) func(*Task) (struct{}, error) {
	return func(t *Task) (struct{}, error) { return struct{}{}, f(t) }
}

// sleepy is a task's body that sleeps and then has a result.
func sleepy[T any](d time.Duration, v T) func(*Task) (T, error) {
	return func(t *Task) (T, error) { return v, t.Sleep(d) }
}

// failing is a task's body that sleeps and then fails.
func failing(d time.Duration, with error) func(*Task) (int, error) {
	return func(t *Task) (int, error) { return 0, errors.Join(t.Sleep(d), with) }
}

// turns lets the loop make that many turns.
func turns(t *Task, n int) {
	for range n {
		t.Sleep(0)
	}
}

// oneTurn runs the loop for one turn.
func oneTurn(t *testing.T, l *Loop) {
	t.Helper()
	l.Stop()
	ok(t, l.RunForever(context.Background()))
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// fails checks that err is target, and says so in these words.
func fails(t *testing.T, err, target error, text string) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("error %v, want %v", err, target)
	}
	if !strings.Contains(err.Error(), text) {
		t.Errorf("error %q, want it to say %q", err, text)
	}
}

// panics checks that f panics with target, and says so in these words.
func panics(t *testing.T, f func(), target error, text string) {
	t.Helper()
	defer func() {
		t.Helper()
		err, _ := recover().(error)
		if err == nil || !strings.Contains(err.Error(), text) || target != nil && !errors.Is(err, target) {
			t.Errorf("panic with %v, want %v that says %q", err, target, text)
		}
	}()
	f()
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
