package shm

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime/trace"
	"sync"
	"unsafe"

	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// form is how values of a type are written as records of a ring.
type form uint8

const (
	formFixed  form = iota // as it lies in memory: what is plain and not large
	formString             // its bytes
	formBytes
	formWire // as package wire writes it
)

// formOf returns the form of a type.
func formOf[T any]() form {
	switch t := reflect.TypeFor[T](); {
	case wire.Plain(t) && t.Size() <= roomForItem:
		return formFixed
	case t == reflect.TypeFor[string]():
		return formString
	case t == reflect.TypeFor[[]byte]():
		return formBytes
	}
	return formWire
}

// A carrier writes values of a type into rings and reads them from there. Several goroutines may use it.
type carrier[T any] struct {
	form    form
	records sync.Pool // of *[]byte, for formWire
}

func newCarrier[T any]() *carrier[T] { return &carrier[T]{form: formOf[T]()} }

// send writes the value that v points to as a record.
func (c *carrier[T]) send(r *ring, w *wait, v *T, try bool) error {
	if trace.IsEnabled() {
		w.item = waitfor.Short(fmt.Sprint(*v)) // which is about to be read whole
	}
	switch c.form {
	case formFixed:
		return r.write(w, wire.Memory(v), try)
	case formString:
		s := *(*string)(unsafe.Pointer(v))
		return r.write(w, unsafe.Slice(unsafe.StringData(s), len(s)), try)
	case formBytes:
		return r.write(w, *(*[]byte)(unsafe.Pointer(v)), try)
	}
	return c.encode(r, w, *v, try)
}

// encode is a function of its own: in send, its variables would make the argument escape to the heap even for numbers.
func (c *carrier[T]) encode(r *ring, w *wait, v T, try bool) error {
	record, ok := c.records.Get().(*[]byte)
	if !ok {
		record = new([]byte)
	}
	b, err := wire.Append((*record)[:0], &v)
	if err != nil {
		return fmt.Errorf("it cannot be sent: %w", err)
	}
	err = r.write(w, b, try)
	*record = wire.Keep(b)
	c.records.Put(record)
	return err
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
			copy(wire.Memory(v), record)
		} else {
			err = fmt.Errorf("%d bytes where an item has %d: %w", len(record), size, errDamaged)
		}
	case formString:
		*(*string)(unsafe.Pointer(v)) = string(record)
	case formBytes:
		*(*[]byte)(unsafe.Pointer(v)) = append(make([]byte, 0, len(record)), record...)
	case formWire:
		record = bytes.Clone(record)
	}
	r.readTo(next)
	if c.form == formWire {
		*v, err = c.decode(r, record)
	} else if err != nil {
		r.markDone()
	}
	return err
}

// decode reads an item that was taken. Nobody will work on one that cannot be read.
func (c *carrier[T]) decode(r *ring, record []byte) (v T, err error) {
	read := false
	defer func() { // deferred, because a type that reads its values itself may panic
		if !read {
			r.markDone()
		}
	}()
	if err = wire.Read(record, &v); err != nil {
		return v, fmt.Errorf("it cannot be read: %w", err)
	}
	read = true
	return v, nil
}
