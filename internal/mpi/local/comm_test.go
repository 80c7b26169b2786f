package local_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"cookbook/internal/mpi"
	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// run runs f in all ranks, with the calls of package mpi.
func run(h *local.RanksHere, f func(c *mpi.Comm) error) []error {
	return h.Run(func(t engine.Transport) error { return f(mpi.NewComm(t)) })
}

// TestTraffic sends messages of random sizes, tags and kinds from each rank to each, and receives them in random order.
func TestTraffic(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		for _, eager := range []int{0, 100, engine.DefaultEager} {
			t.Run(fmt.Sprintf("%d ranks, eager limit %d", n, eager), func(t *testing.T) {
				h := local.NewRanksHere(t, t.Context(), n, eager)
				for r, err := range run(h, func(c *mpi.Comm) error { return traffic(c, uint64(n*7+eager)) }) {
					if err != nil {
						t.Errorf("rank %d: %v", r, err)
					}
				}
			})
		}
	}
}

// A letter is one message: all ranks know all of them.
type letter struct{ from, to, tag, size int }

func (l letter) text(i int) []byte {
	return bytes.Repeat([]byte{byte(i), byte(l.from), byte(l.to)}, l.size/3+1)[:l.size]
}

func traffic(c *mpi.Comm, seed uint64) error {
	dice := rand.New(rand.NewPCG(seed, 1))
	var letters []letter
	for range 60 * c.Size() {
		size := dice.IntN(200)
		if dice.IntN(8) == 0 {
			size = dice.IntN(300_000) // larger than a ring
		}
		letters = append(letters, letter{dice.IntN(c.Size()), dice.IntN(c.Size()), dice.IntN(4), size})
	}
	mine := rand.New(rand.NewPCG(seed, uint64(c.Rank())+2))
	var sends, receives []*mpi.Request
	inbox := map[*mpi.Request][]byte{}
	wants := map[*mpi.Request][]byte{}
	for i, l := range letters {
		if l.to == c.Rank() {
			buf := make([]byte, l.size+mine.IntN(2))
			r, err := mpi.Irecv(c, buf, l.from, l.tag)
			if err != nil {
				return err
			}
			inbox[r], wants[r] = buf, l.text(i)
			receives = append(receives, r)
		}
		if l.from == c.Rank() {
			r, err := mpi.Isend(c, l.text(i), l.to, l.tag)
			if err != nil {
				return err
			}
			sends = append(sends, r)
		}
		if i%17 == 0 {
			if _, _, err := c.Iprobe(mpi.AnySource, mpi.AnyTag); err != nil {
				return err
			}
		}
	}
	mine.Shuffle(len(receives), func(i, j int) { receives[i], receives[j] = receives[j], receives[i] })
	for _, r := range receives {
		s, err := r.Wait()
		if err != nil {
			return err
		}
		if got := inbox[r][:s.Count]; !bytes.Equal(got, wants[r]) {
			return fmt.Errorf("got %d bytes from %d, tag %d; want %d others", len(got), s.Source, s.Tag, len(wants[r]))
		}
	}
	return mpi.Waitall(sends...)
}
