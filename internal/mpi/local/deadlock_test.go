package local_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// TestDeadlockHere has ranks wait for each other in every way, and sees the reason on each of them.
func TestDeadlockHere(t *testing.T) {
	for _, test := range []struct {
		name string
		n    int
		f    func(c *mpi.Comm) error
		want string
	}{
		{"two that receive", 3, func(c *mpi.Comm) error {
			if c.Rank() == 0 {
				return c.Barrier()
			}
			_, _, err := mpi.RecvValue[int](c, 3-c.Rank(), 4)
			return err
		}, "deadlock: rank 1 waits in Recv for a message from rank 2 with tag 4; rank 2 waits in Recv for a message from rank 1 with tag 4"},
		{"a ring of sends", 3, func(c *mpi.Comm) error {
			return mpi.Ssend(c, []int{1}, (c.Rank()+1)%3, 0)
		}, "deadlock: rank 0 waits in Ssend for rank 1 to receive; rank 1 waits in Ssend for rank 2 to receive; rank 2 waits in Ssend for rank 0 to receive"},
		{"one that has ended", 2, func(c *mpi.Comm) error {
			if c.Rank() == 1 {
				return nil
			}
			_, err := c.Probe(1, mpi.AnyTag)
			return err
		}, "deadlock: rank 0 waits in Probe for a message from rank 1; rank 1 has ended"},
		{"any source", 3, func(c *mpi.Comm) error {
			_, err := mpi.Recv(c, []int{0}, mpi.AnySource, mpi.AnyTag)
			return err
		}, "deadlock: rank 0 waits in Recv for a message from any rank"},
		{"a barrier that one does not come to", 3, func(c *mpi.Comm) error {
			if c.Rank() == 2 {
				return nil
			}
			return c.Barrier()
		}, "deadlock: rank 0 waits in Barrier for rank 2; rank 2 has ended"},
		{"a barrier and a receive", 2, func(c *mpi.Comm) error {
			if c.Rank() == 0 {
				return c.Barrier()
			}
			_, err := mpi.Recv(c, []int{0}, 0, 9)
			return err
		}, "deadlock: rank 0 waits in Barrier for rank 1; rank 1 waits in Recv for a message from rank 0 with tag 9"},
		{"a vector of one that has ended", 3, func(c *mpi.Comm) error {
			if c.Rank() == 2 {
				return nil
			}
			return mpi.Allreduce(c, make([]int, 5000), make([]int, 5000), mpi.Sum)
		}, "deadlock: rank 0 waits in Allreduce for rank 2; rank 2 has ended"},
		{"a vector that one does not take", 2, func(c *mpi.Comm) error {
			if c.Rank() == 0 {
				return mpi.Bcast(c, make([]int, 500_000), 0)
			}
			_, err := mpi.Recv(c, []int{0}, 0, 9)
			return err
		}, "deadlock: rank 0 waits in Bcast for rank 1; rank 1 waits in Recv for a message from rank 0 with tag 9"},
		{"vectors of two communicators", 2, func(c *mpi.Comm) error {
			other, err := c.Dup()
			if err != nil {
				return err
			}
			both := []*mpi.Comm{c, other}
			if err := mpi.Allreduce(both[c.Rank()], make([]int, 5000), make([]int, 5000), mpi.Sum); err != nil {
				return err
			}
			return mpi.Allreduce(both[1-c.Rank()], make([]int, 5000), make([]int, 5000), mpi.Sum)
		}, "deadlock: rank 0 waits in Allreduce for rank 1; rank 1 waits in Allreduce for rank 0"},
		{"itself", 1, func(c *mpi.Comm) error { return mpi.Ssend(c, []int{1}, 0, 0) },
			"deadlock: rank 0 waits in Ssend for rank 0 to receive"},
	} {
		for _, direct := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, direct %v", test.name, direct), func(t *testing.T) {
				h := local.NewRanksHere(t, t.Context(), test.n, engine.DefaultEager)
				if direct {
					h.Direct()
				}
				failed := 0
				for _, err := range run(h, test.f) {
					if err == nil {
						continue
					}
					failed++
					if !errors.Is(err, mpi.ErrDeadlock) || !strings.HasPrefix(err.Error(), test.want) {
						t.Errorf("got %v\nwant %s", err, test.want)
					}
				}
				if failed == 0 {
					t.Error("nobody was told")
				}
			})
		}
	}
}

// TestNoFalseAlarm computes, sleeps and waits in turn for longer than the detector takes to be sure.
func TestNoFalseAlarm(t *testing.T) {
	h := local.NewRanksHere(t, t.Context(), 3, 0)
	for r, err := range run(h, func(c *mpi.Comm) error {
		begin := time.Now()
		buf := []int{0}
		for turn := 0; ; turn++ {
			if c.Rank() == turn%3 {
				time.Sleep(time.Duration(turn%4) * 100 * time.Millisecond) // it computes
				if time.Since(begin) > 1500*time.Millisecond {
					buf[0] = -1
				}
				for p := range 3 {
					if p != c.Rank() {
						if err := mpi.Send(c, buf, p, turn); err != nil {
							return err
						}
					}
				}
			} else if _, err := mpi.Recv(c, buf, turn%3, turn); err != nil {
				return err
			}
			if buf[0] < 0 {
				return nil
			}
		}
	}) {
		if err != nil {
			t.Errorf("rank %d: %v", r, err)
		}
	}
}
