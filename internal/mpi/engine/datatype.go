package engine

import (
	"fmt"
	"reflect"
	"unsafe"
)

// A Datatype is what transports know of the elements of a buffer.
type Datatype struct {
	Kind reflect.Kind // Struct: a Loc; Invalid: bytes of an encoded value
	Size int
}

// Encoded is the datatype of a value that was made bytes.
var Encoded = Datatype{reflect.Invalid, 1}

// TypeOf returns the datatype of elements of type T.
func TypeOf[T any]() Datatype {
	t := reflect.TypeFor[T]()
	return Datatype{t.Kind(), int(t.Size())}
}

func (t Datatype) String() string { return DescribeType(t.Word()) }

// Word is a number for the type that all ranks agree on.
func (t Datatype) Word() uint32 { return uint32(t.Kind)<<8 | uint32(t.Size) }

// DescribeType names the type of a message of which only the word came.
func DescribeType(word uint32) string {
	switch kind, size := reflect.Kind(word>>8), word&0xff; kind {
	case reflect.Invalid:
		return "value"
	case reflect.Struct:
		return fmt.Sprintf("Loc of %d bytes", size)
	default:
		return kind.String()
	}
}

// Raw is a buffer as bytes. It is never nil: to Recv and Irecv nil says that the buffer is to be made.
func Raw[T any](s []T) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

// Overlap reports whether two buffers have bytes in common.
func Overlap(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	first, second := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return first < second+uintptr(len(b)) && second < first+uintptr(len(a))
}

// Unraw is Raw the other way round: bytes as a buffer.
func Unraw[T any](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}
