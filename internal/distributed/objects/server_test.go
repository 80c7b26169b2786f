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

func TestACallWhoseTurnComesTooLateIsNotBegun(t *testing.T) {
	e, ns := locate(t)
	b := newBox()
	serve(t, ns, "box", b, WithSerial())
	p := lookup(t, locateIn(t, e), "box")
	first := make(chan error)
	go func() {
		_, err := Call[string](t.Context(), p, "Block")
		first <- err
	}()
	<-b.entered
	late := []byte(`{"within_us": 20000, "args": []}`) // asked as a caller would who waits for what the server says
	m, err := ns.conn.NC.RequestWithContext(t.Context(), ns.subject(*p.id.Load(), "Block"), late)
	if err != nil || !strings.Contains(string(m.Data), "not begun") || !strings.Contains(string(m.Data), "context.DeadlineExceeded") {
		t.Errorf("%s, %v", m.Data, err)
	}
	b.leave <- struct{}{}
	if err := <-first; err != nil {
		t.Error(err)
	}
	if sum, err := Call[int](t.Context(), p, "Add", 1, 2); sum != 3 || err != nil { // the second Block would be in its way
		t.Error(sum, err)
	}
}

func TestObjectsAreThereAfterARestartOfTheEngine(t *testing.T) {
	e, ns := locate(t)
	serve(t, ns, "box", newBox())
	other := locateIn(t, e)
	p := lookup(t, other, "box")
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		sum, err := Call[int](ctx, p, "Add", 1, 2)
		if sum == 3 {
			break
		}
		if !errors.Is(err, ErrGone) { // the server's connection may come back after ours
			t.Fatal(err)
		}
	}
	if names, err := other.List(ctx); !reflect.DeepEqual(names, []string{"box"}) {
		t.Error(names, err)
	}
}
