package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"unsafe"
)

// A stream of gob defines types and then goes on with values. One stream for each value, whose definitions the other end has
// to compile, takes 15 µs for a small struct. So a value by gob is
//
//	the length of the definitions, the definitions, the value
//
// and both ends go on with a stream as long as the definitions are the same, which takes less than 1 µs. Only a value with
// an interface in it has a stream of its own, and no definitions before it: gob defines what an interface holds inside the
// value.

// A box carries a value by gob, which takes inside a struct what it refuses alone: a nil interface, for example.
type box[T any] struct{ V T }

// A pointerBox is a box for a pointer, which is an item, or missing if it is nil. In a field gob would take a pointer to a
// zero value for nil.
type pointerBox[T any] struct{ V []T }

// A gobCodec is the streams for one type that nobody uses at the moment.
type gobCodec struct {
	apart   bool   // the type has an interface in it
	pointer bool   // values go in a pointerBox
	shape   *shape // for look

	mu      sync.Mutex
	writers []*gobWriter
	readers []*gobReader
}

type gobWriter struct {
	stream      bytes.Buffer
	encoder     *gob.Encoder
	definitions []byte // what the encoder has defined so far
}

type gobReader struct {
	stream      bytes.Reader
	decoder     *gob.Decoder
	definitions []byte // what the decoder has read of them
}

const (
	maxIdle   = 8        // streams of one type and direction that are kept
	maxBuffer = 64 << 10 // of a stream that is kept
)

// gobCodecs is by type: reflect.Type → *gobCodec.
var gobCodecs sync.Map

func gobCodecOf(t reflect.Type) *gobCodec {
	if c, ok := gobCodecs.Load(t); ok {
		return c.(*gobCodec)
	}
	c, _ := gobCodecs.LoadOrStore(t, newGobCodec(t))
	return c.(*gobCodec)
}

func newGobCodec(t reflect.Type) *gobCodec {
	return &gobCodec{apart: hasInterface(t, map[reflect.Type]bool{}), pointer: t.Kind() == reflect.Pointer, shape: shapeOf(t)}
}

// boxOf puts a value into a box. It goes by address: a method of *T may say how a T travels.
func boxOf[T any](c *gobCodec, v T) any {
	switch {
	case !c.pointer:
		return &box[T]{v}
	case isNilPointer(&v):
		return new(pointerBox[T])
	}
	return &pointerBox[T]{[]T{v}}
}

// unbox returns the value that boxOf has put into a box, nothing for a nil pointer.
func unbox(c *gobCodec, b any) reflect.Value {
	v := reflect.ValueOf(b).Elem().Field(0)
	switch {
	case !c.pointer:
		return v
	case v.Len() == 0:
		return reflect.Value{}
	}
	return v.Index(0)
}

// isNilPointer reports whether the pointer that p points to is nil.
func isNilPointer[T any](p *T) bool { return *(*unsafe.Pointer)(unsafe.Pointer(p)) == nil }

// decode reads a value from its box.
func decode[T any](c *gobCodec, from *gob.Decoder, p *T) error {
	if !c.pointer {
		var b box[T]
		err := from.Decode(&b)
		*p = b.V
		return err
	}
	var b pointerBox[T]
	err := from.Decode(&b)
	if len(b.V) > 1 {
		return ErrNonsense
	}
	*p = append(b.V, *new(T))[0]
	return err
}

func appendGob[T any](c *gobCodec, to []byte, v T) ([]byte, error) {
	b := boxOf(c, v)
	if c.shape.risky {
		if err := look(c.shape, unbox(c, b)); err != nil {
			return to, err
		}
	}
	w := c.writer()
	if w != nil && w.encoder.Encode(b) != nil {
		w = nil // it is in the middle of something; a new one says what is wrong
	}
	if w == nil {
		w = new(gobWriter)
		w.encoder = gob.NewEncoder(&w.stream)
		if err := w.encoder.Encode(b); err != nil {
			return to, err
		}
		if !c.apart {
			w.definitions = bytes.Clone(w.stream.Next(lastMessage(w.stream.Bytes())))
		}
	}
	to = append(AppendField(to, w.definitions), w.stream.Bytes()...)
	c.keepWriter(w)
	return to, nil
}

func readGob[T any](c *gobCodec, from []byte, p *T) error {
	n, size := binary.Uvarint(from)
	if size <= 0 || n > uint64(len(from)-size) {
		return ErrNonsense
	}
	from = from[size:]
	r := c.reader(from[:n])
	if r != nil {
		r.stream.Reset(from[n:])
	} else {
		r = &gobReader{definitions: bytes.Clone(from[:n])}
		r.stream.Reset(from)
		r.decoder = gob.NewDecoder(&r.stream)
	}
	var v T
	err := decode(c, r.decoder, &v)
	if err == nil && r.stream.Len() > 0 {
		err = fmt.Errorf("%d bytes too many", r.stream.Len())
	}
	if err != nil {
		return err
	}
	r.stream.Reset(nil)
	if len(from) <= maxBuffer { // a decoder holds its last message
		c.keepReader(r)
	}
	*p = v
	return nil
}

// writer takes a stream that nobody uses, nil if there is none.
func (c *gobCodec) writer() *gobWriter {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.writers)
	if n == 0 {
		return nil
	}
	w := c.writers[n-1]
	c.writers = c.writers[:n-1]
	w.stream.Reset()
	return w
}

func (c *gobCodec) keepWriter(w *gobWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.apart && w.stream.Cap() <= maxBuffer && len(c.writers) < maxIdle {
		c.writers = append(c.writers, w)
	}
}

// reader takes a stream with these definitions that nobody uses, nil if there is none. Several processes may define
// differently: gob numbers types in the order in which a process meets them.
func (c *gobCodec) reader(definitions []byte) *gobReader {
	if len(definitions) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.readers) - 1; i >= 0; i-- {
		if r := c.readers[i]; bytes.Equal(r.definitions, definitions) {
			c.readers = slices.Delete(c.readers, i, i+1)
			return r
		}
	}
	return nil
}

// keepReader keeps a stream in place of the one that was not used for longest.
func (c *gobCodec) keepReader(r *gobReader) {
	if len(r.definitions) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.readers) == maxIdle {
		c.readers = slices.Delete(c.readers, 0, 1)
	}
	c.readers = append(c.readers, r)
}

// hasInterface reports whether a value of a type may hold an interface that gob looks into.
func hasInterface(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || describesItself(t) {
		return false
	}
	seen[t] = true
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

// lastMessage returns where the last message of a piece of a stream begins. Each message has its length before it, as
// package gob says.
func lastMessage(stream []byte) int {
	for at := 0; ; {
		n, size := gobLength(stream[at:])
		next := at + size + n
		if size == 0 || n < 0 || next <= at || next >= len(stream) {
			return at
		}
		at = next
	}
}

// gobLength reads an unsigned number of gob: one byte below 128; otherwise the complement of how many bytes follow, and
// those, the highest first.
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
