package objects

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
)

func TestAResultComesBackAsTheTypeThatTheCallerNames(t *testing.T) {
	e, ns := locate(t)
	serve(t, ns, "box", newBox())
	p := lookup(t, locateIn(t, e), "box")
	ctx := t.Context()
	seven := 7
	for name, test := range map[string]struct {
		call func() (any, error)
		want any
	}{
		"no result":       {func() (any, error) { return Call[struct{}](ctx, p, "Nothing") }, struct{}{}},
		"numbers":         {func() (any, error) { return Call[int](ctx, p, "Add", 5, -7) }, -2},
		"large number":    {func() (any, error) { return Call[int](ctx, p, "Add", math.MaxInt64, 0) }, math.MaxInt64},
		"variadic":        {func() (any, error) { return Call[float64](ctx, p, "Sum", "x", 1, 2.5, 4) }, 7.5},
		"variadic, none":  {func() (any, error) { return Call[float64](ctx, p, "Sum", "x") }, 0.0},
		"struct":          {func() (any, error) { return Call[item](ctx, p, "Label", item{"book", []string{"new"}}) }, item{"book", []string{"new", "labelled"}}},
		"pointer":         {func() (any, error) { return Call[*int](ctx, p, "Maybe", &seven) }, &seven},
		"nil pointer":     {func() (any, error) { return Call[*int](ctx, p, "Maybe", nil) }, (*int)(nil)},
		"any":             {func() (any, error) { return Call[any](ctx, p, "Echo", []string{"a"}) }, []any{"a"}},
		"bytes":           {func() (any, error) { return Call[[]byte](ctx, p, "Bytes", []byte{0xff, 0}) }, []byte{0xff, 0}},
		"text":            {func() (any, error) { return Call[string](ctx, p, "Echo", "\ufffd \\ufffd \"\u00fc") }, "\ufffd \\ufffd \"\u00fc"},
		"no deadline":     {func() (any, error) { return Call[bool](context.WithoutCancel(ctx), p, "Deadline") }, false},
		"unused argument": {func() (any, error) { return Call[struct{}](ctx, p, "Echo", 1) }, struct{}{}},
	} {
		if got, err := test.call(); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %#v, %v, want %#v", name, got, err, test.want)
		}
	}
}

func TestACallThatIsNotRightIsRefused(t *testing.T) {
	e, ns := locate(t)
	serve(t, ns, "box", newBox())
	p := lookup(t, locateIn(t, e), "box")
	for name, test := range map[string]struct {
		method string
		args   []any
		is     error
		says   string
	}{
		"too few":           {"Add", []any{1}, ErrArguments, "it is Add(int, int) int, called with 1: (number)"},
		"too many":          {"Add", []any{1, 2, "x"}, ErrArguments, "called with 3: (number, number, string)"},
		"too few, variadic": {"Sum", nil, ErrArguments, "it is Sum(string, ...float64) float64, called with 0: ()"},
		"wrong, variadic":   {"Sum", []any{"x", 1, true}, ErrArguments, "argument 3: bool is not a float64"},
		"wrong type":        {"Add", []any{1, "x"}, ErrArguments, "called with (number, string): argument 2: string is not an int"},
		"fraction":          {"Add", []any{1, 1.5}, ErrArguments, "argument 2: number 1.5 is not an int"},
		"out of range":      {"Small", []any{300}, ErrArguments, "argument 1: number 300 is not an int8"},
		"null":              {"Small", []any{nil}, ErrArguments, "argument 1: null is not an int8"},
		"other field":       {"Label", []any{map[string]int{"Weight": 1}}, ErrArguments, `unknown field "Weight"`},
		"wrong field":       {"Label", []any{map[string]any{"Tags": []int{1}}}, ErrArguments, "field Tags: number is not a string"},
		"cannot travel":     {"Echo", []any{make(chan int)}, ErrArguments, "argument 1, a chan int, cannot travel"},
		"not a number":      {"Echo", []any{math.NaN()}, ErrArguments, "cannot travel"},
		"not UTF-8":         {"Echo", []any{"ok \xff"}, ErrArguments, "not UTF-8"},
		"no such method":    {"Subtract", []any{1}, ErrNoMethod, "it has: Add(int, int) int, Bad() string, "},
		"no method name":    {"", nil, ErrNoMethod, ""},
		"strange name":      {"A.b *>\n", nil, ErrNoMethod, ""},
		"not exported":      {"secret", nil, ErrNoMethod, ""},
		"not fit":           {"Channel", []any{1}, ErrNoMethod, ""},
		"two results":       {"Two", nil, ErrNoMethod, ""},
		"result not UTF-8":  {"Bad", nil, ErrResult, "its result, a string, cannot travel"},
		"result too large":  {"Large", []any{2 << 20}, ErrResult, "a message at most 1048576"},
		"too large":         {"Echo", []any{strings.Repeat("x", 2<<20)}, engine.ErrTooLarge, ""},
	} {
		_, err := Call[any](t.Context(), p, test.method, test.args...)
		if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "call box.") {
			t.Errorf("%s: %v; want it to be %v and to say %q", name, err, test.is, test.says)
		}
	}
	if _, err := Call[int](t.Context(), p, "Echo", "x"); !errors.Is(err, ErrResult) || !strings.Contains(err.Error(), "string is not an int") {
		t.Errorf("a result of another type: %v", err)
	}
	if sum, err := Call[int](t.Context(), p, "Add", 1, 2); sum != 3 || err != nil {
		t.Errorf("after all that: %d, %v", sum, err)
	}
}

func TestErrorsKeepWhatTheyAre(t *testing.T) {
	e, ns := locate(t)
	serve(t, ns, "box", newBox())
	p := lookup(t, locateIn(t, e), "box")
	_, err := Call[item](t.Context(), p, "Label", item{})
	var remote *RemoteError
	if !errors.Is(err, errEmpty) || !errors.As(err, &remote) || remote.Message != "label\nthere is nothing" {
		t.Errorf("%v is not the method's error", err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrPanicked) {
		t.Errorf("%v is what it is not", err)
	}
}

func TestAPanicIsTheCallersError(t *testing.T) {
	for _, options := range [][]Option{nil, {WithSerial()}} {
		e, ns := locate(t)
		serve(t, ns, "box", newBox(), options...)
		serve(t, ns, "quitter", quitter{}, options...)
		other := locateIn(t, e)
		p := lookup(t, other, "box")
		if _, err := Call[struct{}](t.Context(), p, "Panic", "no paper"); !errors.Is(err, ErrPanicked) || !strings.HasSuffix(err.Error(), "panicked: no paper") {
			t.Error(err)
		}
		if _, err := Call[struct{}](t.Context(), lookup(t, other, "quitter"), "Quit"); !errors.Is(err, ErrPanicked) {
			t.Error(err)
		}
		if sum, err := Call[int](t.Context(), p, "Add", 1, 2); sum != 3 || err != nil {
			t.Errorf("after a panic: %d, %v", sum, err)
		}
	}
}

type quitter struct{}

func (quitter) Quit() { runtime.Goexit() }

func TestTheCallersDeadlineIsTheMethods(t *testing.T) {
	e, ns := locate(t)
	b := newBox()
	serve(t, ns, "box", b)
	p := lookup(t, locateIn(t, e), "box")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	go func() { <-b.entered }()
	if _, err := Call[string](ctx, p, "Block"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := <-b.ended; !errors.Is(err, context.DeadlineExceeded) { // nobody let it leave
		t.Errorf("the method ended by %v", err)
	}
	why := errors.New("enough")
	ended, end := context.WithCancelCause(t.Context())
	go func() { <-b.entered; end(why) }()
	if _, err := Call[string](ended, p, "Block"); !errors.Is(err, why) {
		t.Error(err)
	}
	if _, err := Call[string](ended, p, "Block"); !errors.Is(err, why) { // not even sent
		t.Error(err)
	}
	b.leave <- struct{}{}
}

func TestCallsRunAtTheSameTime(t *testing.T) {
	e, ns := locate(t)
	b := newBox()
	serve(t, ns, "box", b)
	p := lookup(t, locateIn(t, e), "box")
	const count = 20
	var calls sync.WaitGroup
	for range count {
		calls.Go(func() {
			if got, err := Call[string](t.Context(), p, "Block"); got != "left" || err != nil {
				t.Error(got, err)
			}
		})
	}
	for range count { // all are in the method
		<-b.entered
	}
	close(b.leave)
	calls.Wait()
}

func TestSendReturnsWhenTheCallIsTaken(t *testing.T) {
	e, ns := locate(t)
	b := newBox()
	serve(t, ns, "box", b)
	p := lookup(t, locateIn(t, e), "box")
	if err := Send(t.Context(), p, "Block"); err != nil {
		t.Fatal(err)
	}
	<-b.entered
	b.leave <- struct{}{}
	if err := Send(t.Context(), p, "Add", 1); !errors.Is(err, ErrArguments) {
		t.Error(err)
	}
	if err := Send(t.Context(), p, "Panic", 1); err != nil {
		t.Error(err)
	}
}

// A node passes a call on to the next node of a ring, until the first one gets it again.
type node struct {
	ns         *NameServer
	name, next string
}

func (n *node) Process(ctx context.Context, path []string) ([]string, error) {
	if len(path) > 0 && path[0] == n.name {
		return append(path, n.name), nil
	}
	next, err := n.ns.Lookup(ctx, n.next)
	if err != nil {
		return nil, err
	}
	return Call[[]string](ctx, next, "Process", append(path, n.name))
}

func ring(t *testing.T, ns *NameServer, options ...Option) *Proxy {
	for _, n := range [][2]string{{"a.1", "a.2"}, {"a.2", "a.3"}, {"a.3", "a.1"}} {
		serve(t, ns, n[0], &node{ns, n[0], n[1]}, options...)
	}
	return lookup(t, ns, "a.1")
}

func TestARingOfObjectsIsClosed(t *testing.T) {
	_, ns := locate(t)
	path, err := Call[[]string](t.Context(), ring(t, ns), "Process", []string{})
	if want := []string{"a.1", "a.2", "a.3", "a.1"}; !reflect.DeepEqual(path, want) || err != nil {
		t.Errorf("%v, %v, want %v", path, err, want)
	}
}

func TestARingOfSerialObjectsWaitsForItself(t *testing.T) {
	_, ns := locate(t)
	p := ring(t, ns, WithSerial())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Call[[]string](ctx, p, "Process", []string{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the end of the time", err)
	}
}
