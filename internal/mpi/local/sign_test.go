package local

import (
	"testing"

	"cookbook/internal/mpi/engine"
)

// loc is as large as the Loc of package mpi.
type loc struct {
	Value float64
	Index int
}

func TestASignatureSaysTheWholeCall(t *testing.T) {
	h := NewRanksHere(t, t.Context(), 1, engine.DefaultEager)
	c := worldComm(h.ranks[0])
	for _, test := range []struct {
		op    engine.Call
		root  int
		t     engine.Datatype
		count int
		o     engine.OpCode
		want  string
	}{
		{engine.CallBarrier, 0, engine.Datatype{}, 0, 0, "Barrier()"},
		{engine.CallCartCreate, 0, engine.Datatype{}, 0, 0, "CartCreate()"},
		{engine.CallReduce, 127, engine.TypeOf[complex128](), maxElements + 1, engine.OpBor, "Reduce(134217727 × complex128, BOR, root 127)"},
		{engine.CallAllreduce, 0, engine.TypeOf[loc](), 3, engine.OpMinLoc, "Allreduce(3 × Loc, MINLOC)"},
		{engine.CallScan, 0, engine.TypeOf[int8](), 0, engine.OpOwn, "Scan(0 × int8, an own operator)"},
		{engine.CallBcast, 1, engine.Encoded, 99, 0, "Bcast(values, root 1)"},
		{engine.CallAlltoallv, 0, engine.TypeOf[uint16](), 0, 0, "Alltoallv(0 × uint16)"},
	} {
		at := c.calls % callsKept
		if err := c.sign(test.op, test.root, test.t, test.count, test.o); err != nil {
			t.Fatal(err)
		}
		if got := signature(c.state.signatures[at].Load()).String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// A rank that is behind finds a later call in the table, and goes on; one that is ahead replaces an earlier one, also where
// the count of the rounds begins anew.
func TestSignaturesOfOtherRoundsAreNotCompared(t *testing.T) {
	for _, ahead := range []uint64{1, 2, 100, 127} {
		for _, from := range []uint64{0, 200, 255} {
			h := NewRanksHere(t, t.Context(), 2, engine.DefaultEager)
			first, last := worldComm(h.ranks[0]), worldComm(h.ranks[1])
			first.calls, last.calls = (from+ahead)*callsKept, from*callsKept
			if err := first.sign(engine.CallBarrier, 0, engine.Datatype{}, 0, 0); err != nil {
				t.Fatal(err)
			}
			if err := last.sign(engine.CallFree, 0, engine.Datatype{}, 0, 0); err != nil {
				t.Errorf("%d rounds behind round %d: %v", ahead, from+ahead, err)
			}
			if got := signature(first.state.signatures[0].Load()).String(); got != "Barrier()" {
				t.Errorf("%d rounds behind round %d it wrote %s over what is later", ahead, from+ahead, got)
			}
			last.calls = (from + ahead) * callsKept
			if err := last.sign(engine.CallFree, 0, engine.Datatype{}, 0, 0); err == nil {
				t.Errorf("in round %d another call is none", from+ahead)
			}
		}
	}
}
