package local_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// TestCollectivesHere sees what the collective calls do to the memory between ranks, small and large.
func TestCollectivesHere(t *testing.T) {
	for _, n := range []int{1, 2, 3, 6} {
		h := local.NewRanksHere(t, t.Context(), n, engine.DefaultEager)
		for r, err := range run(h, func(c *mpi.Comm) error {
			for i := range 40 {
				length := []int{0, 1, 100, 200, 5000}[i%5]
				send, recv := make([]int64, length), make([]int64, length)
				for k := range send {
					send[k] = int64(c.Rank() + k + i)
				}
				if err := mpi.Allreduce(c, send, recv, mpi.Sum); err != nil {
					return err
				}
				for k := range recv {
					if want := int64(n*(n-1)/2 + n*(k+i)); recv[k] != want {
						return fmt.Errorf("round %d: sum %d is %d, want %d", i, k, recv[k], want)
					}
				}
				if err := mpi.Bcast(c, send, i%n); err != nil {
					return err
				}
				if length > 0 && send[0] != int64(i%n+i) {
					return fmt.Errorf("round %d: %d was broadcast, want %d", i, send[0], i%n+i)
				}
				if i%10 == 0 {
					sub, err := c.Split(c.Rank()%2, -c.Rank())
					if err != nil {
						return err
					}
					if err := sub.Barrier(); err != nil {
						return err
					}
					if err := sub.Free(); err != nil {
						return err
					}
				}
			}
			return c.Barrier()
		}) {
			if err != nil {
				t.Errorf("rank %d of %d: %v", r, n, err)
			}
		}
	}
}

// TestMismatchHere makes different collective calls, or the same with other arguments.
func TestMismatchHere(t *testing.T) {
	four := func() []int { return make([]int, 4) }
	for _, test := range []struct {
		name string
		one  func(c *mpi.Comm) error // of rank 1
		want string
	}{
		{"another call", func(c *mpi.Comm) error { return mpi.Allreduce(c, four(), four(), mpi.Sum) }, "Allreduce(4 × int, SUM)"},
		{"another root", func(c *mpi.Comm) error { return mpi.Bcast(c, four(), 1) }, "Bcast(4 × int, root 1)"},
		{"another length", func(c *mpi.Comm) error { return mpi.Bcast(c, four()[:3], 0) }, "Bcast(3 × int, root 0)"},
		{"another type", func(c *mpi.Comm) error { return mpi.Bcast(c, make([]float64, 4), 0) }, "Bcast(4 × float64, root 0)"},
		{"a barrier", func(c *mpi.Comm) error { return c.Barrier() }, "Barrier()"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := local.NewRanksHere(t, t.Context(), 3, engine.DefaultEager)
			failed := 0
			for _, err := range run(h, func(c *mpi.Comm) error {
				if c.Rank() == 1 {
					return test.one(c)
				}
				return mpi.Bcast(c, four(), 0)
			}) {
				if err != nil {
					failed++
					if !errors.Is(err, mpi.ErrMismatch) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Bcast(4 × int, root 0)") {
						t.Errorf("got %v, want both calls", err)
					}
				}
			}
			if failed == 0 {
				t.Error("nobody was told")
			}
		})
	}
}
