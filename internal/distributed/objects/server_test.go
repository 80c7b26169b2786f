package objects

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/micro"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/process"
)

func TestANameBelongsToOneObject(t *testing.T) {
	e, ns := locate(t)
	first := serve(t, ns, "box", newBox())
	if err := first.Register(t.Context(), "box", newBox()); !errors.Is(err, ErrTaken) {
		t.Errorf("in the same server: %v", err)
	}
	second := NewServer(locateIn(t, e))
	defer second.Close(t.Context())
	if err := second.Register(t.Context(), "box", newBox()); !errors.Is(err, ErrTaken) || !strings.HasPrefix(err.Error(), `register "box": `) {
		t.Errorf("in another server: %v", err)
	}
	p := lookup(t, ns, "box")
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Call[int](t.Context(), p, "Add", 1, 2); !errors.Is(err, ErrGone) {
		t.Errorf("with its server closed: %v", err)
	}
	if _, err := ns.Lookup(t.Context(), "box"); !errors.Is(err, ErrUnknown) {
		t.Errorf("with its server closed: %v", err)
	}
	if err := first.Register(t.Context(), "box", newBox()); !errors.Is(err, ErrClosed) {
		t.Errorf("in a closed server: %v", err)
	}
	if err := second.Register(t.Context(), "box", newBox()); err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if sum, err := Call[int](t.Context(), p, "Add", 1, 2); sum != 3 || err != nil {
		t.Errorf("the proxy does not find the new object: %d, %v", sum, err)
	}
}

func TestOnlyOneOfManyGetsAName(t *testing.T) {
	e, _ := locate(t)
	var got atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		s := NewServer(locateIn(t, e))
		t.Cleanup(func() { s.Close(context.Background()) })
		all.Go(func() {
			switch err := s.Register(t.Context(), "box", newBox()); {
			case err == nil:
				got.Add(1)
			case !errors.Is(err, ErrTaken):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d servers have the name", got.Load())
	}
}

func TestAnUnknownNameListsThoseThatThereAre(t *testing.T) {
	e, ns := locate(t)
	if _, err := ns.Lookup(t.Context(), "box"); !errors.Is(err, ErrUnknown) || !strings.HasSuffix(err.Error(), "there are: none") {
		t.Error(err)
	}
	names := []string{"a.b *>", "box", "stra\u00dfe\n"}
	s := serve(t, ns, names[1], newBox())
	for _, name := range []string{names[2], names[0]} {
		if err := s.Register(t.Context(), name, newBox()); err != nil {
			t.Fatal(err)
		}
	}
	other := locateIn(t, e)
	if got, err := other.List(t.Context()); err != nil || !reflect.DeepEqual(got, names) {
		t.Errorf("%q, %v, want %q", got, err, names)
	}
	if _, err := other.Lookup(t.Context(), "bux"); !errors.Is(err, ErrUnknown) || !strings.HasSuffix(err.Error(), "there are: "+strings.Join(names, ", ")) {
		t.Error(err)
	}
	for _, name := range names {
		if sum, err := Call[int](t.Context(), lookup(t, other, name), "Add", 1, 2); sum != 3 || err != nil {
			t.Errorf("%q: %d, %v", name, sum, err)
		}
	}
	for _, name := range []string{"", "\xff", strings.Repeat("x", 201)} {
		_, err1 := other.Lookup(t.Context(), name)
		_, err2 := other.Wait(t.Context(), name)
		if err3 := s.Register(t.Context(), name, newBox()); !errors.Is(err1, ErrName) || !errors.Is(err2, ErrName) || !errors.Is(err3, ErrName) {
			t.Errorf("%.5q: %v; %v; %v", name, err1, err2, err3)
		}
	}
}

func TestWaitWaitsForAName(t *testing.T) {
	e, ns := locate(t)
	gone := serve(t, ns, "box", newBox())
	gone.objects[0].service.Stop() // as if killed: the name stays
	if _, err := ns.Lookup(t.Context(), "box"); !errors.Is(err, ErrGone) {
		t.Errorf("a name whose server is gone: %v", err)
	}
	if names, err := ns.List(t.Context()); len(names) > 0 || err != nil {
		t.Errorf("a name whose server is gone is listed: %q, %v", names, err)
	}
	other := locateIn(t, e)
	found := make(chan error)
	go func() {
		p, err := other.Wait(t.Context(), "box")
		if err == nil {
			_, err = Call[int](t.Context(), p, "Add", 1, 2)
		}
		found <- err
	}()
	serve(t, ns, "box", newBox())
	if err := <-found; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := other.Wait(ctx, "bux"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestWhatMayBeRegistered(t *testing.T) {
	_, ns := locate(t)
	s := NewServer(ns)
	defer s.Close(t.Context())
	for name, test := range map[string]struct {
		value   any
		methods []string
		want    error
	}{
		"nil":                 {nil, nil, ErrNoMethods},
		"nil pointer":         {(*box)(nil), nil, ErrNoMethods},
		"no methods":          {7, nil, ErrNoMethods},
		"methods of pointer":  {box{}, nil, ErrNoMethods},
		"no such method":      {newBox(), []string{"Subtract"}, ErrNoMethod},
		"not exported":        {newBox(), []string{"secret"}, ErrNoMethod},
		"cannot travel":       {newBox(), []string{"Add", "Channel"}, ErrNoMethod},
		"some of its methods": {newBox(), []string{"Add", "Small"}, nil},
	} {
		if err := s.Register(t.Context(), name, test.value, test.methods...); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	p := lookup(t, ns, "some of its methods")
	if _, err := Call[any](t.Context(), p, "Echo", 1); !errors.Is(err, ErrNoMethod) || !strings.HasSuffix(err.Error(), "it has: Add(int, int) int, Small(int8) int8") {
		t.Error(err)
	}
}

func TestCloseWaitsForCallsAndSendsTheirAnswers(t *testing.T) {
	for _, options := range [][]Option{nil, {WithSerial()}} {
		e, ns := locate(t)
		b := newBox()
		s := serve(t, ns, "box", b, options...)
		p := lookup(t, locateIn(t, e), "box")
		answer := make(chan error)
		go func() {
			got, err := Call[string](t.Context(), p, "Block")
			if got != "left" && err == nil {
				err = errors.New(got)
			}
			answer <- err
		}()
		<-b.entered
		closed := make(chan error)
		go func() { closed <- s.Close(t.Context()) }()
		for _, err := ns.Lookup(t.Context(), "box"); !errors.Is(err, ErrUnknown); _, err = ns.Lookup(t.Context(), "box") {
		}
		time.Sleep(2 * pingEvery) // the caller asks for signs of life meanwhile
		select {
		case err := <-closed:
			t.Errorf("closed while a call is in progress: %v", err)
		default:
		}
		b.leave <- struct{}{}
		if err := <-answer; err != nil {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsTheContextsOfMethodsThatTakeTooLong(t *testing.T) {
	e, ns := locate(t)
	b := newBox()
	s := serve(t, ns, "box", b)
	p := lookup(t, locateIn(t, e), "box")
	answer := make(chan error)
	go func() {
		_, err := Call[string](t.Context(), p, "Block")
		answer <- err
	}()
	<-b.entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("the method was to end with its context: %v", err)
	}
}

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
