package remote

import (
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"
)

// A Class is a type that the server offers, beside those that Starlark has: Starlark itself has no classes. Text calls the class
// to make an [Object] of it. Offer it by [WithNames].
type Class struct {
	name    string
	base    *Class
	init    Method
	methods map[string]Method
}

// NewClass returns a class. It has the methods of its base, too, which may be nil. init sets the attributes of a new object; if it
// is nil, that of the base does, and the first one takes no arguments.
func NewClass(name string, base *Class, init Method, methods map[string]Method) *Class {
	return &Class{name, base, init, methods}
}

// A Method is a method in Go. It may call what it was given by [starlark.Call].
type Method func(th *starlark.Thread, self *Object, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)

// An Object is an object of a [Class]. Text can read and set its attributes.
type Object struct {
	Class *Class
	Attrs starlark.StringDict

	frozen bool
}

var (
	_ starlark.Callable    = (*Class)(nil)
	_ starlark.HasSetField = (*Object)(nil)
)

func (c *Class) String() string        { return "<class " + c.name + ">" }
func (c *Class) Type() string          { return "type" }
func (c *Class) Name() string          { return c.name }
func (c *Class) Freeze()               {}
func (c *Class) Truth() starlark.Bool  { return true }
func (c *Class) Hash() (uint32, error) { return starlark.String(c.name).Hash() }

// CallInternal makes an object.
func (c *Class) CallInternal(th *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	o := &Object{Class: c, Attrs: starlark.StringDict{}}
	for base := c; base != nil; base = base.base {
		if base.init != nil {
			_, err := base.init(th, o, args, kwargs)
			return o, err
		}
	}
	return o, starlark.UnpackPositionalArgs(c.name, args, kwargs, 0)
}

// is reports whether a class is another one or is based on it.
func (c *Class) is(other *Class) bool {
	for c != nil && c != other {
		c = c.base
	}
	return c != nil
}

// method returns a method of the class or of its bases, nil if none has it.
func (c *Class) method(name string) Method {
	for ; c != nil; c = c.base {
		if m := c.methods[name]; m != nil {
			return m
		}
	}
	return nil
}

func (o *Object) String() string        { return "<" + o.Class.name + " object>" }
func (o *Object) Type() string          { return o.Class.name }
func (o *Object) Truth() starlark.Bool  { return true }
func (o *Object) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: %s", o.Type()) }

// Freeze makes the attributes ones that cannot be set.
func (o *Object) Freeze() {
	if !o.frozen {
		o.frozen = true
		o.Attrs.Freeze()
	}
}

// Attr returns an attribute, or a method of the class or of its bases.
func (o *Object) Attr(name string) (starlark.Value, error) {
	if v := o.Attrs[name]; v != nil {
		return v, nil
	}
	m := o.Class.method(name)
	if m == nil {
		return nil, nil
	}
	return starlark.NewBuiltin(name, func(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		v, err := m(th, o, args, kwargs)
		if v == nil && err == nil {
			v = starlark.None
		}
		return v, err
	}), nil
}

// AttrNames lists the attributes and methods.
func (o *Object) AttrNames() []string {
	names := slices.Collect(maps.Keys(o.Attrs))
	for c := o.Class; c != nil; c = c.base {
		names = slices.AppendSeq(names, maps.Keys(c.methods))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SetField sets an attribute.
func (o *Object) SetField(name string, v starlark.Value) error {
	if o.frozen {
		return fmt.Errorf("cannot set %s of %s: it is shared by all connections", name, o)
	}
	o.Attrs[name] = v
	return nil
}

// object is the base of all classes.
var object = &Class{name: "object"}

// builtins is what every text knows, beside what Starlark has itself.
func builtins() starlark.StringDict {
	return starlark.StringDict{"object": object, "isinstance": starlark.NewBuiltin("isinstance", isinstance)}
}

// typeName returns what [starlark.Value.Type] calls the type that a builtin function names, "" if it names none.
func typeName(b *starlark.Builtin) string {
	switch name := b.Name(); {
	case starlark.Universe[name] != b:
	case name == "str":
		return "string"
	case slices.Contains([]string{"bool", "bytes", "dict", "float", "int", "list", "range", "set", "tuple"}, name):
		return name
	}
	return ""
}

// isinstance is Python's: of an object and a type or a tuple of types. A bool is an int, and all are objects.
func isinstance(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var v, of starlark.Value
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 2, &v, &of); err != nil {
		return nil, err
	}
	is, err := isOf(v, of, 0)
	return starlark.Bool(is), err
}

func isOf(v, of starlark.Value, depth int) (bool, error) {
	switch of := of.(type) {
	case starlark.Tuple:
		if depth > MaxDepth {
			return false, ErrTooDeep
		}
		for _, t := range of {
			if is, err := isOf(v, t, depth+1); is || err != nil {
				return is, err
			}
		}
		return false, nil
	case *Class:
		if of == object {
			return true, nil
		}
		o, ok := v.(*Object)
		return ok && o.Class.is(of), nil
	case *starlark.Builtin:
		if t := typeName(of); t != "" {
			return v.Type() == t || t == "int" && v.Type() == "bool", nil
		}
	}
	return false, fmt.Errorf("isinstance: want a type, or a tuple of types, got %s", of.Type())
}
