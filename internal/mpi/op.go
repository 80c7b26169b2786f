package mpi

import (
	"reflect"

	"gonum.org/v1/gonum/blas/blas32"
	gonum "gonum.org/v1/gonum/floats"

	"cookbook/internal/mpi/engine"
)

// An Op combines elements: [Sum], [Prod], [Min], [Max], [Land], [Lor], [Band], [Bor], [MaxLoc], [MinLoc], or what [OpOf]
// makes of a function (MPI 4.0 §6.9.2). Go finds its type: mpi.Reduce(comm, send, recv, mpi.Sum, 0).
//
// [Reduce], [Allreduce] and [Scan] apply it in the order of the ranks, to each element alone: ((a0 op a1) op a2) and so on, where
// a0 is what rank 0 sends. So the bits of a result, also where it was rounded, are the same in these calls, on all ranks, for
// buffers of any length, and on every engine whose processors calculate alike. Another number of ranks may give other bits. With
// one rank the result is what it sends.
type Op[T any] func() operation[T]

// An operation combines two buffers of Ts: inout[i] = inout[i] op in[i].
type operation[T any] engine.Operator

// operationOf makes an operation, for transports that know bytes.
func operationOf[T any](code engine.OpCode, combine func(inout, in []T)) operation[T] {
	return operation[T]{Code: code, Combine: func(inout, in []byte) {
		combine(engine.Unraw[T](inout), engine.Unraw[T](in))
	}}
}

// Sum adds as + does in Go: MPI_SUM. Sums of integers run round.
func Sum[T Number]() operation[T] {
	switch reflect.TypeFor[T]().Kind() { // those that vector instructions add, with a part after the other
	case reflect.Float64, reflect.Complex128:
		return operation[T]{Code: engine.OpSum, Combine: addFloat64s}
	case reflect.Float32, reflect.Complex64:
		return operation[T]{Code: engine.OpSum, Combine: addFloat32s}
	}
	return operationOf(engine.OpSum, func(inout, in []T) {
		inout = inout[:len(in)] // so that no index has to be checked
		for i, v := range in {
			inout[i] += v
		}
	})
}

func addFloat64s(inout, in []byte) {
	gonum.Add(engine.Unraw[float64](inout), engine.Unraw[float64](in))
}

func addFloat32s(inout, in []byte) {
	if n := len(in) / 4; n > 0 {
		x, y := engine.Unraw[float32](in), engine.Unraw[float32](inout)
		blas32.Axpy(1, blas32.Vector{N: n, Data: x, Inc: 1}, blas32.Vector{N: n, Data: y, Inc: 1})
	}
}

// Prod multiplies as * does in Go: MPI_PROD. Products of integers run round. Those of complex numbers follow the formula, also
// where a part is infinite: (Inf+Inf·i) · 1 is NaN+NaN·i, where C has Inf+Inf·i. Those of complex64 are rounded as Go does it.
func Prod[T Number]() operation[T] {
	return operationOf(engine.OpProd, func(inout, in []T) {
		inout = inout[:len(in)]
		for i, v := range in {
			inout[i] *= v
		}
	})
}

// Min keeps the smaller as min does in Go: MPI_MIN. It is NaN where one of the two is, and −0 is smaller than 0.
func Min[T Real]() operation[T] {
	return operationOf(engine.OpMin, func(inout, in []T) {
		inout = inout[:len(in)]
		for i, v := range in {
			inout[i] = min(inout[i], v)
		}
	})
}

// Max keeps the larger as max does in Go: MPI_MAX. It is NaN where one of the two is, and 0 is larger than −0.
func Max[T Real]() operation[T] {
	return operationOf(engine.OpMax, func(inout, in []T) {
		inout = inout[:len(in)]
		for i, v := range in {
			inout[i] = max(inout[i], v)
		}
	})
}

// Land is 1 where both are not 0, and 0 elsewhere: MPI_LAND.
func Land[T Integer]() operation[T] {
	return logical(engine.OpLand, func(a, b T) bool { return a != 0 && b != 0 })
}

// Lor is 1 where one is not 0, and 0 elsewhere: MPI_LOR.
func Lor[T Integer]() operation[T] {
	return logical(engine.OpLor, func(a, b T) bool { return a != 0 || b != 0 })
}

func logical[T Integer](code engine.OpCode, f func(a, b T) bool) operation[T] {
	return operationOf(code, func(inout, in []T) {
		for i, v := range in {
			yes := f(inout[i], v)
			inout[i] = 0
			if yes {
				inout[i] = 1
			}
		}
	})
}

// Band keeps the bits that both have: MPI_BAND.
func Band[T Integer]() operation[T] {
	return operationOf(engine.OpBand, func(inout, in []T) {
		inout = inout[:len(in)]
		for i, v := range in {
			inout[i] &= v
		}
	})
}

// Bor keeps the bits that one has: MPI_BOR.
func Bor[T Integer]() operation[T] {
	return operationOf(engine.OpBor, func(inout, in []T) {
		inout = inout[:len(in)]
		for i, v := range in {
			inout[i] |= v
		}
	})
}

// MaxLoc keeps the larger value and where it is, the smallest index among equals: MPI_MAXLOC. A NaN is kept before all numbers,
// that of the smallest index. −0 and 0 are equal.
func MaxLoc[T Real]() operation[Loc[T]] {
	return extreme(engine.OpMaxLoc, func(a, b T) bool { return a > b })
}

// MinLoc keeps the smaller value and where it is, the smallest index among equals: MPI_MINLOC. A NaN is kept before all numbers,
// that of the smallest index. −0 and 0 are equal.
func MinLoc[T Real]() operation[Loc[T]] {
	return extreme(engine.OpMinLoc, func(a, b T) bool { return a < b })
}

func extreme[T Real](code engine.OpCode, wins func(a, b T) bool) operation[Loc[T]] {
	return operationOf(code, func(inout, in []Loc[T]) {
		for i, v := range in {
			if v.before(inout[i], wins) {
				inout[i] = v
			}
		}
	})
}

// OpOf makes an operator of a function, which need not be commutative: it is applied in the order of the ranks, a being what the
// lower ones came to. It is called on any of the ranks, for some of the elements, in any order of these. All ranks must give the
// same function. MPI_Op_create.
func OpOf[T Element](f func(a, b T) T) Op[T] {
	return func() operation[T] {
		return operationOf(engine.OpOwn, func(inout, in []T) {
			for i, v := range in {
				inout[i] = f(inout[i], v)
			}
		})
	}
}
