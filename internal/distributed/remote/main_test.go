package remote

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.starlark.net/starlark"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A sink is where a server or a client writes.
type sink struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *sink) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *sink) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

var secret = []byte("a secret of tests")

// soon is the context of what must end by itself.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func listen(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := Listen("", secret, append([]Option{WithOutput(new(sink))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t testing.TB, s *Server) *Conn {
	t.Helper()
	c, err := Dial(soon(t), s.Addr(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// pair returns a client of a new server.
func pair(t testing.TB, opts ...Option) *Conn { return dial(t, listen(t, opts...)) }

func execute(t testing.TB, c *Conn, text string) {
	t.Helper()
	if err := c.Execute(soon(t), text); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](t testing.TB, c *Conn, text string) T {
	t.Helper()
	v, err := As[T](c.Eval(soon(t), text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sessionOf returns the one session of a server.
func peerOf(t testing.TB, s *Server) *peer {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		return p
	}
	t.Fatal("nobody is connected")
	return nil
}

// gate is a function for texts that says that it was called, and returns when it may.
func gate() (names starlark.StringDict, called, open chan struct{}) {
	called, open = make(chan struct{}), make(chan struct{})
	f := func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
		called <- struct{}{}
		<-open
		return starlark.None, nil
	}
	return starlark.StringDict{"gate": starlark.NewBuiltin("gate", f)}, called, open
}
