package remote

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"reflect"

	"cookbook/internal/wire"
)

const (
	// MaxMessage is how many bytes a message may take, in either direction.
	MaxMessage = 4 << 20
	// MaxDepth is how deep the tuples of a message, or what is copied, may be nested.
	MaxDepth = 100
)

// A Tuple is Python's tuple: it travels by value, item by item.
type Tuple []any

// What travels by reference is one of these two on the way.
type (
	// mine is an object of the side that sends it.
	mine struct {
		id   uint64
		kind string // the name of its type
	}
	// yours is an object of the side that receives it.
	yours uint64
)

// dict is what a copy of a dict is on the way: key, value, key, value …
type dict []any

// The tags, before each value.
const (
	tagNil byte = iota
	tagFalse
	tagTrue
	tagInt   // a varint
	tagBig   // a sign and a field
	tagFloat // eight bytes
	tagString
	tagBytes
	tagTuple // a count and the items, as tagList and tagDict
	tagList
	tagDict
	tagMine
	tagYours
)

// appendValue appends a value. Nothing is appended that would make more than [MaxMessage] bytes.
func appendValue(to []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return to, ErrTooDeep
	}
	if len(to) > MaxMessage {
		return to, ErrTooLarge
	}
	switch v := v.(type) {
	case nil:
		return append(to, tagNil), nil
	case bool:
		if v {
			return append(to, tagTrue), nil
		}
		return append(to, tagFalse), nil
	case int:
		return binary.AppendVarint(append(to, tagInt), int64(v)), nil
	case float64:
		return binary.LittleEndian.AppendUint64(append(to, tagFloat), math.Float64bits(v)), nil
	case string:
		return appendText(to, tagString, v)
	case []byte:
		return appendText(to, tagBytes, v)
	case *big.Int:
		if v == nil {
			return to, fmt.Errorf("a nil *big.Int %w", ErrNoTravel)
		}
		if v.BitLen()/8 > MaxMessage {
			return to, ErrTooLarge
		}
		return appendText(append(to, tagBig), byte(v.Sign()+1), v.Bytes())
	case Tuple:
		return appendItems(to, tagTuple, v, depth)
	case []any:
		return appendItems(to, tagList, v, depth)
	case dict:
		return appendItems(to, tagDict, v, depth)
	case mine:
		return wire.AppendField(binary.AppendUvarint(append(to, tagMine), v.id), v.kind), nil
	case yours:
		return binary.AppendUvarint(append(to, tagYours), uint64(v)), nil
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return binary.AppendVarint(append(to, tagInt), r.Int()), nil
	case r.CanUint():
		return appendValue(to, new(big.Int).SetUint64(r.Uint()), depth)
	case r.CanFloat():
		return appendValue(to, r.Float(), depth)
	}
	return to, fmt.Errorf("a %T %w", v, ErrNoTravel)
}

func appendText[F string | []byte](to []byte, tag byte, text F) ([]byte, error) {
	if len(to)+len(text) > MaxMessage {
		return to, ErrTooLarge
	}
	return wire.AppendField(append(to, tag), text), nil
}

func appendItems(to []byte, tag byte, items []any, depth int) ([]byte, error) {
	if len(to)+len(items) > MaxMessage { // each item takes a byte at least
		return to, ErrTooLarge
	}
	to = binary.AppendUvarint(append(to, tag), uint64(len(items)))
	for _, item := range items {
		var err error
		if to, err = appendValue(to, item, depth+1); err != nil {
			return to, err
		}
	}
	return to, nil
}

// cutValues reads all values that there are. The error wraps [ErrNonsense] if from is not that.
func cutValues(from []byte) (values []any, err error) {
	for len(from) > 0 {
		var v any
		if v, from, err = cutValue(from, 0); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// cutValue reads the value at the front and returns what lies behind it. It takes memory for what is there, not for what is
// announced. Whole numbers come as int, or as *big.Int where an int has no room.
func cutValue(from []byte, depth int) (v any, rest []byte, err error) {
	if len(from) == 0 || depth > MaxDepth {
		return nil, nil, ErrNonsense
	}
	tag, from := from[0], from[1:]
	switch tag {
	case tagNil:
		return nil, from, nil
	case tagFalse, tagTrue:
		return tag == tagTrue, from, nil
	case tagInt:
		n, size := binary.Varint(from)
		if size <= 0 {
			return nil, nil, ErrNonsense
		}
		if int64(int(n)) != n {
			return big.NewInt(n), from[size:], nil
		}
		return int(n), from[size:], nil
	case tagFloat:
		if len(from) < 8 {
			return nil, nil, ErrNonsense
		}
		return math.Float64frombits(binary.LittleEndian.Uint64(from)), from[8:], nil
	case tagBig:
		return cutBig(from)
	case tagString:
		text, rest, err := wire.CutField[string](from)
		return text, rest, nonsense(err)
	case tagBytes:
		text, rest, err := wire.CutField[[]byte](from)
		return append([]byte{}, text...), rest, nonsense(err)
	case tagTuple, tagList, tagDict:
		return cutItems(tag, from, depth)
	case tagMine, tagYours:
		id, size := binary.Uvarint(from)
		if size <= 0 {
			return nil, nil, ErrNonsense
		}
		if tag == tagYours {
			return yours(id), from[size:], nil
		}
		kind, rest, err := wire.CutField[string](from[size:])
		return mine{id, kind}, rest, nonsense(err)
	}
	return nil, nil, ErrNonsense
}

// nonsense is [ErrNonsense] in place of any other error.
func nonsense(err error) error {
	if err != nil {
		return ErrNonsense
	}
	return nil
}

func cutBig(from []byte) (v any, rest []byte, err error) {
	if len(from) == 0 || from[0] > 2 {
		return nil, nil, ErrNonsense
	}
	digits, rest, err := wire.CutField[[]byte](from[1:])
	if err != nil {
		return nil, nil, ErrNonsense
	}
	n := new(big.Int).SetBytes(digits)
	if from[0] == 0 {
		n.Neg(n)
	}
	if n.IsInt64() && int64(int(n.Int64())) == n.Int64() {
		return int(n.Int64()), rest, nil
	}
	return n, rest, nil
}

func cutItems(tag byte, from []byte, depth int) (v any, rest []byte, err error) {
	count, size := binary.Uvarint(from)
	if size <= 0 || count > uint64(len(from)-size) || tag == tagDict && count%2 != 0 {
		return nil, nil, ErrNonsense
	}
	from = from[size:]
	items := make([]any, 0, min(count, 16)) // and no more before they are there: each could announce as many
	for range count {
		var item any
		if item, from, err = cutValue(from, depth+1); err != nil {
			return nil, nil, err
		}
		items = append(items, item)
	}
	switch tag {
	case tagTuple:
		return Tuple(items), from, nil
	case tagDict:
		return dict(items), from, nil
	}
	return items, from, nil
}

// As is for results whose type is known, as in
//
//	n, err := remote.As[int](c.Eval(ctx, "len(words)"))
//
// The error wraps [ErrType] if the value is not a T. It has no part in the call itself.
func As[T any](v any, err error) (T, error) {
	t, ok := v.(T)
	if err == nil && !ok {
		err = fmt.Errorf("want %v, got %T: it %w", reflect.TypeFor[T](), v, ErrType)
	}
	return t, err
}
