package wire

import "encoding/binary"

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

// CutFields reads all that [AppendFields] wrote, as [CutField] does.
func CutFields[F string | []byte](from []byte) (fields []F, err error) {
	for len(from) > 0 {
		var f F
		if f, from, err = CutField[F](from); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	return fields, nil
}
