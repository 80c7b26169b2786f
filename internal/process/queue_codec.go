package process

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"reflect"
	"sync/atomic"
)

// A recordCodec writes values by encoding/gob so that each can be read alone, by whichever process. A stream of gob defines
// types and then goes on with values; one stream for each value, whose definitions the other end had to compile, took 17 µs
// for a small struct. So a record is
//
//	the length of the definitions, the definitions, the value
//
// and both ends go on with a stream as long as the definitions are the same, which takes less than 1 µs. Only a value with
// an interface in it has a stream of its own, and no definitions before it: gob defines what an interface holds inside the value.
//
// Several goroutines may use it.
type recordCodec[T any] struct {
	apart  bool                         // T has an interface in it
	writer atomic.Pointer[recordWriter] // nil while somebody uses it
	reader atomic.Pointer[recordReader]
}

type recordWriter struct {
	stream      bytes.Buffer
	encoder     *gob.Encoder
	definitions []byte // what the encoder has defined so far
	record      []byte
}

type recordReader struct {
	stream      bytes.Reader
	decoder     *gob.Decoder
	definitions []byte // what the decoder has read of them
}

// write calls send with the record of a value.
func (c *recordCodec[T]) write(v *T, send func(record []byte) error) error {
	w := c.writer.Swap(nil)
	if w != nil {
		w.stream.Reset()
		if w.encoder.Encode(box[T]{*v}) != nil {
			w = nil
		}
	}
	if w == nil {
		w = new(recordWriter)
		w.encoder = gob.NewEncoder(&w.stream)
		if err := w.encoder.Encode(box[T]{*v}); err != nil {
			return fmt.Errorf("it cannot be sent: %w", err)
		}
		if !c.apart {
			w.definitions = bytes.Clone(w.stream.Next(lastMessage(w.stream.Bytes())))
		}
	}
	w.record = append(binary.AppendUvarint(w.record[:0], uint64(len(w.definitions))), w.definitions...)
	w.record = append(w.record, w.stream.Bytes()...)
	err := send(w.record)
	if !c.apart && cap(w.record) <= 64<<10 {
		c.writer.Store(w)
	}
	return err
}

// read reads a record.
func (c *recordCodec[T]) read(record []byte, v *T) error {
	n, size := binary.Uvarint(record)
	if size <= 0 || n > uint64(len(record)-size) {
		return errNonsense
	}
	record = record[size:]
	r := c.reader.Swap(nil)
	if r != nil && n > 0 && bytes.Equal(r.definitions, record[:n]) {
		r.stream.Reset(record[n:])
	} else {
		r = &recordReader{definitions: bytes.Clone(record[:n])}
		r.stream.Reset(record)
		r.decoder = gob.NewDecoder(&r.stream)
	}
	var b box[T]
	err := r.decoder.Decode(&b)
	if err == nil && r.stream.Len() > 0 {
		err = fmt.Errorf("%d bytes too many", r.stream.Len())
	}
	if err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	if n > 0 {
		c.reader.Store(r)
	}
	*v = b.V
	return nil
}

// hasInterface reports whether a value of a type may hold an interface that gob looks into.
func hasInterface(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	for _, opaque := range []reflect.Type{
		reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
	} {
		if t.Kind() != reflect.Interface && (t.Implements(opaque) || reflect.PointerTo(t).Implements(opaque)) {
			return false
		}
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Map:
		return hasInterface(t.Key(), seen) || hasInterface(t.Elem(), seen)
	case reflect.Array, reflect.Slice, reflect.Pointer:
		return hasInterface(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() && hasInterface(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// lastMessage returns where the last message of a piece of a stream begins: each has its length before it, as package gob
// says.
func lastMessage(stream []byte) int {
	for at := 0; ; {
		n, size := gobLength(stream[at:])
		if next := at + size + n; size == 0 || n < 0 || next <= at || next >= len(stream) {
			return at
		} else {
			at = next
		}
	}
}

// gobLength reads an unsigned number of gob: one byte below 128, else the complement of how many bytes follow, highest first.
func gobLength(from []byte) (n, size int) {
	if len(from) == 0 {
		return 0, 0
	}
	if from[0] < 128 {
		return int(from[0]), 1
	}
	size = 1 + int(-int8(from[0]))
	if size > len(from) || size > 9 {
		return 0, 0
	}
	for _, b := range from[1:size] {
		n = n<<8 | int(b)
	}
	return n, size
}
