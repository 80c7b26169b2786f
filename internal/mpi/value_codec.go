package mpi

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// Each value is encoded alone. Workers and processes write theirs to one stream of gob, which describes a type once; messages of
// different tags are received in any order, so here no value can rely on one before it.

// An encoded value is the name of its type behind a byte with the name's length, a byte that says how it is written, and itself.
const (
	asMemory  = 'm' // the memory of a value without pointers
	asString  = 's'
	asSlice   = 'l' // the memory of a slice's elements
	asGob     = 'g'
	maxTyping = 255
)

// A box carries a value by gob, which takes inside a struct what it refuses alone: a nil pointer, a nil interface.
type box[T any] struct{ V T }

func encode[T any](c *Comm, op engine.Call, v T) ([]byte, error) {
	t := reflect.TypeFor[T]()
	name := typing(t)
	b := make([]byte, 0, 2+len(name)+int(t.Size()))
	b = append(append(b, byte(len(name))), name...)
	switch p := any(&v).(type) {
	case *string:
		return append(append(b, asString), *p...), nil
	case *[]byte:
		return append(append(b, asSlice), *p...), nil
	}
	switch {
	case plain(t):
		return append(append(b, asMemory), engine.Raw(unsafe.Slice(&v, 1))...), nil
	case t.Kind() == reflect.Slice && plain(t.Elem()) && t.Elem().Size() > 0:
		s := reflect.ValueOf(v)
		return append(append(b, asSlice), unsafe.Slice((*byte)(s.UnsafePointer()), s.Len()*int(t.Elem().Size()))...), nil
	}
	buf := bytes.NewBuffer(append(b, asGob))
	if err := gob.NewEncoder(buf).Encode(box[T]{v}); err != nil {
		return nil, c.errorf(op, ErrType, "a %s cannot be sent: %v", t, err)
	}
	return buf.Bytes(), nil
}

func decode[T any](c *Comm, op engine.Call, b []byte) (v T, err error) {
	t := reflect.TypeFor[T]()
	if len(b) == 0 || len(b) < 2+int(b[0]) {
		return v, c.errorf(op, ErrType, "what came is no value; its sender could not send it, or used another call")
	}
	end := 1 + int(b[0])
	name, how, b := string(b[1:end]), b[end], b[end+1:]
	if name != typing(t) {
		return v, c.errorf(op, ErrType, "what came is a %s, and a %s was asked for", name, typing(t))
	}
	switch size := int(t.Size()); {
	case how == asString && t.Kind() == reflect.String:
		reflect.ValueOf(&v).Elem().SetString(string(b))
		return v, nil
	case how == asMemory && plain(t) && len(b) == size:
		copy(engine.Raw(unsafe.Slice(&v, 1)), b)
		return v, nil
	case how == asSlice && t.Kind() == reflect.Slice && plain(t.Elem()) && t.Elem().Size() > 0 && len(b)%int(t.Elem().Size()) == 0:
		each := int(t.Elem().Size())
		s := reflect.MakeSlice(t, len(b)/each, len(b)/each)
		copy(unsafe.Slice((*byte)(s.UnsafePointer()), len(b)), b)
		reflect.ValueOf(&v).Elem().Set(s)
		return v, nil
	case how == asGob:
		var filled box[T]
		if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&filled); err != nil {
			return v, c.errorf(op, ErrType, "what came as a %s cannot be read: %v", t, err)
		}
		return filled.V, nil
	}
	return v, c.errorf(op, ErrType, "what came as a %s is damaged", t)
}

func encodeAll[T any](c *Comm, op engine.Call, values []T) (sizes []int64, blobs []byte, l engine.Layout, err error) {
	sizes = make([]int64, len(values))
	for r, v := range values {
		b, err := encode(c, op, v)
		if err != nil {
			return nil, nil, engine.Layout{}, err
		}
		sizes[r], blobs = int64(len(b)), append(blobs, b...)
	}
	return sizes, blobs, engine.LayoutOf(sizes), nil
}

func decodeAll[T any](c *Comm, op engine.Call, all []byte, l engine.Layout) ([]T, error) {
	values := make([]T, len(l.Counts))
	for r := range values {
		var err error
		if values[r], err = decode[T](c, op, l.Of(all, r)); err != nil {
			return nil, fmt.Errorf("from rank %d: %w", r, err)
		}
	}
	return values, nil
}

// typing is the name of a type in a message.
func typing(t reflect.Type) string {
	name := t.String()
	if len(name) > maxTyping {
		name = strings.ToValidUTF8(name[:maxTyping], "")
	}
	return name
}

// plainness remembers which types hold no pointers.
var plainness sync.Map // reflect.Type → bool

// plain reports whether values of the type hold no pointers, so that their memory is all there is of them.
func plain(t reflect.Type) bool {
	switch k := t.Kind(); {
	case k >= reflect.Bool && k <= reflect.Complex128 && k != reflect.Uintptr:
		return true
	case k != reflect.Struct && k != reflect.Array:
		return false
	}
	if known, ok := plainness.Load(t); ok {
		return known.(bool)
	}
	yes := true
	if t.Kind() == reflect.Array {
		yes = plain(t.Elem())
	} else {
		for i := range t.NumField() {
			yes = yes && plain(t.Field(i).Type)
		}
	}
	plainness.Store(t, yes)
	return yes
}
