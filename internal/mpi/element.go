package mpi

import (
	"cmp"
	"fmt"
	"reflect"
	"unsafe"
)

// Integer is the types with whole numbers.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Real is the types whose values have an order.
type Real interface{ Integer | ~float32 | ~float64 }

// Number is the types that can be added and multiplied.
type Number interface {
	Real | ~complex64 | ~complex128
}

// Element is what buffers are made of. They travel as they lie in memory, without being encoded.
type Element interface {
	Number | Loc[int] | Loc[int32] | Loc[int64] | Loc[float32] | Loc[float64]
}

// A Loc is a value and where it was found, for [MaxLoc] and [MinLoc]: MPI_DOUBLE_INT and its kin (MPI 4.0 §6.9.4).
type Loc[T Real] struct {
	Value T
	Index int
}

// before orders by value, a smaller index first among equals.
func (l Loc[T]) before(other Loc[T], sign int) bool {
	d := sign * cmp.Compare(l.Value, other.Value)
	return d < 0 || d == 0 && l.Index < other.Index
}

// A datatype is what transports know of the elements of a buffer.
type datatype struct {
	kind reflect.Kind // Struct: a Loc; Invalid: bytes of an encoded value
	size int
}

// encoded is the datatype of a value that was made bytes.
var encoded = datatype{reflect.Invalid, 1}

// typeOf returns the datatype of an element.
func typeOf[T Element]() datatype {
	t := reflect.TypeFor[T]()
	return datatype{t.Kind(), int(t.Size())}
}

func (t datatype) String() string { return describeType(t.word()) }

// word is a number for the type that all ranks agree on.
func (t datatype) word() uint32 { return uint32(t.kind)<<8 | uint32(t.size) }

// describeType is the type for messages of which only word came.
func describeType(word uint32) string {
	switch kind, size := reflect.Kind(word>>8), word&0xff; kind {
	case reflect.Invalid:
		return "value"
	case reflect.Struct:
		return fmt.Sprintf("Loc of %d bytes", size)
	default:
		return kind.String()
	}
}

// raw is a buffer as bytes. It is never nil, which has a meaning of its own for transports.
func raw[T any](s []T) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

// unraw is raw the other way round.
func unraw[T any](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}
