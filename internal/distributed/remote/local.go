package remote

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math/big"
	"reflect"
	"slices"
)

// A Func is a function of the client that text at the server can call: pass it as an argument. It is called in a goroutine of its
// own. ctx ends when the server does not wait for it any more. It may use the connection, but not close it. Its result travels as
// an argument does, and its error, or a panic, is an error of the text.
type Func func(ctx context.Context, args Tuple, kwargs Kwargs) (any, error)

// Methods are an object of the client that has methods: pass it as an argument.
type Methods map[string]Func

// An io.Writer travels as an object with the one method write.
func writer(w io.Writer) Methods {
	return Methods{"write": func(_ context.Context, args Tuple, _ Kwargs) (any, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("write: want 1 argument, got %d", len(args))
		}
		switch text := args[0].(type) {
		case string:
			return io.WriteString(w, text)
		case []byte:
			return w.Write(text)
		}
		return nil, fmt.Errorf("write: want a string, got %T", args[0])
	}}
}

// handle does what text at the server asks for.
func (c *Conn) handle(ctx context.Context, op byte, operands []any) (any, error) {
	want := map[byte]int{opCall: 3, opMethod: 4}[op]
	if want == 0 || len(operands) != want {
		return nil, ErrNonsense
	}
	target, err := c.in(operands[0])
	if err != nil {
		return nil, err
	}
	f, name := Func(nil), ""
	switch target := target.(type) {
	case Func:
		if f = target; op == opMethod {
			return nil, fmt.Errorf("a function of the client has no methods")
		}
	case Methods:
		if op == opMethod {
			name, _ = operands[1].(string)
			f = target[name]
		}
		if f == nil {
			return nil, fmt.Errorf("this object of the client has no method %q; it has %q", name, slices.Sorted(maps.Keys(target)))
		}
	default:
		return nil, ErrNonsense
	}
	args, kwargs, err := c.inArguments(operands[want-2], operands[want-1])
	if err != nil {
		return nil, err
	}
	v, err := f(ctx, args, kwargs)
	if err != nil {
		return nil, err
	}
	sent, _, err := c.outAll([]any{v})
	if err != nil {
		return nil, err
	}
	return sent[0], nil
}

func (c *Conn) inArguments(positional, named any) (Tuple, Kwargs, error) {
	v, err := c.in(Tuple{positional, named})
	if err != nil {
		return nil, nil, err
	}
	both := v.(Tuple)
	args, ok1 := both[0].(Tuple)
	pairs, ok2 := both[1].(Tuple)
	kwargs := Kwargs{}
	for _, v := range pairs {
		pair, ok := v.(Tuple)
		if !ok || len(pair) != 2 {
			return nil, nil, ErrNonsense
		}
		name, _ := pair[0].(string)
		kwargs[name] = pair[1]
	}
	if !ok1 || !ok2 {
		return nil, nil, ErrNonsense
	}
	return args, kwargs, nil
}

// in makes a value that came from the server one for the client.
func (c *Conn) in(v any) (any, error) {
	switch v := v.(type) {
	case mine:
		return &Ref{c, newHandle(c.peer, v.id), v.kind}, nil
	case yours:
		return c.peer.objects.get(uint64(v))
	case Tuple:
		return c.inItems(v)
	case dict:
		m := make(map[any]any, len(v)/2)
		for i := 0; i < len(v); i += 2 {
			key, err1 := c.in(v[i])
			item, err2 := c.in(v[i+1])
			if err1 != nil || err2 != nil {
				return nil, ErrNonsense
			}
			if key != nil && !reflect.TypeOf(key).Comparable() || reflect.TypeOf(key) == reflect.TypeFor[*big.Int]() {
				return nil, fmt.Errorf("a dict with the key %v has no copy: a %T cannot be the key of a map: it %w", key, key, ErrNoTravel)
			}
			m[key] = item
		}
		return m, nil
	case []any:
		items, err := c.inItems(v)
		return []any(items), err
	}
	return v, nil
}

func (c *Conn) inItems(v []any) (Tuple, error) {
	items := make(Tuple, len(v))
	for i, item := range v {
		var err error
		if items[i], err = c.in(item); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// outAll makes values of the client ones that travel. held are the objects that it holds for the server from now on.
func (c *Conn) outAll(values []any) (sent []any, held []uint64, err error) {
	sent = make([]any, len(values))
	for i, v := range values {
		if sent[i], err = c.out(v, 0, &held); err != nil {
			c.peer.objects.drop(held...)
			return nil, nil, err
		}
	}
	return sent, held, nil
}

func (c *Conn) out(v any, depth int, held *[]uint64) (any, error) {
	var object any
	kind := "object"
	switch v := v.(type) {
	case Tuple:
		if depth > MaxDepth {
			return nil, ErrTooDeep
		}
		items := make(Tuple, len(v))
		for i, item := range v {
			var err error
			if items[i], err = c.out(item, depth+1, held); err != nil {
				return nil, err
			}
		}
		return items, nil
	case *Ref:
		if v == nil || v.conn != c {
			return nil, ErrReleased
		}
		return yours(v.handle.id), nil
	case Func:
		object, kind = v, "function"
	case func(ctx context.Context, args Tuple, kwargs Kwargs) (any, error):
		object, kind = Func(v), "function"
	case Methods:
		object = v
	case io.Writer:
		object, kind = writer(v), "file"
	case []any, dict, mine, yours:
		return nil, fmt.Errorf("a %T %w", v, ErrNoTravel)
	default:
		return v, nil
	}
	m, err := c.peer.objects.add(object, kind)
	if err == nil {
		*held = append(*held, m.id)
	}
	return m, err
}

// copyOf makes a copy of a value, with the slices and maps in it, that travels.
func (c *Conn) copyOf(v any, depth int, held *[]uint64) (any, error) {
	if depth > MaxDepth {
		return nil, ErrTooDeep
	}
	switch v.(type) {
	case []byte, Methods, io.Writer:
		return c.out(v, depth, held)
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Slice, reflect.Array:
		items := make([]any, r.Len())
		for i := range items {
			var err error
			if items[i], err = c.copyOf(r.Index(i).Interface(), depth+1, held); err != nil {
				return nil, err
			}
		}
		if _, ok := v.(Tuple); ok {
			return Tuple(items), nil
		}
		return items, nil
	case reflect.Map:
		keys := r.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { // the same order in every run, where the keys have one
			if a.Kind() == reflect.String && b.Kind() == reflect.String {
				return cmp.Compare(a.String(), b.String())
			}
			return 0
		})
		items := make(dict, 0, 2*len(keys))
		for _, key := range keys {
			k, err1 := c.copyOf(key.Interface(), depth+1, held)
			item, err2 := c.copyOf(r.MapIndex(key).Interface(), depth+1, held)
			if err := cmp.Or(err1, err2); err != nil {
				return nil, err
			}
			items = append(items, k, item)
		}
		return items, nil
	}
	return c.out(v, depth, held)
}
