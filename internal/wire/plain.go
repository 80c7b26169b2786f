package wire

import (
	"encoding"
	"encoding/gob"
	"reflect"
	"sync"
	"unsafe"
)

// Plain reports whether the memory of a value of type t is all there is of it: numbers, bools, and structs and arrays of
// them. Fields without a capital count too, and travel. Not plain are a type that says itself how it travels (gob.GobEncoder or
// encoding.BinaryMarshaler), and one that must not be copied: a lock, an atomic number, and what has one of them as a part.
//
// It costs some 10 ns.
func Plain(t reflect.Type) bool { return formOf(t) == asMemory }

// Memory is the memory of the value that p points to. It is the whole value only if T is [Plain].
func Memory[T any](p *T) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p)) }

// Bare reports whether values of type T travel without a call of their own code, and without gob: plain ones, strings, and slices of
// both. It costs some 10 ns.
func Bare[T any]() bool { return formOf(reflect.TypeFor[T]()) != asGob }

// A form is how the values of a type are written.
type form uint8

const (
	asGob    form = iota
	asMemory      // the value as it lies in memory
	asText        // the bytes of a string
	asItems       // the memory of a slice's items, one behind the other
	asTexts       // the number of a slice's strings, and each with its length before it
	asCount       // the number of a slice's items, which take no memory
)

// forms holds the forms of types that are not predeclared: reflect.Type → form.
var forms sync.Map

func formOf(t reflect.Type) form {
	if t.PkgPath() == "" { // has no methods, if it is not made of other types
		switch k := t.Kind(); {
		case k == reflect.String:
			return asText
		case isNumber(k):
			return asMemory
		}
	}
	if f, ok := forms.Load(t); ok {
		return f.(form)
	}
	f := findForm(t)
	forms.Store(t, f)
	return f
}

// isNumber reports whether a kind is one of numbers, or bool.
func isNumber(k reflect.Kind) bool { return k >= reflect.Bool && k <= reflect.Complex128 }

func findForm(t reflect.Type) form {
	switch {
	case isPlain(t):
		return asMemory
	case describesItself(t):
		return asGob
	case t.Kind() == reflect.String:
		return asText
	case t.Kind() == reflect.Slice:
		switch item := t.Elem(); {
		case isPlain(item) && item.Size() > 0:
			return asItems
		case isPlain(item):
			return asCount
		case item.Kind() == reflect.String && !describesItself(item):
			return asTexts
		}
	}
	return asGob
}

func isPlain(t reflect.Type) bool {
	switch {
	case describesItself(t) || reflect.PointerTo(t).Implements(reflect.TypeFor[sync.Locker]()): // vet's copylocks asks the same
		return false
	case t.Kind() == reflect.Array:
		return isPlain(t.Elem())
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if !isPlain(f.Type) {
				return false
			}
		}
		return true
	}
	return isNumber(t.Kind())
}

// describesItself reports whether gob lets the type write its values itself.
func describesItself(t reflect.Type) bool {
	for _, own := range []reflect.Type{reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler]()} {
		if t.Kind() != reflect.Interface && (t.Implements(own) || reflect.PointerTo(t).Implements(own)) {
			return true
		}
	}
	return false
}
