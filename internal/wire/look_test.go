package wire

import (
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"testing"
)

// A node is a doubly linked list, and a tree.
type node struct {
	N          int
	Prev, Next *node
	Children   []node
	Any        any
}

type (
	itself   []itself
	mapped   map[string]mapped
	pointer  *pointer
	anything []any
)

var registerNodes = sync.OnceFunc(func() {
	gob.Register(&node{})
	gob.Register(anything{})
	gob.Register(map[string]any{})
	gob.Register(itself{})
})

// refused checks that a value cannot be written, alone and in what it may be part of.
func refused[T any](t *testing.T, want error, v T) {
	t.Helper()
	type holder struct{ V T }
	type deep struct{ M map[string][1][]*holder }
	_, alone := Append(nil, &v)
	_, inside := Append(nil, &deep{M: map[string][1][]*holder{"a": {{{v}}}}})
	_, items := AppendSlice(nil, []T{v})
	for _, err := range []error{alone, inside, items} {
		if !errors.Is(err, want) {
			t.Errorf("%T: %v; want %v", v, err, want)
		}
	}
}

func TestAValueThatContainsItselfIsRefused(t *testing.T) {
	registerNodes()
	ring := &node{}
	ring.Next = ring
	refused(t, ErrCycle, ring)
	refused(t, ErrCycle, *ring)

	first, second := &node{N: 1}, &node{N: 2}
	first.Next, second.Prev = second, first
	refused(t, ErrCycle, first)
	refused(t, ErrCycle, []*node{{}, first})
	refused(t, ErrCycle, map[int]*node{1: first})
	refused[any](t, ErrCycle, first)

	tree := &node{Children: make([]node, 2)}
	tree.Children[1].Children = tree.Children
	refused(t, ErrCycle, tree)
	tree = &node{}
	tree.Any = tree
	refused(t, ErrCycle, *tree)

	s := itself{nil, nil}
	s[1] = s
	refused(t, ErrCycle, s)
	refused[any](t, ErrCycle, s)
	m := mapped{}
	m["a"] = m
	refused(t, ErrCycle, m)
	a := anything{1, nil}
	a[1] = a
	refused(t, ErrCycle, a)
	all := map[string]any{}
	all["all"] = anything{all}
	refused(t, ErrCycle, all)
	refused[any](t, ErrCycle, all)
	same(t, node{N: 3, Next: &node{N: 4}}) // the next value is whole
}

func TestPartsThatAreSharedAreNoCycle(t *testing.T) {
	registerNodes()
	shared := &node{N: 1}
	same(t, node{Prev: shared, Next: shared, Any: shared})
	s := itself{{}, nil}
	same(t, itself{{nil}, {nil}})
	if _, err := Append(nil, &itself{s, s, s[:1]}); err != nil {
		t.Error(err)
	}
	m := mapped{"a": {}}
	same(t, mapped{"a": m, "b": m})
	same(t, map[string]any{"a": anything{1, map[string]any{}}, "b": nil})
}

func TestDepthHasABound(t *testing.T) {
	list := func(n int) (l *node) {
		for range n {
			l = &node{N: 1, Next: l}
		}
		return l
	}
	if got, want := there(t, list(maxDepth)), list(maxDepth); !reflect.DeepEqual(got, want) {
		t.Error("a deep list came as another")
	}
	refused(t, ErrTooDeep, list(maxDepth+1))
	var deep itself
	for range 1_000_000 {
		deep = itself{deep}
	}
	refused(t, ErrTooDeep, deep)
}

// A value of 60 nodes can be 2⁶⁰ when it is written.
func TestTooManyPartsAreRefused(t *testing.T) {
	n := &node{N: 1}
	for range 60 {
		n = &node{Prev: n, Next: n}
	}
	w := walk{parts: maxParts - 1000}
	if err := w.value(shapeOf(reflect.TypeFor[*node]()), reflect.ValueOf(n), false); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

type options struct {
	Limit *int
	Name  *string
	Ratio *float64
	Tags  *[]string
	Any   *any
	Deep  **int
	Empty *struct{}
	Point *day
	Three *[3]int
	Own   *opaque
	Map   *map[string]int
}

func TestPointersToZeroValuesArriveOrAreRefused(t *testing.T) {
	registerOnce()
	// What stands alone, in a slice or in a map arrives.
	kept(t, 0)
	kept(t, "")
	kept(t, false)
	kept(t, 0.0)
	kept(t, 0i)
	kept(t, struct{}{})
	kept(t, day{})
	kept(t, point{})
	kept(t, [3]int{})
	kept(t, map[string]int{})
	kept(t, opaque(0))
	kept(t, any(nil))
	kept(t, options{})
	same(t, map[string]*int{"a": new(int)})
	same(t, [2]*int{new(int), new(int)})
	// In a field of a struct this much arrives.
	same(t, options{Empty: new(struct{}), Point: new(day), Three: new([3]int), Own: new(opaque), Map: &map[string]int{}})
	one, name, ratio, nilInt := 1, "name", 1.5, (*int)(nil)
	pOne := &one
	same(t, options{Limit: &one, Name: &name, Ratio: &ratio, Tags: &[]string{"tag"}, Deep: &pOne})
	// The rest would arrive as nil.
	negative := math.Copysign(0, -1)
	var zero int
	pZero, empty, none := &zero, []string{}, any(nil)
	for _, v := range []options{
		{Limit: &zero}, {Name: new(string)}, {Ratio: new(float64)}, {Ratio: &negative}, {Tags: new([]string)}, {Tags: &empty},
		{Any: &none}, {Deep: &nilInt}, {Deep: &pZero}, {Map: new(map[string]int)},
	} {
		refused(t, ErrLostPointer, v)
		refused(t, ErrLostPointer, &v)
	}
	refused(t, ErrLostPointer, &nilInt)
	_, err := Append(nil, &[]options{{Name: new(string)}})
	if want := "wire.options.Name: " + ErrLostPointer.Error(); fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// kept sends a pointer to v, alone and beside nil ones.
func kept[T any](t *testing.T, v T) {
	t.Helper()
	same(t, &v)
	same[*T](t, nil)
	same(t, []*T{&v, &v})
	b, err := AppendSlice(nil, []*T{nil, &v})
	var got []*T
	if err == nil {
		err = ReadSlice(b, &got)
	}
	if err != nil || !reflect.DeepEqual(got, []*T{nil, &v}) {
		t.Errorf("%T: %v, %v", v, got, err)
	}
}

// A type whose values can neither contain themselves nor lose a pointer costs nothing.
func TestOnlyTypesThatNeedItAreLookedAt(t *testing.T) {
	for _, c := range []struct {
		risky bool
		types []reflect.Type
	}{
		{false, []reflect.Type{
			reflect.TypeFor[map[string][]float64](), reflect.TypeFor[*int](), reflect.TypeFor[[]*string](), reflect.TypeFor[*day](),
			reflect.TypeFor[struct{ D *day }](), reflect.TypeFor[struct{ o *opaque }](), reflect.TypeFor[*opaque](), reflect.TypeFor[struct{ n *node }](),
			reflect.TypeFor[struct{ F *func() }](), reflect.TypeFor[struct{ C chan any }](), reflect.TypeFor[map[string]*[]int](),
		}},
		{true, []reflect.Type{
			reflect.TypeFor[any](), reflect.TypeFor[node](), reflect.TypeFor[*node](), reflect.TypeFor[itself](), reflect.TypeFor[mapped](), reflect.TypeFor[pointer](),
			reflect.TypeFor[error](), reflect.TypeFor[struct{ P *int }](), reflect.TypeFor[**int](), reflect.TypeFor[[1]map[string]struct{ P *string }](),
			reflect.TypeFor[map[any]int](), reflect.TypeFor[struct{ M *map[string]int }](),
		}},
	} {
		for _, typ := range c.types {
			if got := shapeOf(typ).risky; got != c.risky {
				t.Errorf("%v: risky is %t", typ, got)
			}
		}
	}
}
