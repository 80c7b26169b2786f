package remote

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestPrintAppearsAtTheServerAndThenAtTheClient(t *testing.T) {
	there, here := new(sink), new(sink)
	s := listen(t, WithOutput(there))
	c := dial(t, s)
	execute(t, c, "print('hi python cookbook')")
	if got := there.take(); got != "hi python cookbook\n" {
		t.Errorf("at the server: %q", got)
	}
	if err := c.Redirect(soon(t), here); err != nil {
		t.Fatal(err)
	}
	execute(t, c, "print('hi here', 1, [2], sep='|', end='!')")
	if got := here.take(); got != "hi here|1|[2]!" {
		t.Errorf("at the client: %q", got)
	}
	execute(t, dial(t, s), "print('other')")
	if got := there.take(); got != "other\n" {
		t.Errorf("another connection is redirected, too: %q", got)
	}
	execute(t, c, "load('sys', 'sys')\nsys.stdout.write('by name')")
	if got := here.take(); got != "by name" {
		t.Errorf("sys.stdout.write: %q", got)
	}
	if err := c.Execute(soon(t), "sys.stdout = 1"); err == nil || !strings.Contains(err.Error(), "want something with a method write") {
		t.Errorf("a number as the output: %v", err)
	}
}

func TestGlobalNamesStayFromTextToText(t *testing.T) {
	c := pair(t)
	execute(t, c, "x = 1\nlater = []\ndef f(y):\n  return x + y")
	execute(t, c, "x = 10\nlater.append(f(1))\nfor i in range(2):\n  later.append(i)\nload('math', 'sqrt')")
	if got := eval[string](t, c, "str((x, later, f(1), sqrt(9)))"); got != "(10, [2, 0, 1], 2, 3.0)" {
		t.Error(got)
	}
	if err := c.Execute(soon(t), "x = 11\ny = 1 // 0"); err == nil {
		t.Error("no error")
	}
	if got := eval[int](t, c, "x"); got != 11 {
		t.Errorf("what came before the error is lost: %d", got)
	}
}

func TestConnectionsShareNoNames(t *testing.T) {
	s := listen(t)
	a, b := dial(t, s), dial(t, s)
	execute(t, a, "x = 1")
	if _, err := b.Eval(soon(t), "x"); err == nil || !strings.Contains(err.Error(), "undefined: x") {
		t.Errorf("want undefined, got %v", err)
	}
}

func TestWhatIsImmutableTravelsByValue(t *testing.T) {
	c := pair(t)
	if err := c.Execute(soon(t), "def same(x): return x"); err != nil {
		t.Fatal(err)
	}
	huge, _ := new(big.Int).SetString(strings.Repeat("9", 100), 10)
	edge := new(big.Int).SetUint64(math.MaxUint64)
	for _, v := range []any{nil, true, false, 0, -1, math.MaxInt, math.MinInt, 1.5, math.Inf(-1), "", "grüße\x00", []byte{}, []byte{0, 255},
		huge, new(big.Int).Neg(huge), edge, Tuple{}, Tuple{1, Tuple{"x", nil}, 2.5}} {
		got, err := c.Call(soon(t), "same", v)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%#v came back as %#v, %v", v, got, err)
		}
	}
	for _, v := range []any{int8(-3), uint16(7), uint64(7), big.NewInt(7), float32(0.5)} {
		got, err := c.Call(soon(t), "same", v)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(v) {
			t.Errorf("%T %v came back as %T %v, %v", v, v, got, got, err)
		}
	}
	for _, v := range []any{[]any{1}, map[string]int{}, struct{}{}, make(chan int), []string{"x"}, (*big.Int)(nil), (*Ref)(nil)} {
		if got, err := c.Call(soon(t), "same", v); err == nil || !errors.Is(err, ErrNoTravel) && !errors.Is(err, ErrReleased) {
			t.Errorf("%T: got %v, %v", v, got, err)
		}
	}
}

func TestWhatIsMutableTravelsByReference(t *testing.T) {
	c, ctx := pair(t), soon(t)
	execute(t, c, "l = [1, 2]\nd = {'a': 1}\ndef add(to, v): to.append(v)\ndef is_l(x):\n  l.append(9)\n  return x[-1] == l.pop() and len(x) == len(l)")
	list := eval[*Ref](t, c, "l")
	if list.Kind() != "list" || !strings.Contains(list.String(), "list") {
		t.Errorf("a list is a %s, %s", list.Kind(), list)
	}
	if _, err := list.Method(ctx, "append", 3); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(ctx, "add", list, 4); err != nil {
		t.Fatal(err)
	}
	if err := list.SetIndex(ctx, -1, "four"); err != nil {
		t.Fatal(err)
	}
	if is, err := As[bool](c.Call(ctx, "is_l", list)); err != nil || !is {
		t.Errorf("what comes back is another list: %v", err)
	}
	item, err1 := list.Index(ctx, 1)
	n, err2 := list.Len(ctx)
	text, err3 := list.Text(ctx)
	names, err4 := list.Dir(ctx)
	if err := errors.Join(err1, err2, err3, err4); err != nil || item != 2 || n != 4 || text != `[1, 2, 3, "four"]` || !slices.Contains(names, "append") {
		t.Errorf("item %v, length %d, text %s, names %v, %v", item, n, text, names, err)
	}
	dict := eval[*Ref](t, c, "d")
	if err := dict.SetIndex(ctx, "b", list); err != nil {
		t.Fatal(err)
	}
	if got := eval[bool](t, c, "d['b'] == l"); !got {
		t.Error("the item of the dict is not the list")
	}
	for doing, err := range map[string]error{
		"index":     func() error { _, err := list.Index(ctx, 4); return err }(),
		"key":       func() error { _, err := dict.Index(ctx, "c"); return err }(),
		"attribute": func() error { _, err := dict.Attr(ctx, "c"); return err }(),
		"set":       dict.SetAttr(ctx, "c", 1),
		"call":      func() error { _, err := dict.Call(ctx); return err }(),
	} {
		if e := (*Error)(nil); !errors.As(err, &e) {
			t.Errorf("%s: %v", doing, err)
		}
	}
}

func TestKeywordArgumentsTravel(t *testing.T) {
	c := pair(t)
	execute(t, c, "def f(a, b=2, **more): return (a, b, sorted(more.items()))")
	f := eval[*Ref](t, c, "f")
	got, err := As[Tuple](f.Call(soon(t), 1, Kwargs{"b": 3, "c": "x"}))
	if err != nil || got[0] != 1 || got[1] != 3 {
		t.Error(got, err)
	}
	if text, err := got[2].(*Ref).Text(soon(t)); err != nil || text != `[("c", "x")]` {
		t.Error(text, err)
	}
}

func TestCopiesAreMadeBothWays(t *testing.T) {
	c, ctx := pair(t), soon(t)
	sent := map[string]any{"list": []int{1, 2}, "empty": []any{}, "map": map[int]string{1: "x"}, "tuple": Tuple{"y", nil}, "bytes": []byte("z")}
	want := map[any]any{"list": []any{1, 2}, "empty": []any{}, "map": map[any]any{1: "x"}, "tuple": Tuple{"y", nil}, "bytes": []byte("z")}
	there, err := c.Deliver(ctx, sent)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := there.Obtain(ctx); err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("got %v, %v", back, err)
	}
	if got, err := eval[*Ref](t, c, "set([1])").Obtain(ctx); err != nil || !reflect.DeepEqual(got, []any{1}) {
		t.Errorf("a set: %v, %v", got, err)
	}
	execute(t, c, "l = []\nl.append(l)")
	if _, err := eval[*Ref](t, c, "l").Obtain(ctx); !errors.Is(err, ErrTooDeep) {
		t.Errorf("a list in itself: %v", err)
	}
	inside := []any{0}
	inside[0] = inside
	if _, err := c.Deliver(ctx, inside); !errors.Is(err, ErrTooDeep) {
		t.Errorf("a slice in itself: %v", err)
	}
	for _, text := range []string{"[len]", "{(1, 2): 3}"} {
		if _, err := eval[*Ref](t, c, text).Obtain(ctx); !errors.Is(err, ErrNoTravel) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
