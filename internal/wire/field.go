package wire

import (
	"encoding/binary"
	"fmt"
)

// AppendField appends a field: bytes with their length before them.
func AppendField[F string | []byte](to []byte, field F) []byte {
	return append(binary.AppendUvarint(to, uint64(len(field))), field...)
}

// CutField reads the field at the front, and returns what lies behind it. A []byte shares the memory of from. The error is
// [ErrNonsense] if there is no whole field.
func CutField[F string | []byte](from []byte) (field F, rest []byte, err error) {
	n, size := binary.Uvarint(from)
	if size <= 0 || n > uint64(len(from)-size) {
		return field, nil, ErrNonsense
	}
	end := size + int(n)
	return F(from[size:end:end]), from[end:], nil
}

// AppendFields appends one field after another.
func AppendFields[F string | []byte](to []byte, fields ...F) []byte {
	for _, f := range fields {
		to = AppendField(to, f)
	}
	return to
}

// MaxFields is how many fields there can be one after another. Each takes 16 bytes in memory and perhaps only one on the way.
const MaxFields = 8 << 20

// FitFields returns an error that wraps [ErrTooLarge] if fields do not fit a frame of bound bytes, or are too many.
func FitFields[F string | []byte](bound int, fields ...F) error {
	size := 0
	for _, f := range fields {
		if size += 1 + len(f); size > bound {
			return fmt.Errorf("more than %d bytes: %w", bound, ErrTooLarge)
		}
	}
	if len(fields) > MaxFields {
		return fmt.Errorf("%d items: %w", len(fields), ErrTooLarge)
	}
	return nil
}

// CutFields reads all that [AppendFields] wrote, as [CutField] does. It takes no memory for fields that are not there, and the
// error is [ErrNonsense] if there are more than [MaxFields].
func CutFields[F string | []byte](from []byte) (fields []F, err error) {
	n := 0
	for rest := from; len(rest) > 0; n++ {
		if _, rest, err = CutField[[]byte](rest); err != nil || n == MaxFields {
			return nil, ErrNonsense
		}
	}
	if n > 0 {
		fields = make([]F, n)
	}
	for i := range fields {
		fields[i], from, _ = CutField[F](from)
	}
	return fields, nil
}
