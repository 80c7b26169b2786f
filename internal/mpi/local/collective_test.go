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
	for _, n := range []int{1, 2, 3, 6, 9} {
		for _, direct := range []bool{false, true} {
			h := local.NewRanksHere(t, t.Context(), n, engine.DefaultEager)
			if direct {
				h.Direct()
			}
			for r, err := range run(h, func(c *mpi.Comm) error { return collectives(c, n) }) {
				if err != nil {
					t.Errorf("rank %d of %d, direct %v: %v", r, n, direct, err)
				}
			}
		}
	}
}

func collectives(c *mpi.Comm, n int) error {
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
}

// TestMismatchHere makes different collective calls, or the same with other arguments, of which some have messages and others are
// meetings.
func TestMismatchHere(t *testing.T) {
	four := func() []int { return make([]int, 4) }
	bcast := func(c *mpi.Comm) error { return mpi.Bcast(c, four(), 0) }
	sum := func(c *mpi.Comm) error { return mpi.Allreduce(c, four(), four(), mpi.Sum) }
	for _, test := range []struct {
		name     string
		all, one func(c *mpi.Comm) error // one: of rank 1
		want     []string
	}{
		{"another call", bcast, sum, []string{"Bcast(4 × int, root 0)", "Allreduce(4 × int, SUM)"}},
		{"another root", bcast, func(c *mpi.Comm) error { return mpi.Bcast(c, four(), 1) }, []string{"Bcast(4 × int, root 0)", "Bcast(4 × int, root 1)"}},
		{"another length", bcast, func(c *mpi.Comm) error { return mpi.Bcast(c, four()[:3], 0) }, []string{"Bcast(4 × int, root 0)", "Bcast(3 × int, root 0)"}},
		{"another type", bcast, func(c *mpi.Comm) error { return mpi.Bcast(c, make([]float64, 4), 0) }, []string{"Bcast(4 × int, root 0)", "Bcast(4 × float64, root 0)"}},
		{"a barrier", bcast, (*mpi.Comm).Barrier, []string{"Bcast(4 × int, root 0)", "Barrier()"}},
		{"two meetings", sum, (*mpi.Comm).Barrier, []string{"Allreduce(4 × int, SUM)", "Barrier()"}},
		{"meetings with other operators", sum, func(c *mpi.Comm) error { return mpi.Allreduce(c, four(), four(), mpi.Max) },
			[]string{"Allreduce(4 × int, SUM)", "Allreduce(4 × int, MAX)"}},
		{"a meeting and the making of a communicator", sum, func(c *mpi.Comm) error {
			_, err := c.Dup()
			return err
		}, []string{"Allreduce(4 × int, SUM)", "Dup()"}},
		// The root of a broadcast does not wait. Here it comes to the meeting with one call more.
		{"a call more before a meeting", func(c *mpi.Comm) error {
			if c.Rank() == 0 {
				if err := bcast(c); err != nil {
					return err
				}
			}
			return c.Barrier()
		}, (*mpi.Comm).Barrier, []string{"Bcast(4 × int, root 0)", "Barrier()"}},
	} {
		for _, direct := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, direct %v", test.name, direct), func(t *testing.T) {
				h := local.NewRanksHere(t, t.Context(), 3, engine.DefaultEager)
				if direct {
					h.Direct()
				}
				failed := 0
				for _, err := range run(h, func(c *mpi.Comm) error {
					if c.Rank() == 1 {
						return test.one(c)
					}
					return test.all(c)
				}) {
					if err == nil {
						continue
					}
					failed++
					for _, want := range test.want {
						if !errors.Is(err, mpi.ErrMismatch) || !strings.Contains(err.Error(), want) {
							t.Errorf("got %v, want both calls, %v", err, test.want)
						}
					}
				}
				if failed == 0 {
					t.Error("nobody was told")
				}
			})
		}
	}
}
