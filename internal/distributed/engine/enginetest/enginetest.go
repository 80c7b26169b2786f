// Package enginetest opens engines for tests.
package enginetest

import (
	"testing"

	"cookbook/internal/distributed/engine"
)

// Open opens an engine in this process that ends with the test.
func Open(t testing.TB) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Conn connects to an engine until the test ends.
func Conn(t testing.TB, e *engine.Engine) *engine.Conn {
	t.Helper()
	c, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
