package wire

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// What encoding/gob would follow without end, or would change without a word, is refused before gob sees it.
var (
	// ErrCycle is a value that contains itself.
	ErrCycle = errors.New("a cycle: a pointer, map or slice leads back to itself, so the value has no end")

	// ErrTooDeep is a value of more than 10,000 pointers, maps and slices inside each other.
	ErrTooDeep = errors.New("more than 10,000 pointers, maps and slices inside each other: send it in pieces, or as a slice")

	// ErrLostPointer is a pointer to a zero value in a field of a struct, or a pointer to a nil pointer.
	ErrLostPointer = errors.New("a pointer to a zero value would arrive as nil: send the value itself, or a slice of such pointers")
)

const (
	maxDepth  = 10_000
	notedFrom = 64       // a walk notes where it was only when it is that deep
	maxParts  = MaxFrame // each of them takes a byte at least
)

// A shape is what has to be known of a type in order to look at its values. It is found once for each type, so a value that
// can neither contain itself nor lose a pointer is not looked at.
type shape struct {
	kind   reflect.Kind // Invalid: the type says itself how it travels
	risky  bool         // its values have to be looked at
	begun  bool         // the shape is not whole yet
	key    *shape       // of a map
	elem   *shape       // of what a map, slice, array or pointer holds
	fields []fieldShape // that have to be looked at
}

type fieldShape struct {
	*shape
	index int
	name  string
	omits bool // gob omits the field if it points to a zero value
}

// shapes is by type: reflect.Type → *shape.
var shapes sync.Map

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s, _ := shapes.LoadOrStore(t, newShape(t, map[reflect.Type]*shape{}))
	return s.(*shape)
}

func newShape(t reflect.Type, made map[reflect.Type]*shape) *shape {
	if s := made[t]; s != nil {
		s.risky = s.risky || s.begun // the type leads back to itself
		return s
	}
	s := &shape{kind: t.Kind(), begun: true}
	made[t] = s
	switch {
	case describesItself(t):
		s.kind = reflect.Invalid
	case s.kind == reflect.Interface:
		s.risky = true
	case s.kind == reflect.Map:
		s.key, s.elem = newShape(t.Key(), made), newShape(t.Elem(), made)
		s.risky = s.risky || s.key.risky || s.elem.risky
	case s.kind == reflect.Slice || s.kind == reflect.Array || s.kind == reflect.Pointer:
		s.elem = newShape(t.Elem(), made)
		s.risky = s.risky || s.elem.risky || s.kind == reflect.Pointer && s.elem.kind == reflect.Pointer
	case s.kind == reflect.Struct:
		for i := range t.NumField() {
			f := fieldShape{index: i, name: t.String() + "." + t.Field(i).Name}
			if !isSent(t.Field(i)) {
				continue
			}
			f.shape, f.omits = newShape(t.Field(i).Type, made), omitsZero(t.Field(i).Type)
			if f.risky || f.omits {
				s.fields, s.risky = append(s.fields, f), true
			}
		}
	}
	s.begun = false
	return s
}

// isSent reports whether gob sends a field.
func isSent(f reflect.StructField) bool {
	t := pointedAt(f.Type)
	return f.IsExported() && t.Kind() != reflect.Chan && t.Kind() != reflect.Func
}

// pointedAt follows pointers, up to a type that says itself how it travels.
func pointedAt(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer && !describesItself(t) {
		t = t.Elem()
	}
	return t
}

// omitsZero reports whether gob omits a field of a pointer type if it points to a zero value.
func omitsZero(t reflect.Type) bool {
	at := pointedAt(t)
	return at != t && at.Kind() != reflect.Struct && at.Kind() != reflect.Array && !describesItself(at)
}

// A walk goes through a value as gob will.
type walk struct {
	depth, parts int
	path         map[place]bool
}

// A place is where a walk is: the memory, the number of items if it is a slice, and the type.
type place struct {
	at unsafe.Pointer
	n  int
	s  *shape
}

// look returns why a value must not be given to gob.
func look(s *shape, v reflect.Value) error {
	if !s.risky || !v.IsValid() {
		return nil
	}
	return new(walk).value(s, v, false)
}

func (w *walk) value(s *shape, v reflect.Value, omits bool) (err error) {
	if !s.risky && !omits {
		return nil
	}
	switch s.kind {
	case reflect.Interface:
		if !v.IsNil() {
			err = w.value(shapeOf(v.Elem().Type()), v.Elem(), false)
		}
	case reflect.Struct:
		for i := 0; i < len(s.fields) && err == nil; i++ {
			f := &s.fields[i]
			if err = w.value(f.shape, v.Field(f.index), f.omits); err == ErrLostPointer {
				err = fmt.Errorf("%s: %w", f.name, err)
			}
		}
	case reflect.Array:
		err = w.items(s, v)
	case reflect.Pointer, reflect.Slice, reflect.Map:
		err = w.into(s, v, omits)
	}
	return err
}

// into goes into what may lead back to where the walk was.
func (w *walk) into(s *shape, v reflect.Value, omits bool) (err error) {
	if v.IsNil() || s.kind == reflect.Slice && v.Len() == 0 {
		return nil
	}
	here := place{v.UnsafePointer(), 0, s}
	if s.kind == reflect.Slice {
		here.n = v.Len()
	}
	w.depth, w.parts = w.depth+1, w.parts+1
	if w.depth > notedFrom {
		switch {
		case w.path[here]:
			return ErrCycle
		case w.depth > maxDepth:
			return ErrTooDeep
		case w.path == nil:
			w.path = map[place]bool{}
		}
		w.path[here] = true
		defer delete(w.path, here)
	}
	if w.parts > maxParts { // shared parts are written each time: a small value can be too large to write
		return ErrTooLarge
	}
	switch s.kind {
	case reflect.Pointer:
		if to := v.Elem(); s.elem.kind == reflect.Pointer && to.IsNil() || omits && isOmitted(to) {
			err = ErrLostPointer
		} else {
			err = w.value(s.elem, to, omits)
		}
	case reflect.Slice:
		err = w.items(s, v)
	case reflect.Map:
		for all := v.MapRange(); err == nil && all.Next(); {
			if err = w.value(s.key, all.Key(), false); err == nil {
				err = w.value(s.elem, all.Value(), false)
			}
		}
	}
	w.depth--
	return err
}

func (w *walk) items(s *shape, v reflect.Value) (err error) {
	for i := 0; i < v.Len() && err == nil; i++ {
		err = w.value(s.elem, v.Index(i), false)
	}
	return err
}

// isOmitted reports whether gob omits a field with that value. To it, −0 is zero, too.
func isOmitted(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Float32, reflect.Float64:
		return v.Float() == 0
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() == 0
	case reflect.Struct, reflect.Array:
		return false
	}
	return v.IsZero()
}
