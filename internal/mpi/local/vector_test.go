package local_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// TestVectorsInPieces makes collective calls of vectors of random lengths, most of them about as long as so many pieces, in
// communicators that take turns, and compares each with what loops come to.
func TestVectorsInPieces(t *testing.T) {
	for n := 1; n <= 9; n++ {
		t.Run(fmt.Sprint(n, " ranks"), func(t *testing.T) {
			seed := rand.Uint64()
			h := local.NewRanksHere(t, t.Context(), n, engine.DefaultEager)
			h.CutPieces([]int{720, 3 << 10, 20_000}[seed%3])
			for r, err := range run(h, func(c *mpi.Comm) error {
				rng := rand.New(rand.NewPCG(seed, 1)) // the same on all ranks
				all := []*mpi.Comm{c}
				for range 2 {
					sub, err := c.Split(c.Rank()%2, -c.Rank())
					if err != nil {
						return err
					}
					all = append(all, sub)
				}
				for range 12 {
					if err := vectorRound(all[rng.IntN(len(all))], rng.Uint64()); err != nil {
						return err
					}
				}
				for _, sub := range all[1:] {
					if err := sub.Free(); err != nil {
						return err
					}
				}
				return vectorRound(c, rng.Uint64())
			}) {
				if err != nil {
					t.Errorf("rank %d of %d, seed %d: %v", r, n, seed, err)
				}
			}
		})
	}
}

// vectorRound makes some calls with elements of one type.
func vectorRound(c *mpi.Comm, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	switch rng.IntN(6) {
	case 0:
		return vectorCalls(c, rng, func() int8 { return int8(rng.Int()) }, mpi.Sum, func(a, b int8) int8 { return a + b })
	case 1:
		return vectorCalls(c, rng, rng.Int, mpi.OpOf(func(a, b int) int { return 3*a - b }), func(a, b int) int { return 3*a - b })
	case 2:
		return vectorCalls(c, rng, rng.NormFloat64, mpi.Sum, func(a, b float64) float64 { return a + b })
	case 3:
		return vectorCalls(c, rng, rng.Float32, mpi.Sum, func(a, b float32) float32 { return a + b })
	case 4:
		number := func() complex128 { return complex(rng.NormFloat64(), rng.Float64()) }
		return vectorCalls(c, rng, number, mpi.Sum, func(a, b complex128) complex128 { return a + b })
	default:
		place := func() mpi.Loc[int32] { return mpi.Loc[int32]{Value: rng.Int32N(9), Index: rng.Int()} }
		return vectorCalls(c, rng, place, mpi.MaxLoc, func(a, b mpi.Loc[int32]) mpi.Loc[int32] {
			if b.Value > a.Value || b.Value == a.Value && b.Index < a.Index {
				return b
			}
			return a
		})
	}
}

// vectorCalls makes all calls that move vectors of one length, which takes the same random numbers on all ranks.
func vectorCalls[T mpi.Element](c *mpi.Comm, rng *rand.Rand, random func() T, op mpi.Op[T], f func(a, b T) T) error {
	n, me, root := c.Size(), c.Rank(), rng.IntN(c.Size())
	length := max(0, []int{20, 125, 600}[rng.IntN(3)]*(1+rng.IntN(5))+rng.IntN(5)-2)
	send := make([][]T, n) // of each rank
	for r := range send {
		for range length * n {
			send[r] = append(send[r], random())
		}
	}
	sums := [][]T{send[0][:length]} // of the ranks up to each
	for r := 1; r < n; r++ {
		sum := make([]T, length)
		for i := range sum {
			sum[i] = f(sums[r-1][i], send[r][i])
		}
		sums = append(sums, sum)
	}
	var gathered, exchanged []T
	for r := range n {
		gathered = append(gathered, send[r][:length]...)
		exchanged = append(exchanged, send[r][me*length:(me+1)*length]...)
	}
	mine := send[me][:length]
	for _, test := range []struct {
		call string
		recv []T
		make func(recv []T) error
		want []T
	}{
		{"Bcast", slices.Clone(mine), func(recv []T) error { return mpi.Bcast(c, recv, root) }, send[root][:length]},
		{"Allreduce", make([]T, length), func(recv []T) error { return mpi.Allreduce(c, mine, recv, op) }, sums[n-1]},
		{"Allreduce in place", slices.Clone(mine), func(recv []T) error { return mpi.Allreduce(c, recv, recv, op) }, sums[n-1]},
		{"Reduce", make([]T, length), func(recv []T) error { return mpi.Reduce(c, mine, recv, op, root) }, sums[n-1]},
		{"Reduce in place", slices.Clone(mine), func(recv []T) error { return mpi.Reduce(c, recv, recv, op, root) }, sums[n-1]},
		{"Scan", make([]T, length), func(recv []T) error { return mpi.Scan(c, mine, recv, op) }, sums[me]},
		{"Scan in place", slices.Clone(mine), func(recv []T) error { return mpi.Scan(c, recv, recv, op) }, sums[me]},
		{"Scatter", make([]T, length), func(recv []T) error { return mpi.Scatter(c, send[me], recv, root) }, send[root][me*length : (me+1)*length]},
		{"Gather", make([]T, length*n), func(recv []T) error { return mpi.Gather(c, mine, recv, root) }, gathered},
		{"Allgather", make([]T, length*n), func(recv []T) error { return mpi.Allgather(c, mine, recv) }, gathered},
		{"Alltoall", make([]T, length*n), func(recv []T) error { return mpi.Alltoall(c, send[me], recv) }, exchanged},
	} {
		if err := test.make(test.recv); err != nil {
			return err
		}
		switch {
		case me == root:
		case test.call == "Reduce" || test.call == "Gather": // left as it was
			test.want = make([]T, len(test.recv))
		case test.call == "Reduce in place":
			test.want = mine
		}
		for i, got := range test.recv {
			if got != test.want[i] {
				return fmt.Errorf("%s of %d × %T: element %d is %v, want %v", test.call, length, got, i, got, test.want[i])
			}
		}
	}
	return nil
}
