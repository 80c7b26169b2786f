package remote

import (
	"fmt"
	"math/big"

	"go.starlark.net/starlark"
)

// in makes a value that came from the client one of the interpreter.
func (x *session) in(v any) (starlark.Value, error) {
	switch v := v.(type) {
	case nil:
		return starlark.None, nil
	case bool:
		return starlark.Bool(v), nil
	case int:
		return starlark.MakeInt(v), nil
	case *big.Int:
		return starlark.MakeBigInt(v), nil
	case float64:
		return starlark.Float(v), nil
	case string:
		return starlark.String(v), nil
	case []byte:
		return starlark.Bytes(v), nil
	case Tuple:
		items, err := x.inAll(v)
		return starlark.Tuple(items), err
	case []any:
		items, err := x.inAll(v)
		return starlark.NewList(items), err
	case dict:
		items, err := x.inAll(v)
		d := starlark.NewDict(len(v) / 2)
		for i := 0; err == nil && i < len(items); i += 2 {
			err = d.SetKey(items[i], items[i+1])
		}
		return d, err
	case mine:
		p := &proxy{session: x, handle: newHandle(x.peer, v.id), kind: v.kind}
		return p, nil
	case yours:
		object, err := x.peer.objects.get(uint64(v))
		if err != nil {
			return nil, err
		}
		return object.(starlark.Value), nil
	}
	return nil, ErrNonsense
}

func (x *session) inAll(from []any) ([]starlark.Value, error) {
	items := make([]starlark.Value, len(from))
	for i, v := range from {
		var err error
		if items[i], err = x.in(v); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// A budget is how many bytes a value may still have on its way out. What is met twice counts twice: a list that holds one list
// twice, which does the same, and so on, has no end.
type budget int

// itemSize is what an item counts, beside its text. It may take fewer bytes, but it also takes time.
const itemSize = 4

func (b *budget) spend(n int) error {
	if *b -= budget(n); *b < 0 {
		return ErrTooLarge
	}
	return nil
}

// sending is what is known of one value on its way out.
type sending struct {
	left budget
	held []uint64 // the objects that are held for the client from now on
}

// out makes a value of the interpreter one that travels. What is immutable travels by value, what is not stays here and is held
// for the client.
func (x *session) out(v starlark.Value) (any, error) {
	s := &sending{left: MaxMessage}
	w, err := x.outAt(v, 0, s)
	if err != nil {
		x.peer.objects.drop(s.held...)
	}
	return w, err
}

func (x *session) outAt(v starlark.Value, depth int, s *sending) (any, error) {
	if w, ok, err := plainOut(v, depth, &s.left); ok || err != nil {
		return w, err
	}
	switch v := v.(type) {
	case starlark.Tuple:
		items := Tuple{}
		for _, item := range v {
			w, err := x.outAt(item, depth+1, s)
			if err != nil {
				return nil, err
			}
			items = append(items, w)
		}
		return items, nil
	case *proxy:
		if v.session == x {
			return yours(v.handle.id), nil
		}
	}
	m, err := x.peer.objects.add(v, v.Type())
	if err == nil {
		s.held = append(s.held, m.id)
	}
	return m, err
}

// plainOut makes a value without parts one that travels.
func plainOut(v starlark.Value, depth int, left *budget) (w any, ok bool, err error) {
	if depth > MaxDepth {
		return nil, false, ErrTooDeep
	}
	size := itemSize
	switch v := v.(type) {
	case starlark.NoneType:
		ok = true
	case starlark.Bool:
		w, ok = bool(v), true
	case starlark.Int:
		ok = true
		if n, small := v.Int64(); small && int64(int(n)) == n {
			w = int(n)
		} else {
			w = v.BigInt()
		}
	case starlark.Float:
		w, ok = float64(v), true
	case starlark.String:
		w, ok, size = string(v), true, itemSize+len(v)
	case starlark.Bytes:
		if size += len(v); size <= MaxMessage {
			w, ok = []byte(v), true
		}
	}
	return w, ok, left.spend(size)
}

// copyOut makes a copy of a value, with all that it holds, that travels.
func copyOut(v starlark.Value, depth int, left *budget) (any, error) {
	if w, ok, err := plainOut(v, depth, left); ok || err != nil {
		return w, err
	}
	switch v := v.(type) {
	case starlark.Tuple:
		items, err := copyItems(v, depth, left)
		return Tuple(items), err
	case *starlark.List, *starlark.Set:
		return copyItems(v.(starlark.Iterable), depth, left)
	case *starlark.Dict:
		items := dict{}
		for key, item := range v.Entries() {
			k, err := copyOut(key, depth+1, left)
			if err != nil {
				return nil, err
			}
			w, err := copyOut(item, depth+1, left)
			if err != nil {
				return nil, err
			}
			items = append(items, k, w)
		}
		return items, nil
	}
	return nil, fmt.Errorf("a copy of %s %w", v.Type(), ErrNoTravel)
}

func copyItems(from starlark.Iterable, depth int, left *budget) ([]any, error) {
	items := []any{}
	for v := range starlark.Elements(from) {
		w, err := copyOut(v, depth+1, left)
		if err != nil {
			return nil, err
		}
		items = append(items, w)
	}
	return items, nil
}
