package remote

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestTheServerCallsTheClient(t *testing.T) {
	c, ctx := pair(t), soon(t)
	execute(t, c, "def twice(f, x): return f(f(x), by=2)\ndef use(o): return o.name() + '!'")
	add := Func(func(_ context.Context, args Tuple, kwargs Kwargs) (any, error) {
		by, _ := kwargs["by"].(int)
		return args[0].(int) + max(1, by), nil
	})
	if got, err := c.Call(ctx, "twice", add, 1); err != nil || got != 4 {
		t.Errorf("a function: %v, %v", got, err)
	}
	name := Methods{"name": func(context.Context, Tuple, Kwargs) (any, error) { return "client", nil }}
	if got, err := c.Call(ctx, "use", name); err != nil || got != "client!" {
		t.Errorf("a method: %v, %v", got, err)
	}
	if err := c.Set(ctx, "kept", add); err != nil {
		t.Fatal(err)
	}
	if got := eval[Func](t, c, "kept"); reflect.ValueOf(got).Pointer() != reflect.ValueOf(add).Pointer() {
		t.Error("what comes back is another function")
	}
	if got := eval[int](t, c, "kept(1)"); got != 2 {
		t.Errorf("a kept function: %d", got)
	}
}

func TestWhatGoesWrongInTheClientIsAnErrorOfTheText(t *testing.T) {
	c := pair(t)
	for name, f := range map[string]any{
		"it failed":           Func(func(context.Context, Tuple, Kwargs) (any, error) { return nil, errors.New("it failed") }),
		"panic: it panicked":  Func(func(context.Context, Tuple, Kwargs) (any, error) { panic("it panicked") }),
		"does not travel":     Func(func(context.Context, Tuple, Kwargs) (any, error) { return struct{}{}, nil }),
		"has no method":       Methods{"f": nil},
		"has no method \"g\"": Methods{},
	} {
		text := "f()"
		if strings.Contains(name, "method") {
			text = "f.g()"
		}
		if err := c.Set(soon(t), "f", f); err != nil {
			t.Fatal(err)
		}
		err := c.Execute(soon(t), "def g():\n  "+text+"\ng()")
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, name) || !strings.Contains(e.Backtrace, "in g") {
			t.Errorf("want %s, got %v", name, err)
		}
	}
}

func TestCallsBackAndForthInsideEachOther(t *testing.T) {
	c, ctx := pair(t), soon(t)
	var down Func
	down = func(ctx context.Context, args Tuple, _ Kwargs) (any, error) {
		n := args[0].(int)
		if n == 0 {
			return "bottom", nil
		}
		return c.Call(ctx, "down", down, n-1)
	}
	execute(t, c, "seen = []\ndef down(f, n):\n  seen.append(n)\n  return f(n)")
	if got, err := c.Call(ctx, "down", down, 50); err != nil || got != "bottom" {
		t.Errorf("got %v, %v", got, err)
	}
	if n := eval[int](t, c, "len(seen)"); n != 51 {
		t.Errorf("%d calls", n)
	}
	if _, err := c.Call(ctx, "down", down, 1<<20); !errors.Is(err, ErrTooMany) {
		t.Errorf("without an end: %v", err)
	}
	if got := eval[int](t, c, "1"); got != 1 {
		t.Error("the connection is of no use afterwards")
	}
}

func TestATextKeepsWhatAnotherHasChangedWhileItWaited(t *testing.T) {
	c, ctx := pair(t), soon(t)
	execute(t, c, "x, y = 1, (1,)")
	change := Func(func(ctx context.Context, _ Tuple, _ Kwargs) (any, error) {
		return nil, c.Execute(ctx, "x, y = 2, (2,)")
	})
	if err := c.Set(ctx, "change", change); err != nil {
		t.Fatal(err)
	}
	execute(t, c, "z = x\nchange()\nw = y")
	if got := eval[string](t, c, "str((x, y, z, w))"); got != "(2, (2,), 1, (1,))" {
		t.Error(got)
	}
}

func TestResultsComeLater(t *testing.T) {
	names, called, open := gate()
	c, ctx := pair(t, WithNames(names)), soon(t)
	r := Async(ctx, eval[*Ref](t, c, "gate"))
	<-called
	if r.Ready() {
		t.Error("ready before it has returned")
	}
	short, cancel := context.WithTimeout(ctx, 1)
	defer cancel()
	if err := r.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait: %v", err)
	}
	if _, err := r.Value(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("value: %v", err)
	}
	close(open)
	if v, err := r.Value(ctx); v != nil || err != nil || !r.Ready() {
		t.Errorf("got %v, %v", v, err)
	}
	r = Async(ctx, eval[*Ref](t, c, "len"), 1)
	<-r.Done()
	var e *Error
	if _, err := r.Value(short); !errors.As(err, &e) || !strings.Contains(e.Message, "has no len") {
		t.Errorf("an error that is there: %v", err)
	}
	if _, err := Async(ctx, eval[*Ref](t, c, "len"), struct{}{}).Value(ctx); !errors.Is(err, ErrNoTravel) {
		t.Errorf("what does not travel: %v", err)
	}
}

func TestTheEndOfTheContextEndsTheCallAtTheServer(t *testing.T) {
	c := pair(t)
	execute(t, c, "def forever(f):\n  f()\n  while True: pass")
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	runs := Func(func(context.Context, Tuple, Kwargs) (any, error) { cancel(enough); return nil, nil })
	for _, wait := range []func() error{
		func() error { _, err := c.Call(ctx, "forever", runs); return err },
		func() error {
			ctx, cancel = context.WithCancelCause(t.Context())
			_, err := Async(ctx, eval[*Ref](t, c, "forever"), runs).Value(soon(t))
			return err
		},
	} {
		if err := wait(); !errors.Is(err, enough) {
			t.Errorf("want the cause, got %v", err)
		}
		if got := eval[int](t, c, "1"); got != 1 { // it waits for the interpreter
			t.Errorf("got %d", got)
		}
	}
}

func TestACallbackEndsWithTheTextThatWaitsForIt(t *testing.T) {
	c := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	f := Func(func(ctx context.Context, _ Tuple, _ Kwargs) (any, error) {
		cancel()
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil, nil
	})
	if err := c.Set(soon(t), "f", f); err != nil {
		t.Fatal(err)
	}
	if err := c.Execute(ctx, "f()"); !errors.Is(err, context.Canceled) {
		t.Errorf("the text: %v", err)
	}
	if err := <-ended; !errors.Is(err, ErrCancelled) {
		t.Errorf("the function: %v", err)
	}
}
