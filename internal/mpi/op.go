package mpi

import "cookbook/internal/mpi/engine"

// An Op combines elements: [Sum], [Prod], [Min], [Max], [Land], [Lor], [Band], [Bor], [MaxLoc], [MinLoc], or what [OpOf]
// makes of a function (MPI 4.0 §6.9.2). Go finds its type: mpi.Reduce(comm, send, recv, mpi.Sum, 0).
type Op[T any] func() operation[T]

// An operation combines two buffers: inout[i] = inout[i] op in[i].
type operation[T any] struct {
	code    engine.OpCode
	combine func(inout, in []T)
}

// operator is the operation for transports, which know bytes.
func (o operation[T]) operator() engine.Operator {
	return engine.Operator{Code: o.code, Combine: func(inout, in []byte) {
		o.combine(engine.Unraw[T](inout), engine.Unraw[T](in))
	}}
}

// Sum adds: MPI_SUM.
func Sum[T Number]() operation[T] {
	return operation[T]{engine.OpSum, func(inout, in []T) {
		for i, v := range in {
			inout[i] += v
		}
	}}
}

// Prod multiplies: MPI_PROD.
func Prod[T Number]() operation[T] {
	return operation[T]{engine.OpProd, func(inout, in []T) {
		for i, v := range in {
			inout[i] *= v
		}
	}}
}

// Min keeps the smaller: MPI_MIN.
func Min[T Real]() operation[T] {
	return operation[T]{engine.OpMin, func(inout, in []T) {
		for i, v := range in {
			inout[i] = min(inout[i], v)
		}
	}}
}

// Max keeps the larger: MPI_MAX.
func Max[T Real]() operation[T] {
	return operation[T]{engine.OpMax, func(inout, in []T) {
		for i, v := range in {
			inout[i] = max(inout[i], v)
		}
	}}
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
	return operation[T]{code, func(inout, in []T) {
		for i, v := range in {
			yes := f(inout[i], v)
			inout[i] = 0
			if yes {
				inout[i] = 1
			}
		}
	}}
}

// Band keeps the bits that both have: MPI_BAND.
func Band[T Integer]() operation[T] {
	return operation[T]{engine.OpBand, func(inout, in []T) {
		for i, v := range in {
			inout[i] &= v
		}
	}}
}

// Bor keeps the bits that one has: MPI_BOR.
func Bor[T Integer]() operation[T] {
	return operation[T]{engine.OpBor, func(inout, in []T) {
		for i, v := range in {
			inout[i] |= v
		}
	}}
}

// MaxLoc keeps the larger value and where it is, the smallest index among equals: MPI_MAXLOC.
func MaxLoc[T Real]() operation[Loc[T]] { return extreme[T](engine.OpMaxLoc, -1) }

// MinLoc keeps the smaller value and where it is, the smallest index among equals: MPI_MINLOC.
func MinLoc[T Real]() operation[Loc[T]] { return extreme[T](engine.OpMinLoc, 1) }

func extreme[T Real](code engine.OpCode, sign int) operation[Loc[T]] {
	return operation[Loc[T]]{code, func(inout, in []Loc[T]) {
		for i, v := range in {
			if v.before(inout[i], sign) {
				inout[i] = v
			}
		}
	}}
}

// OpOf makes an operator of a function, which must be associative and need not be commutative: it is applied in the order of
// the ranks, a being what the lower ones came to. All ranks must give the same function. MPI_Op_create.
func OpOf[T Element](f func(a, b T) T) Op[T] {
	return func() operation[T] {
		return operation[T]{engine.OpOwn, func(inout, in []T) {
			for i, v := range in {
				inout[i] = f(inout[i], v)
			}
		}}
	}
}
