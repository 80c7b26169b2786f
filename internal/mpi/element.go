package mpi

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

// before reports whether l is kept rather than other: because it is NaN, its value wins, or its index is smaller among equals.
func (l Loc[T]) before(other Loc[T], wins func(a, b T) bool) bool {
	nan, otherNaN := l.Value != l.Value, other.Value != other.Value
	switch {
	case nan != otherNaN:
		return nan
	case nan || l.Value == other.Value:
		return l.Index < other.Index
	}
	return wins(l.Value, other.Value)
}
