package process

import (
	"bytes"
	"reflect"
	"unsafe"
)

// form is how values of a type are written as records of a ring.
type form uint8

const (
	formFixed  form = iota // a number or a bool: as it lies in memory
	formString             // its bytes
	formBytes
	formCodec // as a recordCodec writes it
)

// formOf returns the form of a type.
func formOf[T any]() form {
	switch t := reflect.TypeFor[T](); {
	case t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128:
		return formFixed
	case t.Kind() == reflect.String:
		return formString
	case t == reflect.TypeFor[[]byte]():
		return formBytes
	}
	return formCodec
}

// A carrier writes values of a type into rings and reads them from there.
type carrier[T any] struct {
	form  form
	codec recordCodec[T]
}

func newCarrier[T any]() *carrier[T] {
	c := &carrier[T]{form: formOf[T]()}
	c.codec.apart = c.form == formCodec && hasInterface(reflect.TypeFor[T](), map[reflect.Type]bool{})
	return c
}

// send writes the value that v points to as a record.
func (c *carrier[T]) send(r *ring, w *wait, v *T, try bool) error {
	switch c.form {
	case formFixed:
		return r.write(w, unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v)), try)
	case formString:
		s := *(*string)(unsafe.Pointer(v))
		return r.write(w, unsafe.Slice(unsafe.StringData(s), len(s)), try)
	case formBytes:
		return r.write(w, *(*[]byte)(unsafe.Pointer(v)), try)
	}
	return c.encode(r, *w, *v, try)
}

// encode is apart, because what it does with its arguments would put those of send on the heap for numbers, too.
func (c *carrier[T]) encode(r *ring, w wait, v T, try bool) error {
	return c.codec.write(&v, func(record []byte) error { return r.write(&w, record, try) })
}

// receive reads the next record into the value that v points to.
func (c *carrier[T]) receive(r *ring, w *wait, v *T, try bool) error {
	record, next, err := r.read(w, try)
	if err != nil {
		return err
	}
	switch c.form {
	case formFixed:
		if size := unsafe.Sizeof(*v); uintptr(len(record)) == size {
			copy(unsafe.Slice((*byte)(unsafe.Pointer(v)), size), record)
		} else {
			err = errCutShort
		}
	case formString:
		*(*string)(unsafe.Pointer(v)) = string(record)
	case formBytes:
		*(*[]byte)(unsafe.Pointer(v)) = append(make([]byte, 0, len(record)), record...)
	case formCodec:
		record = bytes.Clone(record)
	}
	r.readTo(next)
	if c.form == formCodec {
		*v, err = c.decode(record)
	}
	return err
}

func (c *carrier[T]) decode(record []byte) (v T, err error) {
	err = c.codec.read(record, &v)
	return v, err
}
