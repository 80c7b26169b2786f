package mpi

import (
	"math"
	"slices"
	"testing"

	"cookbook/internal/mpi/engine"
)

// combined applies an operator to two buffers.
func combined[T Element](op Op[T], a, b []T) []T {
	inout := slices.Clone(a)
	op().Combine(engine.Raw(inout), engine.Raw(b))
	return inout
}

func TestOperatorsCombineElementByElement(t *testing.T) {
	a, b := []int8{0, 3, -128, 100, 0}, []int8{5, 3, 127, 100, 0}
	for name, c := range map[string]struct {
		op   Op[int8]
		want []int8
	}{
		"Sum":  {Sum[int8], []int8{5, 6, -1, -56, 0}},
		"Prod": {Prod[int8], []int8{0, 9, -128, 16, 0}},
		"Min":  {Min[int8], []int8{0, 3, -128, 100, 0}},
		"Max":  {Max[int8], []int8{5, 3, 127, 100, 0}},
		"Land": {Land[int8], []int8{0, 1, 1, 1, 0}},
		"Lor":  {Lor[int8], []int8{1, 1, 1, 1, 0}},
		"Band": {Band[int8], []int8{0, 3, 0, 100, 0}},
		"Bor":  {Bor[int8], []int8{5, 3, -1, 100, 0}},
		"own":  {OpOf(func(a, b int8) int8 { return a - b }), []int8{-5, 0, 1, 0, 0}},
	} {
		if got := combined(c.op, a, b); !slices.Equal(got, c.want) {
			t.Errorf("%s of %v and %v is %v, want %v", name, a, b, got, c.want)
		}
		if got := combined(c.op, nil, nil); len(got) != 0 {
			t.Errorf("%s of nothing is %v", name, got)
		}
	}
}

func TestTheSmallestIndexOfEqualValuesIsKept(t *testing.T) {
	a := []Loc[float64]{{1, 5}, {2, 5}, {1, 5}, {math.Inf(1), 9}}
	b := []Loc[float64]{{1, 3}, {1, 3}, {2, 7}, {math.Inf(1), -1}}
	if got, want := combined(MaxLoc[float64], a, b), []Loc[float64]{{1, 3}, {2, 5}, {2, 7}, {math.Inf(1), -1}}; !slices.Equal(got, want) {
		t.Errorf("MaxLoc: %v, want %v", got, want)
	}
	if got, want := combined(MinLoc[float64], a, b), []Loc[float64]{{1, 3}, {1, 3}, {1, 5}, {math.Inf(1), -1}}; !slices.Equal(got, want) {
		t.Errorf("MinLoc: %v, want %v", got, want)
	}
	if got := combined(MaxLoc[float64], b, a); !slices.Equal(got, combined(MaxLoc[float64], a, b)) {
		t.Errorf("MaxLoc the other way round: %v", got)
	}
}

func TestTransportsCombineBytes(t *testing.T) {
	a, b := []complex64{1 + 2i, 3}, []complex64{1, 2i}
	Sum[complex64]().Combine(engine.Raw(a), engine.Raw(b))
	if want := []complex64{2 + 2i, 3 + 2i}; !slices.Equal(a, want) {
		t.Errorf("the sum of bytes is %v, want %v", a, want)
	}
}

func TestEveryOperatorHasItsName(t *testing.T) {
	for want, code := range map[string]engine.OpCode{
		"SUM": Sum[int]().Code, "PROD": Prod[int]().Code, "MIN": Min[int]().Code, "MAX": Max[int]().Code, "LAND": Land[int]().Code,
		"LOR": Lor[int]().Code, "BAND": Band[int]().Code, "BOR": Bor[int]().Code, "MAXLOC": MaxLoc[int]().Code,
		"MINLOC": MinLoc[int]().Code, "an own operator": OpOf(func(a, _ int) int { return a })().Code,
	} {
		if code.String() != want {
			t.Errorf("operator %d is %q, want %q", code, code, want)
		}
	}
}
