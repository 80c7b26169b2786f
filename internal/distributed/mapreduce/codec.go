package mapreduce

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"cookbook/internal/wire"
)

// ErrMalformed is a message that no mapper or reducer of this program has written.
var ErrMalformed = errors.New("not a message of a MapReduce job")

// ErrValueTooLarge is a key and its value that do not fit into one message.
var ErrValueTooLarge = errors.New("a key with its value is larger than a message of the engine may be; emit smaller values, or combine them")

// encode writes keys and their values as messages of at most limit bytes each; nothing gives no message. A message is the
// number of keys, each key with its length before it, and the values as package wire writes a slice.
func encode[A any](keys [][]byte, values []A, limit int) (messages [][]byte, err error) {
	var zero A
	each := max(int(unsafe.Sizeof(zero)), 8) + 2
	for from := 0; from < len(keys); {
		to, size := from, 0
		for to < len(keys) && (to == from || size+len(keys[to])+each <= limit-limit/8) {
			size += len(keys[to]) + each
			to++
		}
		if messages, err = encodeSome(messages, keys[from:to], values[from:to], size, limit); err != nil {
			return nil, err
		}
		from = to
	}
	return messages, nil
}

// encodeSome writes one message, or several if one is too large.
func encodeSome[A any](messages [][]byte, keys [][]byte, values []A, size, limit int) ([][]byte, error) {
	buf := binary.AppendUvarint(make([]byte, 0, size+16), uint64(len(keys)))
	for _, key := range keys {
		buf = wire.AppendField(buf, key)
	}
	buf, err := wire.AppendSlice(buf, values)
	switch half := len(keys) / 2; {
	case err != nil:
		return nil, fmt.Errorf("write the values of the keys from %.40q: %w", keys[0], err)
	case len(buf) <= limit:
		return append(messages, buf), nil
	case half == 0:
		return nil, fmt.Errorf("key %.40q, %d bytes: %w", keys[0], len(buf), ErrValueTooLarge)
	default:
		if messages, err = encodeSome(messages, keys[:half], values[:half], size/2, limit); err != nil {
			return nil, err
		}
		return encodeSome(messages, keys[half:], values[half:], size/2, limit)
	}
}

// decode reads what encode has written. The keys lie in the message's memory.
func decode[A any](message []byte) (keys [][]byte, values []A, err error) {
	n, size := binary.Uvarint(message)
	if size <= 0 || n == 0 || n > uint64(len(message)) {
		return nil, nil, fmt.Errorf("a part of %d bytes: %w", len(message), ErrMalformed)
	}
	keys, rest := make([][]byte, n), message[size:]
	for i := range keys {
		if keys[i], rest, err = wire.CutField[[]byte](rest); err != nil {
			return nil, nil, fmt.Errorf("key %d of %d: %w: %w", i, n, ErrMalformed, err)
		}
	}
	if err := wire.ReadSlice(rest, &values); err != nil {
		return nil, nil, fmt.Errorf("the values of %d keys: %w: %w", n, ErrMalformed, err)
	}
	if len(values) != len(keys) {
		return nil, nil, fmt.Errorf("%d values of %d keys: %w", len(values), n, ErrMalformed)
	}
	return keys, values, nil
}
