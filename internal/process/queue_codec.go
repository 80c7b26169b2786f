package process

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"sync/atomic"
)

// A recordCodec writes values by encoding/gob so that each can be read alone, by whichever process. A stream of gob defines
// types and then goes on with values; one stream for each value, whose definitions the other end had to compile, took 17 µs
// for a small struct. So a record is
//
//	the length of the definitions, the definitions, the value
//
// and both ends go on with a stream as long as the definitions remain what they are, which takes less than 1 µs. They change when an
// interface holds a value of another type.
//
// Several goroutines may use it.
type recordCodec[T any] struct {
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
		if w.encoder.Encode(box[T]{*v}) != nil || lastMessage(w.stream.Bytes()) != 0 {
			w = nil // it cannot be sent, or needs other definitions
		}
	}
	if w == nil {
		w = new(recordWriter)
		w.encoder = gob.NewEncoder(&w.stream)
		if err := w.encoder.Encode(box[T]{*v}); err != nil {
			return fmt.Errorf("it cannot be sent: %w", err)
		}
		w.definitions = bytes.Clone(w.stream.Next(lastMessage(w.stream.Bytes())))
	}
	w.record = append(binary.AppendUvarint(w.record[:0], uint64(len(w.definitions))), w.definitions...)
	w.record = append(w.record, w.stream.Bytes()...)
	err := send(w.record)
	if cap(w.record) <= 64<<10 {
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
	if r != nil && bytes.Equal(r.definitions, record[:n]) {
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
	c.reader.Store(r)
	*v = b.V
	return nil
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
	if size > len(from) || size > 8 {
		return 0, 0
	}
	for _, b := range from[1:size] {
		n = n<<8 | int(b)
	}
	return n, size
}
