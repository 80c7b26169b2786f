package threading

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inBubble runs body as a subtest in a synctest bubble, with a main thread
// whose context cancel ends.
func inBubble(t *testing.T, name string, body func(t *testing.T, main *Thread, cancel func())) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			body(t, Main(ctx), cancel)
		})
	})
}

// start runs body in a thread.
func start(t *testing.T, ctx context.Context, body func(t *Thread) error, opts ...Option) *Thread {
	t.Helper()
	th := NewThread(ctx, body, opts...)
	if err := th.Start(); err != nil {
		t.Fatal(err)
	}
	return th
}

// join fails the test if one of the threads failed.
func join(t *testing.T, ctx context.Context, threads ...*Thread) {
	t.Helper()
	for _, th := range threads {
		if err := th.Join(ctx); err != nil {
			t.Errorf("%s: %v", th, err)
		}
	}
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
	if text != "" && !strings.Contains(err.Error(), text) {
		t.Errorf("error %q, want it to say %q", err, text)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// mustSemaphore and mustBarrier are for values that are known to be good.
func mustSemaphore(name string, n int) *Semaphore {
	s, err := NewSemaphore(name, n)
	if err != nil {
		panic(err)
	}
	return s
}

func mustBarrier(name string, n int, opts ...BarrierOption) *Barrier {
	b, err := NewBarrier(name, n, opts...)
	if err != nil {
		panic(err)
	}
	return b
}
