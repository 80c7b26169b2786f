package mpi

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"cookbook/internal/mpi/engine"
)

// gridCoords finds the place of a rank by counting: the last coordinate runs fastest.
func gridCoords(dims []int, rank int) []int {
	coords := make([]int, len(dims))
	for range rank {
		for i := len(dims) - 1; i >= 0; i-- {
			if coords[i]++; coords[i] < dims[i] {
				break
			}
			coords[i] = 0
		}
	}
	return coords
}

// gridRank finds the rank at a place by looking at all.
func gridRank(dims []int, periods []bool, coords []int) int {
	coords = slices.Clone(coords)
	places := 1
	for i, d := range dims {
		places *= d
		for periods[i] && coords[i] < 0 {
			coords[i] += d
		}
		for periods[i] && coords[i] >= d {
			coords[i] -= d
		}
	}
	for r := range places {
		if slices.Equal(gridCoords(dims, r), coords) {
			return r
		}
	}
	return ProcNull
}

func gridMoved(coords []int, dim, distance int) []int {
	coords = slices.Clone(coords)
	coords[dim] += distance
	return coords
}

// sized is a communicator of which only its size and the caller's rank are asked for.
type sized struct {
	engine.Transport
	me, n int
}

func (s sized) Rank() int           { return s.me }
func (s sized) Size() int           { return s.n }
func (s sized) WorldRank(r int) int { return r }

func TestPlacesInAGrid(t *testing.T) {
	for _, dims := range [][]int{{}, {1}, {5}, {2, 3}, {3, 1, 4}, {2, 2, 2, 3}} {
		places := 1
		for _, d := range dims {
			places *= d
		}
		for mask := range 1 << len(dims) {
			periods := make([]bool, len(dims))
			for i := range periods {
				periods[i] = mask>>i&1 == 1
			}
			for r := range places {
				grid := &Cart{&Comm{t: sized{me: r, n: places}}, dims, periods}
				coords, err := grid.Coords(r)
				if want := gridCoords(dims, r); err != nil || !slices.Equal(coords, want) {
					t.Fatalf("rank %d of %v is at %v, %v, want %v", r, dims, coords, err, want)
				}
				if back, err := grid.CartRank(coords); err != nil || back != r {
					t.Fatalf("at %v of %v is rank %d, %v, want %d", coords, dims, back, err, r)
				}
				var neighbours []int
				for dim := range dims {
					for distance := -7; distance <= 7; distance++ {
						source, dest, err := grid.Shift(dim, distance)
						from, to := gridRank(dims, periods, gridMoved(coords, dim, -distance)), gridRank(dims, periods, gridMoved(coords, dim, distance))
						if err != nil || source != from || dest != to {
							t.Fatalf("shift of rank %d of %v %v by %d along %d: %d, %d, %v, want %d, %d", r, dims, periods, distance, dim, source, dest, err, from, to)
						}
						if distance == 1 {
							neighbours = append(neighbours, from, to)
						}
					}
				}
				if got := grid.Neighbours(); !slices.Equal(got, neighbours) {
					t.Fatalf("neighbours of rank %d of %v %v: %v, want %v", r, dims, periods, got, neighbours)
				}
			}
		}
	}
}

func TestAShiftMayBeOfAnyDistance(t *testing.T) {
	for _, distance := range []int{4, -4, 1 << 40, math.MaxInt, math.MaxInt - 1, math.MinInt, math.MinInt + 1} {
		for d := 1; d <= 5; d++ {
			for me := range d {
				ring := &Cart{&Comm{t: sized{me: me, n: d}}, []int{d}, []bool{true}}
				m := (distance%d + d) % d
				source, dest, err := ring.Shift(0, distance)
				if err != nil || source != (me-m+d)%d || dest != (me+m)%d {
					t.Errorf("rank %d of a ring of %d, shift by %d: %d, %d, %v, want %d, %d", me, d, distance, source, dest, err, (me-m+d)%d, (me+m)%d)
				}
				line := &Cart{ring.Comm, []int{d}, []bool{false}}
				source, dest, err = line.Shift(0, distance)
				if far := distance <= -d || distance >= d; err != nil || far && (source != ProcNull || dest != ProcNull) {
					t.Errorf("rank %d of a line of %d, shift by %d: %d, %d, %v, want none", me, d, distance, source, dest, err)
				}
			}
		}
	}
	for _, x := range []int{math.MaxInt, math.MinInt} {
		ring := &Cart{&Comm{t: sized{me: 0, n: 3}}, []int{3}, []bool{true}}
		if r, err := ring.CartRank([]int{x}); err != nil || r != (x%3+3)%3 {
			t.Errorf("at %d of a ring of 3 is rank %d, %v", x, r, err)
		}
	}
}

func TestPlacesOutsideAGridAreErrors(t *testing.T) {
	grid := &Cart{&Comm{t: sized{me: 0, n: 6}}, []int{2, 3}, []bool{false, true}}
	for _, coords := range [][]int{{-1, 0}, {2, 0}, {0}, {0, 0, 0}, nil} {
		if r, err := grid.CartRank(coords); !errors.Is(err, ErrDims) {
			t.Errorf("at %v is rank %d, %v, want ErrDims", coords, r, err)
		}
	}
	if r, err := grid.CartRank([]int{1, -1}); err != nil || r != 5 {
		t.Errorf("round the periodic dimension is rank %d, %v, want 5", r, err)
	}
	for _, rank := range []int{-1, 6, AnySource} {
		if coords, err := grid.Coords(rank); !errors.Is(err, ErrRank) {
			t.Errorf("rank %d is at %v, %v, want ErrRank", rank, coords, err)
		}
	}
	for _, dim := range []int{-1, 2} {
		if _, _, err := grid.Shift(dim, 1); !errors.Is(err, ErrDims) {
			t.Errorf("shift along %d: %v, want ErrDims", dim, err)
		}
	}
}

func TestGridsThatCannotBeAreErrors(t *testing.T) {
	c := &Comm{t: sized{me: 0, n: 6}}
	for _, dims := range [][]int{{7}, {2, 4}, {0}, {-1}, {2, -3}, {3, 0}, {2, math.MaxInt}, {math.MaxInt, 2}, {2, 3, 1, 2}} {
		if grid, err := CartCreate(c, dims, make([]bool, len(dims))); !errors.Is(err, ErrDims) {
			t.Errorf("a grid of %v for 6 ranks: %v, %v, want ErrDims", dims, grid, err)
		}
	}
	if grid, err := CartCreate(c, []int{2, 3}, []bool{true}); !errors.Is(err, ErrDims) {
		t.Errorf("2 dimensions with 1 period: %v, %v, want ErrDims", grid, err)
	}
}

func TestAGridHandsOutCopies(t *testing.T) {
	grid := &Cart{&Comm{t: sized{me: 0, n: 6}}, []int{2, 3}, []bool{false, true}}
	grid.Dims()[0], grid.Periods()[0] = 6, true
	if got := fmt.Sprint(grid.Dims(), grid.Periods()); got != "[2 3] [false true]" {
		t.Errorf("the grid is %s after its copy was changed", got)
	}
}

// factors calls f with all ways to write n as k factors in falling order.
func factors(n, k, most int, f func([]int)) {
	if k == 0 {
		if n == 1 {
			f(nil)
		}
		return
	}
	for d := min(n, most); d >= 1; d-- {
		if n%d == 0 {
			factors(n/d, k-1, d, func(rest []int) { f(append([]int{d}, rest...)) })
		}
	}
}

func TestDimensionsAreAsEqualAsPossible(t *testing.T) {
	for k := 1; k <= 4; k++ {
		for n := 1; n <= 400; n++ {
			var want []int // the least, by the largest first
			factors(n, k, n, func(dims []int) {
				if want == nil || slices.Compare(dims, want) < 0 {
					want = dims
				}
			})
			if got, err := DimsCreate(n, make([]int, k)); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d ranks in %d dimensions: %v, %v, want %v", n, k, got, err, want)
			}
		}
	}
}

func TestGivenDimensionsAreKept(t *testing.T) {
	for _, c := range []struct {
		n          int
		dims, want []int // nil: an error
	}{
		{6, []int{0, 3}, []int{2, 3}},
		{6, []int{3, 0, 0}, []int{3, 2, 1}},
		{7, []int{0, 3, 0}, nil},
		{24, []int{0, 2, 0}, []int{4, 2, 3}},
		{6, []int{2, 3}, []int{2, 3}},
		{6, []int{2, 2}, nil},
		{6, []int{1, 1}, nil},
		{6, []int{-1, 0}, nil},
		{0, []int{0}, nil},
		{-4, []int{0, 0}, nil},
		{1, []int{}, []int{}},
		{2, []int{}, nil},
		{8, []int{4, 4, 0}, nil},
		{math.MaxInt, []int{0, 0}, nil},
		{math.MaxInt32, []int{0, 0}, []int{math.MaxInt32, 1}}, // a prime
		{729_000_000, slices.Repeat([]int{0}, 6), slices.Repeat([]int{30}, 6)},
		{1 << 30, []int{0, 0, 0, 0, 0}, []int{64, 64, 64, 64, 64}},
		{6, []int{math.MaxInt, 0}, nil},
		{2, slices.Repeat([]int{0}, 1000), append([]int{2}, slices.Repeat([]int{1}, 999)...)},
	} {
		was := slices.Clone(c.dims)
		got, err := DimsCreate(c.n, c.dims)
		switch {
		case c.want == nil && !errors.Is(err, ErrDims):
			t.Errorf("%d ranks in %v: %v, %v, want ErrDims", c.n, c.dims, got, err)
		case c.want != nil && (err != nil || !slices.Equal(got, c.want)):
			t.Errorf("%d ranks in %v: %v, %v, want %v", c.n, c.dims, got, err, c.want)
		case !slices.Equal(c.dims, was):
			t.Errorf("%v was changed to %v", was, c.dims)
		}
	}
}
