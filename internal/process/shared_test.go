//go:build linux

package process

import (
	"context"
	"errors"
	"testing"
	"time"
)

func group(t testing.TB) *Group {
	t.Helper()
	g, err := NewGroup(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// is checks an error.
func is(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error %v, want %v", got, want)
	}
}

// eventually waits until ready returns true.
func eventually(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for !ready() {
		time.Sleep(100 * time.Microsecond)
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: not yet, and the test ends", what)
		default:
		}
	}
}
