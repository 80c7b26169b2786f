package mpi

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"

	"cookbook/internal/mpi/engine"
)

// What every engine has to combine to the same bits.

const conformRounding = "a result has the bits of the order of the ranks"

var conformReductions = []conformCase{
	{name: conformRounding, ranks: 1, run: func(k *conform) {
		wide := func(r *rand.Rand) float64 { return r.NormFloat64() * []float64{1e-20, 1e-3, 1, 1e4, 1e17}[r.IntN(5)] }
		conformRounded(k, 100_000, wide, Sum[float64])
		for _, n := range []int{1, 2, 7, 130, 1000, 6000} {
			conformRounded(k, n, wide, Sum[float64], Prod[float64])
			conformRounded(k, n, func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }, Sum[float32], Prod[float32])
			conformRounded(k, n, func(r *rand.Rand) complex128 { return complex(r.NormFloat64(), r.NormFloat64()*1e9) }, Sum[complex128], Prod[complex128])
			conformRounded(k, n, func(r *rand.Rand) complex64 {
				return complex(float32(1+r.NormFloat64()/4096), float32(r.NormFloat64()/8192))
			}, Sum[complex64], Prod[complex64])
			conformRounded(k, n, func(r *rand.Rand) celsius { return celsius(r.ExpFloat64()) }, OpOf(func(a, b celsius) celsius { return a/2 + b }))
		}
	}},
	{name: "numbers that cancel each other out", ranks: 4, run: func(k *conform) {
		terms := []float64{1e16, 1, -1e16, 1}
		for _, n := range []int{1, 2, 7, 1000, 100_000} {
			send, recv := make([]float64, n), make([]float64, n)
			if k.rank < len(terms) {
				for i := range send {
					send[i] = terms[k.rank]
				}
			}
			one := func(call string, want float64) {
				for i, v := range recv {
					if v != want {
						k.wrong("%s: element %d of %d is %v, want %v", call, i, n, v, want)
						return
					}
				}
			}
			k.ok(Allreduce(k.c, send, recv, Sum))
			one("Allreduce", 1)
			k.ok(Scan(k.c, send, recv, Sum))
			one("Scan", []float64{1e16, 1e16, 0, 1}[min(k.rank, 3)])
			root := k.root()
			k.ok(Reduce(k.c, send, recv, Sum, root))
			if k.rank == root {
				one("Reduce", 1)
			}
		}
	}},
	{name: "what is no number, no sum and no sign", ranks: 1, run: func(k *conform) {
		odd := func(r *rand.Rand) float64 {
			return []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 1, -1, math.MaxFloat64}[r.IntN(8)]
		}
		for _, n := range []int{1, 11, 130, 3000} {
			conformRounded(k, n, odd, Max[float64], Min[float64], Sum[float64], Prod[float64])
			conformRounded(k, n, func(r *rand.Rand) float32 { return float32(odd(r)) }, Max[float32], Min[float32], Sum[float32], Prod[float32])
			conformRounded(k, n, func(r *rand.Rand) complex128 { return complex(odd(r), odd(r)) }, Sum[complex128], Prod[complex128])
			conformRounded(k, n, func(r *rand.Rand) complex64 { return complex64(complex(odd(r), odd(r))) }, Sum[complex64], Prod[complex64])
			conformRounded(k, n, func(r *rand.Rand) Loc[float64] { return Loc[float64]{odd(r), r.IntN(5)} }, MaxLoc[float64], MinLoc[float64])
			conformRounded(k, n, func(r *rand.Rand) Loc[float32] { return Loc[float32]{float32(odd(r)), r.IntN(5)} }, MaxLoc[float32], MinLoc[float32])
		}
	}},
	{name: "one NaN makes the largest and the smallest NaN", ranks: 1, run: func(k *conform) {
		for bad := range k.n {
			const n = 11
			send, recv := make([]float64, n), make([]float64, n)
			places, found := make([]Loc[float64], n), make([]Loc[float64], n)
			for i := range send {
				send[i] = float64(k.rank + 1)
				if k.rank == bad {
					send[i] = math.NaN()
				}
				places[i] = Loc[float64]{send[i], k.rank}
			}
			for _, op := range []Op[float64]{Max[float64], Min[float64]} {
				k.ok(Allreduce(k.c, send, recv, op))
				equal(k, "whether each element is NaN", !slices.ContainsFunc(recv, func(v float64) bool { return v == v }), true)
			}
			for _, op := range []Op[Loc[float64]]{MaxLoc[float64], MinLoc[float64]} {
				k.ok(Allreduce(k.c, places, found, op))
				for _, l := range found {
					equal(k, "whether the element found is NaN", l.Value != l.Value, true)
					equal(k, "where the NaN is", l.Index, bad)
				}
			}
		}
		negative := []float64{0}
		if k.rank == k.n-1 {
			negative[0] = math.Copysign(0, -1)
		}
		k.ok(Allreduce(k.c, negative, negative, Min))
		equal(k, "whether the smaller zero is the negative one", math.Signbit(negative[0]), true)
	}},
	{name: "what is received may lie over what is sent", ranks: 1, run: conformOverlaps},
}

// conformRounded calls Reduce, Allreduce and Scan with some operators, and compares each bit with what the operators make of
// the buffers in the order of the ranks.
func conformRounded[T Element](k *conform, n int, random func(*rand.Rand) T, ops ...Op[T]) {
	all := make([][]T, k.n)
	for r := range all {
		all[r] = conformSlice(n, func() T { return random(k.rng) })
	}
	for i, op := range ops {
		combine := op().Combine
		sum := slices.Clone(all[0])
		var mine []T // up to this rank
		for r := range k.n {
			if r > 0 {
				combine(engine.Raw(sum), engine.Raw(all[r]))
			}
			if r == k.rank {
				mine = slices.Clone(sum)
			}
		}
		padded := engine.TypeOf[T]().Kind == reflect.Struct // a Loc may have bytes that mean nothing
		bits := func(call string, got, want []T) {
			for j := range got {
				a, b := got[j:j+1], want[j:j+1]
				if !bytes.Equal(engine.Raw(a), engine.Raw(b)) && !(padded && fmt.Sprint(a) == fmt.Sprint(b)) {
					k.wrong("%s by operator %d: element %d of %d %T is %v, want %v", call, i, j, n, got[j], got[j], want[j])
					return
				}
			}
		}
		recv, root := make([]T, n), k.root()
		k.ok(Allreduce(k.c, all[k.rank], recv, op))
		bits("Allreduce", recv, sum)
		k.ok(Scan(k.c, all[k.rank], recv, op))
		bits("Scan", recv, mine)
		k.ok(Reduce(k.c, all[k.rank], recv, op, root))
		if k.rank == root {
			bits("Reduce", recv, sum)
		}
	}
}

// conformOverlaps makes calls whose buffers are parts of one slice, and compares with the same calls of buffers apart.
func conformOverlaps(k *conform) {
	me, n := k.rank, k.n
	even := func(each int) []int { return slices.Repeat([]int{each}, n) }
	for _, each := range []int{1, 3, 200, 2500} {
		calls := []struct {
			name       string
			send, recv int // lengths
			f          func(send, recv []float64) error
		}{
			{"Reduce", each, each, func(s, r []float64) error { return Reduce(k.c, s, r, Sum, n-1) }},
			{"Allreduce", each, each, func(s, r []float64) error { return Allreduce(k.c, s, r, Sum) }},
			{"Scan", each, each, func(s, r []float64) error { return Scan(k.c, s, r, Prod) }},
			{"Allreduce by an own operator", each, each, func(s, r []float64) error {
				return Allreduce(k.c, s, r, OpOf(func(a, b float64) float64 { return a - b }))
			}},
			{"Gather", each, each * n, func(s, r []float64) error { return Gather(k.c, s, r, 0) }},
			{"Gatherv", each, each * n, func(s, r []float64) error { return Gatherv(k.c, s, r, even(each), nil, 0) }},
			{"Scatter", each * n, each, func(s, r []float64) error { return Scatter(k.c, s, r, 0) }},
			{"Scatterv", each * n, each, func(s, r []float64) error { return Scatterv(k.c, s, even(each), nil, r, 0) }},
			{"Allgather", each, each * n, func(s, r []float64) error { return Allgather(k.c, s, r) }},
			{"Allgatherv", each, each * n, func(s, r []float64) error { return Allgatherv(k.c, s, r, even(each), nil) }},
			{"Alltoall", each * n, each * n, func(s, r []float64) error { return Alltoall(k.c, s, r) }},
			{"Alltoallv", each * n, each * n, func(s, r []float64) error { return Alltoallv(k.c, s, even(each), nil, r, even(each), nil) }},
			{"Sendrecv", each, each, func(s, r []float64) error {
				_, err := Sendrecv(k.c, s, (me+1)%n, 0, r, (me+n-1)%n, 0)
				return err
			}},
		}
		for _, call := range calls {
			// In place; as block of this rank; and moved by some elements, forwards and back.
			for _, at := range [][2]int{{0, 0}, {me * each, 0}, {0, me * each}, {0, each / 2}, {(each + 2) / 3, 0}} {
				b := conformSlice(2*each*n+2, k.own.NormFloat64)
				want := slices.Clone(b)
				k.ok(call.f(slices.Clone(b[at[0]:][:call.send]), want[at[1]:][:call.recv]))
				k.ok(call.f(b[at[0]:][:call.send], b[at[1]:][:call.recv]))
				same(k, fmt.Sprintf("after %s of %d, from %d to %d,", call.name, each, at[0], at[1]), b, want)
			}
		}
	}
	for _, n := range []int{2, 5000} { // what MPI combines itself
		b := slices.Repeat([]int{me + 1}, n)
		k.ok(Allreduce(k.c, b, b, Sum))
		same(k, "integers summed in place", b, slices.Repeat([]int{k.n * (k.n + 1) / 2}, n))
		k.ok(Reduce(k.c, b, b, Max, 0))
		k.ok(Scan(k.c, b, b, Bor))
		same(k, "integers combined in place", b, slices.Repeat([]int{k.n * (k.n + 1) / 2}, n))
	}
}
