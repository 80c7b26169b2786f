package remote

import (
	"fmt"

	"go.starlark.net/starlark"
)

// operands are those of a request. What is not as it should be is [ErrNonsense]: a client of this package does not send it.
type operands []starlark.Value

func (o operands) text(i int) (string, bool) {
	if i >= len(o) {
		return "", false
	}
	return starlark.AsString(o[i])
}

// call calls f with the arguments and the keyword arguments that stand at a place among the operands.
func (o operands) call(r *run, f starlark.Value, at int) (starlark.Value, error) {
	if len(o) != at+2 {
		return nil, ErrNonsense
	}
	args, ok1 := o[at].(starlark.Tuple)
	pairs, ok2 := o[at+1].(starlark.Tuple)
	if !ok1 || !ok2 {
		return nil, ErrNonsense
	}
	var kwargs []starlark.Tuple
	for _, v := range pairs {
		pair, ok := v.(starlark.Tuple)
		if !ok || len(pair) != 2 || pair[0].Type() != "string" {
			return nil, ErrNonsense
		}
		kwargs = append(kwargs, pair)
	}
	return starlark.Call(r.thread, f, args, kwargs)
}

// onObject does what is done with one object.
func (o operands) onObject(r *run, op byte) (starlark.Value, error) {
	object := o[0]
	name, named := o.text(1)
	switch {
	case op == opMethod && named:
		method, err := attr(object, name)
		if err != nil {
			return nil, err
		}
		return o.call(r, method, 2)
	case op == opAttr && named && len(o) == 2:
		return attr(object, name)
	case op == opSetAttr && named && len(o) == 3:
		if to, ok := object.(starlark.HasSetField); ok {
			return starlark.None, to.SetField(name, o[2])
		}
		return nil, fmt.Errorf("%s has no attributes that can be set", object.Type())
	case op == opIndex && len(o) == 2:
		return index(object, o[1])
	case op == opSetIndex && len(o) == 3:
		return starlark.None, setIndex(object, o[1], o[2])
	case op == opLen && len(o) == 1:
		if n := starlark.Len(object); n >= 0 {
			return starlark.MakeInt(n), nil
		}
		return nil, fmt.Errorf("%s has no length", object.Type())
	case op == opText && len(o) == 1:
		s, err := text(object)
		return starlark.String(s), err
	case op == opDir && len(o) == 1:
		return starlark.Call(r.thread, starlark.Universe["dir"], starlark.Tuple{object}, nil)
	}
	return nil, ErrNonsense
}

func attr(object starlark.Value, name string) (starlark.Value, error) {
	if has, ok := object.(starlark.HasAttrs); ok {
		if v, err := has.Attr(name); v != nil || err != nil {
			return v, err
		}
	}
	return nil, fmt.Errorf("%s has no attribute %s", object.Type(), name)
}

func index(object, key starlark.Value) (starlark.Value, error) {
	switch x := object.(type) {
	case starlark.Mapping:
		v, found, err := x.Get(key)
		if err == nil && !found {
			err = fmt.Errorf("no key %s in %s", key, x.Type())
		}
		return v, err
	case starlark.Indexable:
		i, err := place(key, x.Len())
		if err != nil {
			return nil, err
		}
		return x.Index(i), nil
	}
	return nil, fmt.Errorf("%s has no items", object.Type())
}

func setIndex(object, key, v starlark.Value) error {
	switch x := object.(type) {
	case starlark.HasSetKey:
		return x.SetKey(key, v)
	case starlark.HasSetIndex:
		i, err := place(key, x.Len())
		if err != nil {
			return err
		}
		return x.SetIndex(i, v)
	}
	return fmt.Errorf("the items of %s cannot be set", object.Type())
}

// place is an index of one of n items; one below 0 counts from the end.
func place(key starlark.Value, n int) (int, error) {
	i, err := starlark.AsInt32(key)
	if err != nil {
		return 0, fmt.Errorf("index: %w", err)
	}
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return 0, fmt.Errorf("index %s is not one of %d", key, n)
	}
	return i, nil
}

// text is str, but for what is nested so deeply, or has so many parts, that str might never come back.
func text(v starlark.Value) (string, error) {
	if s, ok := starlark.AsString(v); ok {
		return s, nil
	}
	left := budget(MaxMessage)
	if err := checkSize(v, 0, &left); err != nil {
		return "", err
	}
	return v.String(), nil
}

// checkSize returns an error that wraps [ErrTooDeep] for a value that is nested too deeply, or contains itself, and [ErrTooLarge]
// for one with too many parts.
func checkSize(v starlark.Value, depth int, left *budget) error {
	if depth > MaxDepth {
		return ErrTooDeep
	}
	size := itemSize
	if s, ok := starlark.AsString(v); ok {
		size += len(s)
	}
	if err := left.spend(size); err != nil {
		return err
	}
	switch v := v.(type) {
	case *starlark.Dict:
		for key, item := range v.Entries() {
			if err := checkSize(key, depth+1, left); err != nil {
				return err
			}
			if err := checkSize(item, depth+1, left); err != nil {
				return err
			}
		}
	case *starlark.List, starlark.Tuple, *starlark.Set:
		for item := range starlark.Elements(v.(starlark.Iterable)) {
			if err := checkSize(item, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}
