package mpi

import "cmp"

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
