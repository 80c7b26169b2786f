package mpi

import (
	"math"
	"math/bits"
	"slices"

	"cookbook/internal/mpi/engine"
)

// A Cart is a communicator whose ranks have places in a grid, in row-major order: the last coordinate runs fastest
// (MPI 4.0 §8.5).
type Cart struct {
	*Comm
	dims    []int
	periods []bool
}

// CartCreate puts the first ranks of a communicator into a grid of those dimensions; along a periodic one it is closed to a
// ring. Ranks for which there is no place get nil. All ranks have to call it, with the same arguments: MPI_Cart_create,
// without reordering.
func CartCreate(c *Comm, dims []int, periods []bool) (*Cart, error) {
	if len(periods) != len(dims) {
		return nil, c.errorf(engine.CallCartCreate, ErrDims, "%d dimensions, and %d times whether they are periodic", len(dims), len(periods))
	}
	places := 1
	for _, d := range dims {
		if d < 1 {
			return nil, c.errorf(engine.CallCartCreate, ErrDims, "dimensions %v: each has to be at least 1", dims)
		}
		if d > c.Size()/places { // places*d may be too large for an int
			return nil, c.errorf(engine.CallCartCreate, ErrDims, "a grid of %v has more places than the %d ranks there are", dims, c.Size())
		}
		places *= d
	}
	color := 0
	if c.Rank() >= places {
		color = Undefined
	}
	grid, err := c.split(engine.CallCartCreate, color, c.Rank())
	if err != nil || grid == nil {
		return nil, err
	}
	return &Cart{grid, slices.Clone(dims), slices.Clone(periods)}, nil
}

// Dims returns the dimensions.
func (c *Cart) Dims() []int { return slices.Clone(c.dims) }

// Periods reports which dimensions are periodic.
func (c *Cart) Periods() []bool { return slices.Clone(c.periods) }

// Coords returns the place of a rank: MPI_Cart_coords.
func (c *Cart) Coords(rank int) ([]int, error) {
	if rank < 0 || rank >= c.Size() {
		return nil, engine.Errorf(ErrRank, c.worldRank(), "coordinates of rank %d: there are ranks 0 to %d", rank, c.Size()-1)
	}
	coords := make([]int, len(c.dims))
	for i, d := range slices.Backward(c.dims) {
		coords[i], rank = rank%d, rank/d
	}
	return coords, nil
}

// CartRank returns the rank at a place: MPI_Cart_rank. Along a periodic dimension coordinates run round.
func (c *Cart) CartRank(coords []int) (int, error) {
	if len(coords) != len(c.dims) {
		return 0, engine.Errorf(ErrDims, c.worldRank(), "place %v in a grid of %d dimensions", coords, len(c.dims))
	}
	rank := 0
	for i, x := range coords {
		d := c.dims[i]
		if c.periods[i] {
			x = ((x % d) + d) % d
		}
		if x < 0 || x >= d {
			return 0, engine.Errorf(ErrDims, c.worldRank(), "place %v is outside a grid of %v", coords, c.dims)
		}
		rank = rank*d + x
	}
	return rank, nil
}

// Shift returns the neighbours of this rank at a distance along a dimension: from whom to receive and to whom to send so
// that all data moves by that distance. ProcNull stands for a neighbour outside the grid: MPI_Cart_shift.
func (c *Cart) Shift(dim, distance int) (source, dest int, err error) {
	if dim < 0 || dim >= len(c.dims) {
		return ProcNull, ProcNull, engine.Errorf(ErrDims, c.worldRank(), "dimension %d of a grid of %d", dim, len(c.dims))
	}
	here, err := c.Coords(c.Rank())
	if err != nil {
		return ProcNull, ProcNull, err
	}
	d := c.dims[dim]
	at := func(distance int) int {
		coords := slices.Clone(here)
		coords[dim] += distance
		rank, err := c.CartRank(coords)
		if err != nil {
			return ProcNull
		}
		return rank
	}
	switch {
	case c.periods[dim]:
		distance %= d // coordinate and distance may be too large together for an int
	case distance <= -d || distance >= d:
		return ProcNull, ProcNull, nil
	}
	return at(-distance), at(distance), nil
}

// Neighbours returns for each dimension the neighbour before and the one after this rank, ProcNull where there is none:
// MPI_Cart_shift by 1 along each.
func (c *Cart) Neighbours() []int {
	var all []int
	for dim := range c.dims {
		before, after, _ := c.Shift(dim, 1)
		all = append(all, before, after)
	}
	return all
}

// DimsCreate makes dimensions of a grid for n ranks, as equal as possible and in falling order. Dimensions that are not 0
// are kept: MPI_Dims_create (MPI 4.0 §8.5.2). dims is not changed.
func DimsCreate(n int, dims []int) ([]int, error) {
	all := slices.Clone(dims)
	if n < 1 {
		return nil, engine.Errorf(ErrDims, -1, "a grid for %d ranks: want at least 1", n)
	}
	if n > math.MaxInt32 {
		return nil, engine.Errorf(ErrDims, -1, "a grid for %d ranks: MPI has at most %d", n, math.MaxInt32)
	}
	left := n
	var free []int
	for i, d := range all {
		switch {
		case d < 0 || d > 0 && left%d != 0:
			return nil, engine.Errorf(ErrDims, -1, "a grid of %v for %d ranks: what is given has to divide their number", dims, n)
		case d == 0:
			free = append(free, i)
		default:
			left /= d
		}
	}
	if len(free) == 0 && left != 1 {
		return nil, engine.Errorf(ErrDims, -1, "a grid of %v has %d places, not %d", dims, n/left, n)
	}
	for i, d := range balanced(left, len(free)) {
		all[free[i]] = d
	}
	return all, nil
}

// balanced returns k factors of n, in falling order: of all such the one with the smallest largest, then second largest, and
// so on.
func balanced(n, k int) []int {
	type part struct{ n, k int }
	known := map[part][]int{}
	divisors := divisors(n)
	var least func(part) []int
	least = func(p part) []int {
		if p.k <= 1 {
			return []int{p.n}[:p.k]
		}
		if best, ok := known[p]; ok {
			return best
		}
		for _, largest := range divisors {
			if p.n%largest != 0 {
				continue
			}
			if rest := least(part{p.n / largest, p.k - 1}); rest[0] <= largest {
				known[p] = append([]int{largest}, rest...)
				break
			}
		}
		return known[p]
	}
	few := min(k, bits.Len(uint(n))) // of more factors, the others are 1
	return append(least(part{n, few}), slices.Repeat([]int{1}, k-few)...)
}

// divisors returns all divisors of n in rising order.
func divisors(n int) []int {
	var small, large []int
	for d := 1; d <= n/d; d++ {
		if n%d == 0 {
			small = append(small, d)
			if d != n/d {
				large = append(large, n/d)
			}
		}
	}
	slices.Reverse(large)
	return append(small, large...)
}
