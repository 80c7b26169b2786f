package mpi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// conformCollectives is what all ranks do together, for all types.
func conformCollectives() []conformCase {
	cases := []conformCase{
		{name: "nobody leaves a barrier before all have come", ranks: 1, run: conformBarriers, check: conformCheckBarriers},
		{name: "sums of floats are the same bits on all ranks", ranks: 1, run: conformBits},
		{name: "an own operator is applied in the order of the ranks", ranks: 1, run: conformOrder},
	}
	for _, call := range []struct {
		name string
		run  func(conformTyped, *conform)
	}{
		{"Bcast", conformTyped.bcast}, {"Scatter", conformTyped.scatter}, {"Scatterv", conformTyped.scatterv},
		{"Gather", conformTyped.gather}, {"Gatherv", conformTyped.gatherv}, {"Allgather", conformTyped.allgather},
		{"Allgatherv", conformTyped.allgatherv}, {"Alltoall", conformTyped.alltoall}, {"Alltoallv", conformTyped.alltoallv},
		{"Reduce", conformTyped.reduce}, {"Sendrecv", conformTyped.ring},
	} {
		cases = append(cases, conformCase{name: call.name + " of all types", ranks: 1, run: func(k *conform) {
			for _, t := range conformTypes() {
				call.run(t, k)
			}
		}})
	}
	return cases
}

const conformBarrierRounds = 4

func conformBarriers(k *conform) {
	for i := range conformBarrierRounds {
		k.say("before %d", i)
		k.ok(k.c.Barrier())
		k.say("after %d", i)
	}
}

// conformCheckBarriers looks at the log, whose order is that of the calls across all ranks.
func conformCheckBarriers(t *testing.T, n int, said []conformLine) {
	came := map[string]int{}
	for _, l := range said {
		came[l.text]++
		if round, ok := strings.CutPrefix(l.text, "after "); ok && came["before "+round] != n {
			t.Errorf("rank %d left barrier %s when %d of %d ranks had come", l.rank, round, came["before "+round], n)
		}
	}
	for i := range conformBarrierRounds {
		if got := came[fmt.Sprint("after ", i)]; got != n {
			t.Errorf("%d of %d ranks said that they left barrier %d", got, n, i)
		}
	}
}

func conformBits(k *conform) {
	const n = 50
	all := make([][]float64, k.n)
	sum := make([]float64, n)
	for r := range all {
		all[r] = make([]float64, n)
		for i := range all[r] {
			all[r][i] = k.rng.NormFloat64() * math.Pow(10, float64(k.rng.IntN(12)-6))
			sum[i] += all[r][i]
		}
	}
	got, again := make([]float64, n), make([]float64, n)
	k.ok(Allreduce(k.c, all[k.rank], got, Sum))
	k.ok(Allreduce(k.c, all[k.rank], again, Sum))
	for i := range got {
		if math.Abs(got[i]-sum[i]) > 1e-6*math.Max(1, math.Abs(sum[i])) {
			k.wrong("the sum of numbers %d is %v, want %v", i, got[i], sum[i])
		}
		equal(k, "the bits of the same sum, made again", math.Float64bits(again[i]), math.Float64bits(got[i]))
	}
	everywhere := make([]float64, n*k.n)
	k.ok(Allgather(k.c, got, everywhere))
	for i, v := range everywhere {
		equal(k, fmt.Sprintf("the bits of a sum on rank %d", i/n), math.Float64bits(v), math.Float64bits(got[i%n]))
	}
}

// Four numbers of 16 bits are a matrix. Its product is associative and not commutative.
func matrixProduct(a, b uint64) (c uint64) {
	at := func(m uint64, row, col int) uint64 { return m >> (16 * (2*row + col)) & 0xffff }
	for row := range 2 {
		for col := range 2 {
			v := at(a, row, 0)*at(b, 0, col) + at(a, row, 1)*at(b, 1, col)
			c |= v & 0xffff << (16 * (2*row + col))
		}
	}
	return c
}

func conformOrder(k *conform) {
	conformOf[uint64]{
		name: "matrices", random: func(r *rand.Rand) uint64 { return r.Uint64() },
		ops: []conformOp[uint64]{{"own product", OpOf(matrixProduct), matrixProduct, nil}},
	}.reduce(k)
	left := func(a, b Loc[int]) Loc[int] { return Loc[int]{a.Value, b.Index} }
	conformOf[Loc[int]]{
		name: "ends", random: func(r *rand.Rand) Loc[int] { return Loc[int]{r.Int(), r.Int()} },
		ops: []conformOp[Loc[int]]{{"own ends", OpOf(left), left, nil}},
	}.reduce(k)
}

// conformTyped is the collective calls for one type.
type conformTyped interface {
	bcast(k *conform)
	scatter(k *conform)
	scatterv(k *conform)
	gather(k *conform)
	gatherv(k *conform)
	allgather(k *conform)
	allgatherv(k *conform)
	alltoall(k *conform)
	alltoallv(k *conform)
	reduce(k *conform)
	ring(k *conform)
}

// conformOf is a type of elements.
type conformOf[T Element] struct {
	name   string
	random func(*rand.Rand) T
	ops    []conformOp[T]
}

// conformOp is an operator and what it has to do.
type conformOp[T Element] struct {
	name   string
	op     Op[T]
	f      func(a, b T) T
	random func(*rand.Rand) T // nil: that of the type
}

type (
	celsius float64
	seats   uint16
)

func conformTypes() []conformTyped {
	return []conformTyped{
		conformInteger[int]("int"), conformInteger[int8]("int8"), conformInteger[int16]("int16"), conformInteger[int32]("int32"),
		conformInteger[int64]("int64"), conformInteger[uint]("uint"), conformInteger[uint8]("uint8"), conformInteger[uint16]("uint16"),
		conformInteger[uint32]("uint32"), conformInteger[uint64]("uint64"), conformInteger[seats]("seats"),
		conformFloat[float32]("float32"), conformFloat[float64]("float64"), conformFloat[celsius]("celsius"),
		conformComplex[complex64]("complex64"), conformComplex[complex128]("complex128"),
		conformLoc("Loc[int]", locOf[int], MaxLoc[int], larger[int], MinLoc[int], smaller[int]),
		conformLoc("Loc[int32]", locOf[int32], MaxLoc[int32], larger[int32], MinLoc[int32], smaller[int32]),
		conformLoc("Loc[int64]", locOf[int64], MaxLoc[int64], larger[int64], MinLoc[int64], smaller[int64]),
		conformLoc("Loc[float32]", locOf[float32], MaxLoc[float32], larger[float32], MinLoc[float32], smaller[float32]),
		conformLoc("Loc[float64]", locOf[float64], MaxLoc[float64], larger[float64], MinLoc[float64], smaller[float64]),
	}
}

func conformInteger[T Integer](name string) conformTyped {
	logical := func(f func(a, b bool) bool) func(a, b T) T {
		return func(a, b T) T {
			if f(a != 0, b != 0) {
				return 1
			}
			return 0
		}
	}
	few := func(r *rand.Rand) T { return T(r.IntN(3)) }
	return conformOf[T]{name, func(r *rand.Rand) T { return T(r.Uint64()) }, []conformOp[T]{
		{"Sum", Sum[T], func(a, b T) T { return a + b }, nil},
		{"Prod", Prod[T], func(a, b T) T { return a * b }, nil},
		{"Min", Min[T], func(a, b T) T { return min(a, b) }, nil},
		{"Max", Max[T], func(a, b T) T { return max(a, b) }, nil},
		{"Band", Band[T], func(a, b T) T { return a & b }, nil},
		{"Bor", Bor[T], func(a, b T) T { return a | b }, nil},
		{"Land", Land[T], logical(func(a, b bool) bool { return a && b }), few},
		{"Lor", Lor[T], logical(func(a, b bool) bool { return a || b }), few},
	}}
}

// Small whole numbers: their sums and products are exact in whatever order.
func conformFloat[T ~float32 | ~float64](name string) conformTyped {
	factor := func(r *rand.Rand) T { return []T{1, -1, 2, 0.5}[r.IntN(4)] }
	return conformOf[T]{name, func(r *rand.Rand) T { return T(r.IntN(2000)-1000) / 4 }, []conformOp[T]{
		{"Sum", Sum[T], func(a, b T) T { return a + b }, nil},
		{"Prod", Prod[T], func(a, b T) T { return a * b }, factor},
		{"Min", Min[T], func(a, b T) T { return min(a, b) }, nil},
		{"Max", Max[T], func(a, b T) T { return max(a, b) }, nil},
	}}
}

func conformComplex[T ~complex64 | ~complex128](name string) conformTyped {
	factor := func(r *rand.Rand) T { return []T{1, -1, 1i, -1i, 2}[r.IntN(5)] }
	return conformOf[T]{name, func(r *rand.Rand) T { return T(complex(float64(r.IntN(100)), float64(r.IntN(100)-50))) }, []conformOp[T]{
		{"Sum", Sum[T], func(a, b T) T { return a + b }, nil},
		{"Prod", Prod[T], func(a, b T) T { return a * b }, factor},
	}}
}

// conformLoc is few values, so that many are equal and the index decides.
func conformLoc[E Element](name string, of func(v, index int) E, maxLoc Op[E], larger func(a, b E) E, minLoc Op[E], smaller func(a, b E) E) conformTyped {
	return conformOf[E]{name, func(r *rand.Rand) E { return of(r.IntN(5), r.IntN(40)-20) }, []conformOp[E]{
		{"MaxLoc", maxLoc, larger, nil},
		{"MinLoc", minLoc, smaller, nil},
	}}
}

func locOf[T Real](v, index int) Loc[T] { return Loc[T]{T(v), index} }

func larger[T Real](a, b Loc[T]) Loc[T] {
	if b.Value > a.Value || b.Value == a.Value && b.Index < a.Index {
		return b
	}
	return a
}

func smaller[T Real](a, b Loc[T]) Loc[T] {
	if b.Value < a.Value || b.Value == a.Value && b.Index < a.Index {
		return b
	}
	return a
}
