package local

import (
	"errors"
	"strings"
	"testing"

	"cookbook/internal/mpi/engine"
)

// TestLengthsBeyondASignatureAreCompared begins calls of so many elements that their signatures are the same.
func TestLengthsBeyondASignatureAreCompared(t *testing.T) {
	for _, more := range []int{0, 1} {
		h := NewRanksHere(t, t.Context(), 3, engine.DefaultEager)
		for r, err := range h.Run(func(transport engine.Transport) error {
			c, elements := transport.(*comm), maxElements+1
			if c.me == 1 {
				elements += more
			}
			if err := c.sign(engine.CallAllreduce, 0, engine.TypeOf[int16](), elements, engine.OpSum); err != nil {
				return err
			}
			_, err := c.flow(engine.CallAllreduce, 2*elements, engine.TypeOf[int16](), 1)
			return err
		}) {
			switch {
			case more == 0 && err != nil:
				t.Errorf("rank %d: %v", r, err)
			case more > 0 && (!errors.Is(err, engine.ErrMismatch) || !strings.Contains(err.Error(), "134217729")):
				t.Errorf("rank %d: %v, want ErrMismatch with the lengths", r, err)
			}
		}
	}
}

// TestStagesStayBounded computes their size for any number of ranks.
func TestStagesStayBounded(t *testing.T) {
	for n := 1; n <= MaxRanks; n++ {
		if size := bufferSize(n); size < 4<<10 || size%cacheLine != 0 || size*buffers*n > stagesAtMost {
			t.Errorf("%d ranks: buffers of %d bytes", n, size)
		}
	}
}
