package mpi

import (
	"context"
	"fmt"
)

// faultMismatches is collective calls that are not the same on all ranks.
func faultMismatches() []faultCase {
	one, three := []int{1}, []int{1, 2, 3}
	var all []faultCase
	for _, m := range []struct {
		what    string
		most    func(c *Comm) error
		another func(c *Comm) error
		says    []string
		others  bool // rank 0 cannot be the odd one
	}{
		{
			"Bcast and Reduce",
			func(c *Comm) error { return Bcast(c, one, 0) },
			func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 0) },
			[]string{"Bcast", "Reduce"},
			false,
		},
		{"Barrier and Bcast", (*Comm).Barrier, func(c *Comm) error { return Bcast(c, one, 0) }, []string{"Barrier", "Bcast"}, false},
		{
			"Gather and Allgather",
			func(c *Comm) error { return Gather(c, one, make([]int, c.Size()), 1) },
			func(c *Comm) error { return Allgather(c, one, make([]int, c.Size())) },
			[]string{"Gather", "Allgather"},
			false,
		},
		{
			"Dup and Split",
			func(c *Comm) error { _, err := c.Dup(); return err },
			func(c *Comm) error { _, err := c.Split(0, 0); return err },
			[]string{"Dup", "Split"},
			false,
		},
		{"Barrier and Split", (*Comm).Barrier, func(c *Comm) error { _, err := c.Split(0, 0); return err }, []string{"Barrier", "Split"}, false},
		{
			"the root of Bcast",
			func(c *Comm) error { return Bcast(c, one, 0) },
			func(c *Comm) error { return Bcast(c, one, 1) },
			[]string{"root 0", "root 1"},
			false,
		},
		{
			"the root of Reduce",
			func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 0) },
			func(c *Comm) error { return Reduce(c, one, []int{0}, Sum, 2) },
			[]string{"root 0", "root 2"},
			false,
		},
		{
			"the root of Scatter",
			func(c *Comm) error { return Scatter(c, make([]int, c.Size()), one, 0) },
			func(c *Comm) error { return Scatter(c, make([]int, c.Size()), one, 1) },
			[]string{"root"},
			false,
		},
		{
			"the length of Bcast",
			func(c *Comm) error { return Bcast(c, one, 0) },
			func(c *Comm) error { return Bcast(c, three, 0) },
			[]string{"Bcast", "1", "3"},
			false,
		},
		{
			"the length of Allreduce",
			func(c *Comm) error { return Allreduce(c, one, []int{0}, Sum) },
			func(c *Comm) error { return Allreduce(c, three, make([]int, 3), Sum) },
			[]string{"Allreduce"},
			false,
		},
		{
			"the length of Gather",
			func(c *Comm) error { return Gather(c, one, make([]int, c.Size()), 0) },
			func(c *Comm) error { return Gather(c, three, make([]int, 3*c.Size()), 0) },
			[]string{"Gather"},
			false,
		},
		{
			"the length of Alltoall",
			func(c *Comm) error { return Alltoall(c, make([]int, c.Size()), make([]int, c.Size())) },
			func(c *Comm) error { return Alltoall(c, make([]int, 2*c.Size()), make([]int, 2*c.Size())) },
			[]string{"Alltoall"},
			false,
		},
		{
			"the length of Scan",
			func(c *Comm) error { return Scan(c, one, []int{0}, Sum) },
			func(c *Comm) error { return Scan(c, three, make([]int, 3), Sum) },
			[]string{"Scan"},
			false,
		},
		{
			"a block of Scatterv",
			func(c *Comm) error { return Scatterv(c, make([]int, c.Size()), faultOnes(c), nil, one, 0) },
			func(c *Comm) error { return Scatterv(c, nil, nil, nil, three, 0) },
			[]string{"Scatterv"},
			true,
		},
		{
			"a block of Gatherv",
			func(c *Comm) error { return Gatherv(c, one, make([]int, c.Size()), faultOnes(c), nil, 0) },
			func(c *Comm) error { return Gatherv(c, three, nil, nil, nil, 0) },
			[]string{"Gatherv"},
			true,
		},
		{"a block of Alltoallv", func(c *Comm) error {
			n := c.Size()
			return Alltoallv(c, make([]int, n), faultOnes(c), nil, make([]int, n), faultOnes(c), nil)
		}, func(c *Comm) error {
			n := c.Size()
			return Alltoallv(c, make([]int, n+1), append([]int{2}, faultOnes(c)[1:]...), nil, make([]int, n), faultOnes(c), nil)
		}, []string{"Alltoallv"}, false},
		{
			"the operator",
			func(c *Comm) error { return Allreduce(c, one, []int{0}, Sum) },
			func(c *Comm) error { return Allreduce(c, one, []int{0}, Max) },
			[]string{"SUM", "MAX"},
			false,
		},
		{
			"the type",
			func(c *Comm) error { return Allreduce(c, []int64{1}, []int64{0}, Sum) },
			func(c *Comm) error { return Allreduce(c, []float64{1}, []float64{0}, Sum) },
			[]string{"int64", "float64"},
			false,
		},
		{
			"the type of Bcast",
			func(c *Comm) error { return Bcast(c, []int64{1}, 0) },
			func(c *Comm) error { return Bcast(c, []uint64{1}, 0) },
			[]string{"int64", "uint64"},
			false,
		},
		{
			"a value and a buffer",
			func(c *Comm) error { return Bcast(c, []byte{1}, 0) },
			func(c *Comm) error { _, err := BcastValue(c, 1, 0); return err },
			[]string{"Bcast"},
			false,
		},
	} {
		for _, other := range []int{0, 3} { // the odd one is the first, and another
			if m.others && other == 0 {
				continue
			}
			all = append(all, faultCase{
				name: fmt.Sprintf("%s differ, of rank %d", m.what, other), ranks: 4, class: ErrMismatch, says: m.says,
				program: func(_ context.Context, c *Comm) error {
					call := m.most
					if c.Rank() == other {
						call = m.another
					}
					if err := call(c); err != nil {
						return err
					}
					return c.Barrier() // who has not noticed learns of it here
				},
			})
		}
	}
	return all
}

// faultOnes is a block of one element for each rank.
func faultOnes(c *Comm) []int {
	ones := make([]int, c.Size())
	for r := range ones {
		ones[r] = 1
	}
	return ones
}
