package mpi

import (
	"fmt"
	"reflect"
	"strings"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/wire"
)

// A value in a message is the name of its type, behind a byte with the name's length, and the value as package wire writes
// it. It can be read alone: messages of different tags are received in any order.

// maxTyping is how long the name of a type can be in a message.
const maxTyping = 255

func encode[T any](c *Comm, op engine.Call, v T) ([]byte, error) {
	t := reflect.TypeFor[T]()
	name := typing(t)
	b := make([]byte, 0, 2+len(name)+int(t.Size()))
	b, err := wire.Append(append(append(b, byte(len(name))), name...), &v)
	if err != nil {
		return nil, c.errorf(op, ErrType, "a %s cannot be sent: %v", t, err)
	}
	return b, nil
}

func decode[T any](c *Comm, op engine.Call, b []byte) (v T, err error) {
	if len(b) == 0 || len(b) < 2+int(b[0]) {
		return v, c.errorf(op, ErrType, "what came is not a value; its sender could not send it, or used another call")
	}
	end := 1 + int(b[0])
	if name := typing(reflect.TypeFor[T]()); string(b[1:end]) != name {
		return v, c.errorf(op, ErrType, "what came is a %s, and a %s was asked for", b[1:end], name)
	}
	if err := wire.Read(b[end:], &v); err != nil {
		return *new(T), c.errorf(op, ErrType, "what came as a %s cannot be read: %v", reflect.TypeFor[T](), err)
	}
	return v, nil
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
