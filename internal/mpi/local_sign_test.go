package mpi

import "testing"

func TestASignatureSaysTheWholeCall(t *testing.T) {
	h := newRanksHere(t, t.Context(), 1, defaultEager)
	c := worldComm(h.ranks[0])
	for _, test := range []struct {
		op    callName
		root  int
		t     datatype
		count int
		o     opCode
		want  string
	}{
		{callBarrier, 0, datatype{}, 0, 0, "Barrier()"},
		{callCartCreate, 0, datatype{}, 0, 0, "CartCreate()"},
		{callReduce, 127, typeOf[complex128](), maxElements + 1, opBor, "Reduce(134217727 × complex128, BOR, root 127)"},
		{callAllreduce, 0, typeOf[Loc[float64]](), 3, opMinLoc, "Allreduce(3 × Loc, MINLOC)"},
		{callScan, 0, typeOf[int8](), 0, ownOp, "Scan(0 × int8, an own operator)"},
		{callBcast, 1, encoded, 99, 0, "Bcast(values, root 1)"},
		{callAlltoallv, 0, typeOf[uint16](), 0, 0, "Alltoallv(0 × uint16)"},
	} {
		at := c.calls % callsKept
		if err := c.sign(test.op, test.root, test.t, test.count, test.o); err != nil {
			t.Fatal(err)
		}
		if got := signature(c.state.calls[at].Load()).String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// A rank that is behind finds a later call in the table, and goes on; one that is ahead replaces an earlier one, also where the
// count of the rounds begins anew.
func TestSignaturesOfOtherRoundsAreNotCompared(t *testing.T) {
	for _, ahead := range []uint64{1, 2, 100, 127} {
		for _, from := range []uint64{0, 200, 255} {
			h := newRanksHere(t, t.Context(), 2, defaultEager)
			first, last := worldComm(h.ranks[0]), worldComm(h.ranks[1])
			first.calls, last.calls = (from+ahead)*callsKept, from*callsKept
			if err := first.sign(callBarrier, 0, datatype{}, 0, 0); err != nil {
				t.Fatal(err)
			}
			if err := last.sign(callFree, 0, datatype{}, 0, 0); err != nil {
				t.Errorf("%d rounds behind round %d: %v", ahead, from+ahead, err)
			}
			if got := signature(first.state.calls[0].Load()).String(); got != "Barrier()" {
				t.Errorf("%d rounds behind round %d it wrote %s over what is later", ahead, from+ahead, got)
			}
			last.calls = (from + ahead) * callsKept
			if err := last.sign(callFree, 0, datatype{}, 0, 0); err == nil {
				t.Errorf("in round %d another call is none", from+ahead)
			}
		}
	}
}
