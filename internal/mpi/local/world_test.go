package local

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"cookbook/internal/mpi/engine"
)

// TestAFaultHalfWritten has a rank killed while it writes down why the world is of no use: that keeps nobody from being told
// of its death.
func TestAFaultHalfWritten(t *testing.T) {
	h := NewRanksHere(t, t.Context(), 3, engine.DefaultEager)
	died := engine.Errorf(engine.ErrDied, 0, "rank 0 died")
	waiting := make(chan struct{})
	go func() {
		<-waiting
		h.w.fail(died)
	}()
	for r, err := range h.Run(func(t engine.Transport) error {
		if t.Rank() == 0 { // as far as it came
			half := &h.w.head.faults[0]
			half.class, half.length = int32(engine.ErrOther), 17
			close(waiting)
			for !h.w.failed() {
				runtime.Gosched()
			}
			return nil
		}
		buf := make([]byte, 8)
		_, err := t.Recv(engine.CallRecv, &buf, engine.TypeOf[int](), 0, 0)
		return err
	}) {
		if !errors.Is(err, engine.ErrDied) || err.Error() != died.Text {
			t.Errorf("rank %d: %v, want %v", r, err, died)
		}
	}
}

// TestTheFirstFaultCounts has all ranks and the process that runs them fail at once: all are told the same.
func TestTheFirstFaultCounts(t *testing.T) {
	for range 50 {
		h := NewRanksHere(t, t.Context(), 4, engine.DefaultEager)
		var all sync.WaitGroup
		for i, r := range h.ranks {
			all.Go(func() { r.w.fail(engine.Errorf(engine.ErrFailed, i, "rank %d failed", i)) })
		}
		for range 2 {
			all.Go(func() { h.w.fail(engine.Errorf(engine.ErrTimeout, -1, "too late")) })
		}
		all.Wait()
		want := h.w.trouble()
		if want == nil || want.Text != fmt.Sprintf("rank %d failed", want.Rank) && want.Text != "too late" {
			t.Fatalf("told is %+v", want)
		}
		for _, r := range h.ranks {
			if got := r.w.trouble(); *got != *want {
				t.Errorf("one is told %v, another %v", got, want)
			}
		}
	}
}
