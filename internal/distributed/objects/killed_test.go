package objects

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/micro"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/process"
)

// hold registers a box and serves it; its method Hang never ends.
var hold = process.Register("objects_test.hold", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, Serve(ctx, conn, "box", holder{})
})

type holder struct{}

func (holder) Add(x, y int) int         { return x + y }
func (holder) Hang(ctx context.Context) { <-ctx.Done() }

func TestAKilledServerIsAnErrorOfTheCaller(t *testing.T) {
	e, ns := locate(t)
	g, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for range 2 { // the second server takes the name over
		child := process.New(g, hold, e.Address())
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		p, err := ns.Wait(ctx, "box")
		if err != nil {
			t.Fatal(err, child.Err())
		}
		if err := Send(t.Context(), p, "Hang"); err != nil {
			t.Fatal(err)
		}
		answer := make(chan error)
		go func() {
			_, err := Call[struct{}](t.Context(), p, "Hang")
			answer <- err
		}()
		if err := child.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-answer; !errors.Is(err, ErrGone) {
			t.Errorf("the call that waits: %v", err)
		}
		if _, err := Call[int](t.Context(), p, "Add", 1, 2); !errors.Is(err, ErrGone) {
			t.Errorf("the next call: %v", err)
		}
		if err := child.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever is sent to an object, an answer comes that a caller understands, and the object goes on.
func FuzzRequests(f *testing.F) {
	for _, seed := range []string{``, `null`, `[]`, `{"args": 1}`, `{"args": [1, 2]}`, `{"args": [1`, `{"within_us": -1, "args": []}`,
		`{"args": [{"Name": "x", "Tags": [null]}]}`, `{"one_way": true, "args": ["x"]}`, "\xff\x00", `{"args": [1e999, 0]}`, `{"args": [[[[[]]]]]}`} {
		for _, method := range []string{"Add", "Label", "Echo", "Sum", "Maybe", "Bytes", "none", ""} {
			f.Add(method, []byte(seed))
		}
	}
	_, ns := locate(f)
	serve(f, ns, "box", newBox())
	p := lookup(f, ns, "box")
	f.Fuzz(func(t *testing.T, method string, body []byte) {
		switch {
		case method == "Block" || method == "Large" || len(method) > 1000 || len(body) > 100_000:
			t.Skip("takes its time, or does not fit")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		m, err := ns.conn.NC.RequestWithContext(ctx, ns.subject(*p.id.Load(), escape(method)), body)
		if err != nil {
			t.Fatalf("%s(%q): %v", method, body, err)
		}
		if code := m.Header.Get(micro.ErrorCodeHeader); code == "" && len(m.Data) == 0 {
			t.Fatalf("%s(%q): neither a result nor an error", method, body)
		}
		if sum, err := Call[int](ctx, p, "Add", 1, 2); sum != 3 || err != nil {
			t.Fatalf("after %s(%q): %d, %v", method, body, sum, err)
		}
	})
}
