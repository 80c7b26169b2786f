package pool

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
)

// ways are how a function can end without a return.
var ways = []struct {
	name  string
	leave func()
}{
	{"panic", func() { panic("on purpose") }},
	{"Goexit", runtime.Goexit},
}

func TestACallbackThatDoesNotReturnHoldsNothingUp(t *testing.T) {
	ctx := t.Context()
	for _, way := range ways {
		p, err := New(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		onError := WithErrorCallback(func(error) { way.leave() })
		results := []*AsyncResult[int]{
			ApplyAsync(ctx, p, square, 2, WithCallback(func(int) { way.leave() })),
			ApplyAsync(ctx, p, deadly, 13, onError),
			ApplyAsync(ctx, p, func(context.Context, int) (int, error) { return 0, nil }, 0, onError), // which is not registered
		}
		all := MapAsync(ctx, p, square, []int{1, 2}, WithCallback(func([]int) { way.leave() }))
		panicked := func(err error) bool {
			c := (*CallbackError)(nil)
			return errors.As(err, &c) && c.Value == "on purpose" && strings.Contains(c.Stack, "leave_test.go")
		}
		if v, err := results[0].Get(ctx); v != 4 || panicked(err) != (way.name == "panic") {
			t.Errorf("%s: %d, %v", way.name, v, err)
		}
		if v, err := all.Get(ctx); len(v) != 2 && err == nil || panicked(err) != (way.name == "panic") {
			t.Errorf("%s: %v, %v", way.name, v, err)
		}
		for _, r := range results[1:] {
			if _, err := r.Get(ctx); err == nil || err.Error() == "" || panicked(err) != (way.name == "panic") {
				t.Errorf("%s: %v", way.name, err)
			}
		}
		if err := results[2].Wait(ctx); err != nil || !errors.Is(results[2].err, worker.ErrNotRegistered) {
			t.Errorf("%s: %v, %v", way.name, err, results[2].err)
		}
		p.Close()
		if err := p.Join(ctx); err != nil {
			t.Errorf("%s: Join: %v", way.name, err)
		}
	}
}

// A wayward leaves in one of the ways when it is written here, at 1 and 2, or read here, at 3 and 4.
type wayward int

func (w wayward) MarshalBinary() ([]byte, error) {
	if w == 1 || w == 2 {
		ways[w-1].leave()
	}
	return []byte{byte(w)}, nil
}

func (w *wayward) UnmarshalBinary(b []byte) error {
	if *w = wayward(b[0]); counter == 0 && (*w == 3 || *w == 4) {
		ways[*w-3].leave()
	}
	return nil
}

var wander = worker.Register("test.wander", func(_ context.Context, w wayward) (wayward, error) { return w, nil })

// here has a worker know that it is one.
var here = worker.Register("test.here", func(context.Context, wayward) (int, error) { counter = 1; return 0, nil })

func TestAnArgumentOrResultThatCannotBeCopiedIsAnError(t *testing.T) {
	ctx := t.Context()
	p, err := New(ctx, 1, WithInitializer(here, wayward(0)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Terminate()
	for w := range wayward(5) {
		if v, err := Apply(ctx, p, wander, w); (err == nil) != (w == 0) {
			t.Errorf("%d: %d, %v", w, v, err)
		}
		if v, err := Map(ctx, p, wander, []wayward{0, w, 0}, WithChunkSize(2)); (err == nil) != (w == 0) {
			t.Errorf("%d: %d, %v", w, v, err)
		}
	}
	p.Close()
	if err := p.Join(ctx); err != nil {
		t.Error(err)
	}
}

func TestAnInitializerWhoseArgumentCannotBeCopiedBreaksThePool(t *testing.T) {
	for w := wayward(1); w < 3; w++ {
		p, err := New(t.Context(), 2, WithInitializer(here, w))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Apply(t.Context(), p, square, 1); !errors.Is(err, failure.ErrBroken) {
			t.Error(err)
		}
		if err := p.Join(t.Context()); !errors.Is(err, failure.ErrBroken) {
			t.Error(err)
		}
	}
}
