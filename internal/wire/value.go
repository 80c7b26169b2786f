package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// The first byte of a value says how it is written: in the form of its type, or by encoding/gob.
const (
	plainly = 'r'
	byGob   = 'g'
)

var errCutShort = errors.New("its length is not that of its type")

// Append appends the value that p points to. Numbers and small plain structs take a few ns, a small struct by gob 1 µs or
// less (BenchmarkValue). The error wraps [ErrCycle], [ErrTooDeep] or [ErrLostPointer], or is that of gob, for a channel or a
// function.
func Append[T any](to []byte, p *T) ([]byte, error) {
	from := unsafe.Pointer(p)
	t := reflect.TypeFor[T]()
	switch formOf(t) {
	case asMemory:
		return append(append(to, plainly), Memory(p)...), nil
	case asText:
		return append(append(to, plainly), *(*string)(from)...), nil
	case asItems:
		n := (*sliceHeader)(from)
		return append(append(to, plainly), unsafe.Slice((*byte)(n.data), n.len*int(t.Elem().Size()))...), nil
	case asTexts:
		return AppendFields(appendCount(to, (*sliceHeader)(from).len), *(*[]string)(from)...), nil
	case asCount:
		return appendCount(to, (*sliceHeader)(from).len), nil
	}
	return appendGob(gobCodecOf(t), append(to, byGob), *p)
}

// Read reads a value that [Append] wrote, and nothing else, into the one that p points to. A slice there is filled if the
// items fit it; without items it is made empty or nil, as by gob.
func Read[T any](from []byte, p *T) error {
	switch {
	case len(from) == 0:
		return errors.New("there is no value")
	case from[0] == byGob:
		return readGob(gobCodecOf(reflect.TypeFor[T]()), from[1:], p)
	case from[0] != plainly:
		return fmt.Errorf("%q is not how a value begins", from[0])
	}
	from = from[1:]
	into := unsafe.Pointer(p)
	switch t := reflect.TypeFor[T](); formOf(t) {
	case asMemory:
		if uintptr(len(from)) != unsafe.Sizeof(*p) {
			return errCutShort
		}
		copy(Memory(p), from)
	case asText:
		*(*string)(into) = string(from)
	case asItems:
		return readItems(from, p, int(t.Elem().Size()))
	case asTexts:
		return readTexts(from, (*[]string)(into))
	case asCount:
		n, err := cutCount(from)
		if err != nil {
			return err
		}
		if s := reflect.ValueOf(p).Elem(); n == 0 {
			s.SetZero()
		} else {
			s.Set(reflect.MakeSlice(t, n, n))
		}
	default:
		return fmt.Errorf("a %v is not written in this way", t)
	}
	return nil
}

// AppendSlice is [Append] for a slice that may hold nil pointers and nil interfaces, which gob refuses.
func AppendSlice[T any](to []byte, s []T) ([]byte, error) {
	if formOf(reflect.TypeFor[[]T]()) != asGob {
		return Append(to, &s)
	}
	if reflect.TypeFor[T]().Kind() == reflect.Pointer {
		boxes := make([]pointerBox[T], len(s))
		for i := range s {
			if !isNilPointer(&s[i]) {
				boxes[i].V = s[i : i+1]
			}
		}
		return Append(to, &boxes)
	}
	boxes := make([]box[T], len(s))
	for i, v := range s {
		boxes[i].V = v
	}
	return Append(to, &boxes)
}

// ReadSlice reads what [AppendSlice] wrote, and nothing else, into the slice that p points to.
func ReadSlice[T any](from []byte, p *[]T) error {
	if len(from) > 0 && from[0] == plainly {
		return Read(from, p)
	}
	if reflect.TypeFor[T]().Kind() == reflect.Pointer {
		var boxes []pointerBox[T]
		err := Read(from, &boxes)
		*p = make([]T, len(boxes))
		for i := range boxes {
			copy((*p)[i:i+1], boxes[i].V)
		}
		return err
	}
	var boxes []box[T]
	if err := Read(from, &boxes); err != nil {
		return err
	}
	*p = make([]T, len(boxes))
	for i := range boxes {
		(*p)[i] = boxes[i].V
	}
	return nil
}

// A sliceHeader is a slice of any type as it lies in memory.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// readItems reads the memory of items of that size into the slice that p points to.
func readItems[T any](from []byte, p *T, size int) error {
	if len(from)%size != 0 {
		return errCutShort
	}
	n, h := len(from)/size, (*sliceHeader)(unsafe.Pointer(p))
	if n <= h.cap {
		h.len = n
	} else {
		s := reflect.ValueOf(p).Elem()
		s.SetZero() // so that nothing is copied when it grows
		s.Grow(n)
		s.SetLen(n)
	}
	copy(unsafe.Slice((*byte)(h.data), len(from)), from)
	return nil
}

func readTexts(from []byte, p *[]string) error {
	n, size := binary.Uvarint(from)
	if size <= 0 || n > uint64(len(from)-size) { // each takes one byte at least
		return errCutShort
	}
	from = from[size:]
	if *p = nil; n > 0 {
		*p = make([]string, n)
	}
	var err error
	for i := range *p {
		if (*p)[i], from, err = CutField[string](from); err != nil {
			return err
		}
	}
	if len(from) > 0 {
		return errCutShort
	}
	return nil
}

func appendCount(to []byte, n int) []byte {
	return binary.AppendUvarint(append(to, plainly), uint64(n))
}

// cutCount reads the number of items that take no memory. It is bounded: otherwise a few bytes would keep a reader busy
// without end.
func cutCount(from []byte) (int, error) {
	n, size := binary.Uvarint(from)
	if size <= 0 || size != len(from) || n > MaxFrame {
		return 0, errCutShort
	}
	return int(n), nil
}
