package process

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
)

// A codec turns values into bytes and back, at one end of a worker's pipes. It is for one goroutine at a time.
//
// A value is a byte that says how it is written, and what follows. Numbers, bools, strings and slices of them are written as
// they are. The others are written by encoding/gob, all of one direction as one stream, because a stream describes a type once:
// a small struct written and read took 0.6 µs so, and 11 µs where each value was a stream of its own (BenchmarkCodec). If
// one end stumbles, the next value begins a new stream.
type codec struct {
	written bytes.Buffer
	encoder *gob.Encoder // nil: the next value begins a stream
	unread  bytes.Reader
	decoder *gob.Decoder // nil: only a value that begins a stream can be read
}

// How a value is written.
const (
	asItIs    = 'r'
	gobBegins = 'G'
	gobGoesOn = 'g'
)

var errCutShort = errors.New("its length is not that of its type")

// A box carries a value by gob, which takes inside a struct what it refuses alone: a nil pointer, a nil interface.
type box[T any] struct{ V T }

// appendValue appends the value that p points to. If what it returns is not sent, c.restart must be called.
func appendValue[T any](c *codec, to []byte, p *T) ([]byte, error) {
	if filled, ok := appendAsItIs(to, p); ok {
		return filled, nil
	}
	how := byte(gobGoesOn)
	if c.encoder == nil {
		c.encoder, how = gob.NewEncoder(&c.written), gobBegins
	}
	c.written.Reset()
	if err := c.encoder.Encode(box[T]{*p}); err != nil {
		c.restart()
		return to, err
	}
	return append(append(to, how), c.written.Bytes()...), nil
}

// restart makes the next value begin a new stream: the other end has not read this one to its end.
func (c *codec) restart() { c.encoder = nil }

// readValue reads a value that appendValue wrote, and nothing else, into the one that p points to.
func readValue[T any](c *codec, from []byte, p *T) error {
	if len(from) == 0 {
		return errors.New("there is no value")
	}
	how, from := from[0], from[1:]
	if how == asItIs {
		return readAsItIs(from, p)
	}
	switch {
	case how == gobBegins:
		c.decoder = gob.NewDecoder(&c.unread)
	case how != gobGoesOn:
		return fmt.Errorf("%q says of no value how it is written", how)
	case c.decoder == nil:
		return errors.New("its stream has not begun")
	}
	c.unread.Reset(from)
	var b box[T]
	err := c.decoder.Decode(&b)
	if err == nil && c.unread.Len() > 0 {
		err = fmt.Errorf("%d bytes too many", c.unread.Len())
	}
	if err != nil {
		c.decoder = nil
		return err
	}
	*p = b.V
	return nil
}

// appendAsItIs appends the value that p points to, if it is of a type that needs no description.
func appendAsItIs(to []byte, p any) ([]byte, bool) {
	switch p := p.(type) {
	case *struct{}:
		return append(to, asItIs), true
	case *string:
		return append(append(to, asItIs), *p...), true
	case *[]byte:
		return append(append(to, asItIs), *p...), true
	case *int:
		return binary.LittleEndian.AppendUint64(append(to, asItIs), uint64(*p)), true
	case *uint:
		return binary.LittleEndian.AppendUint64(append(to, asItIs), uint64(*p)), true
	case *bool, *int8, *int16, *int32, *int64, *uint8, *uint16, *uint32, *uint64, *float32, *float64:
		to, err := binary.Append(append(to, asItIs), binary.LittleEndian, p)
		return to, err == nil
	}
	return appendSliceAsItIs(to, p)
}

func readAsItIs(from []byte, p any) error {
	switch p := p.(type) {
	case *struct{}:
		if len(from) != 0 {
			return errCutShort
		}
	case *string:
		*p = string(from)
	case *[]byte:
		*p = bytes.Clone(from)
	case *int:
		if len(from) != 8 {
			return errCutShort
		}
		n := binary.LittleEndian.Uint64(from)
		if *p = int(n); uint64(*p) != n {
			return fmt.Errorf("%d is no int here", int64(n))
		}
	case *uint:
		if len(from) != 8 {
			return errCutShort
		}
		n := binary.LittleEndian.Uint64(from)
		if *p = uint(n); uint64(*p) != n {
			return fmt.Errorf("%d is no uint here", n)
		}
	case *bool, *int8, *int16, *int32, *int64, *uint8, *uint16, *uint32, *uint64, *float32, *float64:
		if len(from) != binary.Size(p) {
			return errCutShort
		}
		_, err := binary.Decode(from, binary.LittleEndian, p)
		return err
	default:
		return readSliceAsItIs(from, p)
	}
	return nil
}
