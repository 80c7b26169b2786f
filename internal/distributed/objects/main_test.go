package objects

import (
	"context"
	"errors"
	"testing"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	enginetest.VerifyTestMain(m)
}

// locate opens an engine and returns the name server in it.
func locate(t testing.TB) (*engine.Engine, *NameServer) {
	t.Helper()
	e := enginetest.Open(t)
	return e, locateIn(t, e)
}

// locateIn returns the name server of an engine by a connection of its own.
func locateIn(t testing.TB, e *engine.Engine) *NameServer {
	t.Helper()
	ns, err := Locate(t.Context(), enginetest.Conn(t, e))
	if err != nil {
		t.Fatal(err)
	}
	return ns
}

// serve registers a value and returns its server, which is closed with the test.
func serve(t testing.TB, ns *NameServer, name string, value any, options ...Option) *Server {
	t.Helper()
	s := NewServer(ns, options...)
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := s.Register(t.Context(), name, value); err != nil {
		t.Fatal(err)
	}
	return s
}

func lookup(t testing.TB, ns *NameServer, name string) *Proxy {
	t.Helper()
	p, err := ns.Lookup(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var errEmpty = NewError("objects_test.empty", "there is nothing")

type item struct {
	Name string
	Tags []string
}

// A box has methods of every form.
type box struct {
	entered, leave chan struct{}
	ended          chan error // how Block ended
}

func newBox() *box {
	return &box{entered: make(chan struct{}), leave: make(chan struct{}), ended: make(chan error, 100)}
}

func (b *box) Nothing()          { b.secret() }
func (b *box) Add(x, y int) int  { return x + y }
func (b *box) Small(x int8) int8 { return x }
func (b *box) Sum(name string, of ...float64) float64 {
	var sum float64
	for _, x := range of {
		sum += x
	}
	return sum
}
func (b *box) Label(_ context.Context, it item) (item, error) {
	if it.Name == "" {
		return it, errors.Join(errors.New("label"), errEmpty)
	}
	it.Tags = append(it.Tags, "labelled")
	return it, nil
}
func (b *box) Maybe(p *int) *int     { return p }
func (b *box) Echo(v any) any        { return v }
func (b *box) Bytes(v []byte) []byte { return v }
func (b *box) Large(n int) string    { return string(make([]byte, n)) }
func (b *box) Bad() string           { return "\xff" }
func (b *box) Panic(v any)           { panic(v) }
func (b *box) Channel(chan int) int  { return 1 }
func (b *box) Two() (int, int)       { return 1, 2 }
func (b *box) Deadline(ctx context.Context) bool {
	_, ok := ctx.Deadline()
	return ok
}

// Block waits until it is told to leave or its context ends.
func (b *box) Block(ctx context.Context) (string, error) {
	b.entered <- struct{}{}
	select {
	case <-b.leave:
	case <-ctx.Done():
	}
	b.ended <- ctx.Err()
	return "left", ctx.Err()
}
func (b *box) secret() {}
