package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.starlark.net/starlark"
)

func TestARunawayLoopIsEndedByItsLimit(t *testing.T) {
	for name, of := range map[string]struct {
		limits Limits
		text   string
		want   error
	}{
		"steps":     {Limits{Steps: 10_000}, "while True: pass", ErrSteps},
		"time":      {Limits{Time: 10 * time.Millisecond}, "while True: pass", ErrTime},
		"recursion": {Limits{}, "def f(): f()\nf()", ErrRecursion},
		"depth":     {Limits{Calls: 10}, "def f(n): return n and f(n - 1)\nf(1000)", ErrRecursion},
		"memory":    {Limits{Memory: liveHeap() + 64<<20}, "l = [0] * 1000\nwhile True: l += l[:1000]", ErrMemory},
		"doubling":  {Limits{Memory: liveHeap() + 64<<20}, "s = 'x' * 1000\nfor i in range(30):\n  s += s\n  for j in range(20000): pass", ErrMemory},
	} {
		t.Run(name, func(t *testing.T) {
			c := pair(t, WithLimits(of.limits))
			for range 2 { // neither the steps nor the end go over to the next text
				if err := c.Execute(soon(t), of.text); !errors.Is(err, of.want) {
					t.Fatalf("want %v, got %v", of.want, err)
				}
				if of.want != ErrMemory { // which is still taken, by the names of this connection
					execute(t, c, "for i in range(100): pass")
				}
			}
		})
	}
}

func TestTheStepsAreTheSameInEveryRun(t *testing.T) {
	c := pair(t, WithLimits(Limits{Steps: 12_345}))
	var first int
	for i := range 5 {
		execute(t, c, "n = [0]")
		err := c.Execute(soon(t), "while True: n[0] += 1")
		if !errors.Is(err, ErrSteps) || !strings.Contains(err.Error(), "too many steps: the limit is 12345") {
			t.Fatal(err)
		}
		n := eval[int](t, c, "n[0]")
		if i == 0 {
			first = n
		} else if n != first {
			t.Errorf("%d turns of the loop, then %d", first, n)
		}
	}
}

func TestTheLimitAlsoEndsAWaitForTheClient(t *testing.T) {
	c, ctx := pair(t, WithLimits(Limits{Time: 10 * time.Millisecond})), soon(t)
	waits := Methods{"write": func(ctx context.Context, _ Tuple, _ Kwargs) (any, error) { <-ctx.Done(); return nil, nil }}
	for {
		err := c.Set(ctx, "waits", waits)
		if err == nil {
			break
		}
		if !errors.Is(err, ErrTime) { // a busy machine
			t.Fatal(err)
		}
	}
	if err := c.Execute(ctx, "waits.write('x')"); !errors.Is(err, ErrTime) {
		t.Error(err)
	}
}

func TestAValueThatIsTooLargeIsAnErrorAndNotSent(t *testing.T) {
	c, ctx := pair(t), soon(t)
	for _, text := range []string{"'x' * (5 << 20)", "b'x' * (5 << 20)", "(0,) * (5 << 20)", "('x' * (3 << 20), 'x' * (3 << 20))",
		"(len,) * (1 << 19)"} {
		if _, err := c.Eval(ctx, text); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", text, err)
		}
	}
	execute(t, c, "t = ()\nfor i in range(200): t = (t,)")
	if _, err := c.Eval(ctx, "t"); !errors.Is(err, ErrTooDeep) {
		t.Errorf("a deep tuple: %v", err)
	}
	execute(t, c, "l = []\nfor i in range(200): l = [l]")
	if _, err := eval[*Ref](t, c, "l").Text(ctx); !errors.Is(err, ErrTooDeep) {
		t.Errorf("the text of a deep list: %v", err)
	}
	if _, err := eval[*Ref](t, c, "[0] * (5 << 20)").Obtain(ctx); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a copy: %v", err)
	}
	execute(t, c, "twice, pair = [], ()\nfor i in range(90):\n  twice, pair = [twice, twice], (pair, pair)")
	twice := eval[*Ref](t, c, "twice")
	_, err1 := twice.Text(ctx)
	_, err2 := twice.Obtain(ctx)
	_, err3 := c.Eval(ctx, "pair")
	for i, err := range []error{err1, err2, err3, c.Execute(ctx, "print(twice)")} {
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d: a list or tuple with itself twice, 90 times: %v", i, err)
		}
	}
	if err := c.Execute(ctx, strings.Repeat("#", 5<<20)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a text: %v", err)
	}
	if err := c.Execute(ctx, "load('json', 'decode')\ndecode('[' * (1 << 20))"); !errors.Is(err, ErrTooDeep) {
		t.Errorf("brackets in brackets: %v", err)
	}
	if got := eval[int](t, c, "len('x' * (5 << 20))"); got != 5<<20 {
		t.Errorf("there it may be: %d", got)
	}
}

func TestErrorsSayWhereAndByWhichCalls(t *testing.T) {
	c := pair(t)
	execute(t, c, "def inner(x):\n  return 1 // x\ndef outer(x):\n  return inner(x)")
	for text, want := range map[string]Error{
		"outer(0)":       {Message: "floored division by zero", Position: "text 1:2:12", Backtrace: "text 2:1:6: in <toplevel>\ntext 1:4:15: in outer\ntext 1:2:12: in inner"},
		"x = [1][2]":     {Message: "list index 2 out of range [-1:0]", Position: "text 3:1:8", Backtrace: "text 3:1:8: in <toplevel>"},
		"1 +":            {Message: "got end of file, want primary expression", Position: "text 4:1:4"},
		"import os":      {Message: "got import, want primary expression", Position: "text 5:1:1"},
		"nobody()":       {Message: "undefined: nobody", Position: "text 6:1:1"},
		"fail('it', 1)":  {Message: "fail: it 1", Position: "text 7:1:5", Backtrace: "text 7:1:5: in <toplevel>\n<builtin>: in fail"},
		"\n\nint('abc')": {Message: "int: invalid literal with base 10: abc", Position: "text 8:3:4", Backtrace: "text 8:3:4: in <toplevel>\n<builtin>: in int"},
	} {
		err := c.Execute(soon(t), text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		// The number of the text depends on the order, which for a map is another one in every run.
		number := func(s string) string {
			for n := 2; n < 9; n++ {
				s = strings.ReplaceAll(s, fmt.Sprintf("text %d:", n), "text N:")
			}
			return s
		}
		if number(e.Message) != want.Message || number(e.Position) != number(want.Position) || number(e.Backtrace) != number(want.Backtrace) {
			t.Errorf("%s:\ngot  %q\nwant %q", text, e, want)
		}
	}
}

func TestTheBackTraceOfARunawayRecursionIsCut(t *testing.T) {
	c := pair(t)
	err := c.Execute(soon(t), "def f(): f()\nf()")
	var e *Error
	if !errors.As(err, &e) || strings.Count(e.Backtrace, "\n") != callsShown || !strings.Contains(e.Backtrace, " more calls …\n") {
		t.Errorf("%v\n%s", err, e.Backtrace)
	}
}

func TestOnlyWhatIsOfferedCanBeLoaded(t *testing.T) {
	c, ctx := pair(t, WithModule("shop", starlark.StringDict{"price": starlark.MakeInt(37)})), soon(t)
	err := c.Execute(ctx, "load('os', 'remove')")
	if !errors.Is(err, ErrNoModule) || !strings.Contains(err.Error(), "no such module: os; this server offers json, math, shop, sys") {
		t.Errorf("load: %v", err)
	}
	if _, err := c.Module(ctx, "../math"); !errors.Is(err, ErrNoModule) {
		t.Errorf("module: %v", err)
	}
	execute(t, c, "load('math.star', 'floor')\nload('shop', 'shop', 'price')\nx = floor(shop.price / 2) + price")
	if got := eval[int](t, c, "x"); got != 18+37 {
		t.Error(got)
	}
	math, err := c.Module(ctx, "math")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := math.Method(ctx, "sqrt", 2.25); v != 1.5 || err != nil {
		t.Errorf("sqrt: %v, %v", v, err)
	}
	if err := math.SetAttr(ctx, "pi", 3); err == nil {
		t.Error("pi is 3")
	}
	if err := c.Execute(ctx, "open('/etc/passwd')"); err == nil || !strings.Contains(err.Error(), "undefined: open") {
		t.Errorf("open: %v", err)
	}
}
