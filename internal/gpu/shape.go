package gpu

import (
	"fmt"
	"math"

	"cookbook/internal/gpu/driver"
)

// usualBlock is how many threads a block has, in one dimension, if nobody says it.
const usualBlock = 256

// dimension is a dimension of a shape, with what the device takes and what the kernel was written for.
type dimension struct {
	name              string
	block, grid       *int
	maxBlock, maxGrid int // 0: the device does not tell
	written           int // 0: any
}

func dimensions(d Info, k driver.KernelInfo, s *Shape) [3]dimension {
	return [3]dimension{
		{"x", &s.Block.X, &s.Grid.X, d.MaxBlock.X, d.MaxGrid.X, k.Block.X},
		{"y", &s.Block.Y, &s.Grid.Y, d.MaxBlock.Y, d.MaxGrid.Y, k.Block.Y},
		{"z", &s.Block.Z, &s.Grid.Z, d.MaxBlock.Z, d.MaxGrid.Z, k.Block.Z},
	}
}

// shapeFor fills in what a launch has left open, and refuses one that does not fit the device or the kernel. N is how many elements the
// first slice has. The words are the same for every device.
func shapeFor(d Info, k driver.KernelInfo, s Shape, n int) (Shape, error) {
	wrong := func(format string, args ...any) (Shape, error) {
		return Shape{}, fmt.Errorf("kernel %s on %s: %w: %s", k.Name, d.Name, ErrShape, fmt.Sprintf(format, args...))
	}
	most := math.MaxInt
	if d.MaxThreads > 0 {
		most = d.MaxThreads
	}
	chosen := s.Grid == Dim{}
	if s.Block == (Dim{}) && k.Block == (Dim{}) {
		s.Block.X = min(usualBlock, most)
		if d.MaxBlock.X > 0 {
			s.Block.X = min(s.Block.X, d.MaxBlock.X)
		}
	}
	threads := 1 // of a block
	for i, dim := range dimensions(d, k, &s) {
		if *dim.block == 0 {
			*dim.block = max(dim.written, 1)
		}
		switch {
		case *dim.block < 0:
			return wrong("%d threads of a block in %s: it has 1 at least", *dim.block, dim.name)
		case dim.maxBlock > 0 && *dim.block > dim.maxBlock:
			return wrong("%d threads of a block in %s: the device takes %d", *dim.block, dim.name, dim.maxBlock)
		case dim.written > 0 && *dim.block != dim.written:
			return wrong("%d threads of a block in %s: it was written for %d", *dim.block, dim.name, dim.written)
		case *dim.block > 1 && i >= max(k.Dims, 1):
			return wrong("%d threads of a block in %s: it goes through the threads of %d dimensions", *dim.block, dim.name, k.Dims)
		}
		if threads > most / *dim.block {
			return wrong("a block of %v is more threads than the device takes: %d", s.Block, most)
		}
		threads *= *dim.block
	}
	if chosen {
		s.Grid.X = max((n-1)/threads+1, 1)
		if d.Language == driver.Go && k.Spread {
			// A part of the elements for each goroutine, and some more so that none waits long for the last one.
			s.Grid.X = min(s.Grid.X, 4*d.Units)
		}
	}
	all := threads // of the grid
	for _, dim := range dimensions(d, k, &s) {
		if *dim.grid == 0 {
			*dim.grid = 1
		}
		switch {
		case *dim.grid < 0:
			return wrong("%d blocks in %s: there is 1 at least", *dim.grid, dim.name)
		case dim.maxGrid > 0 && *dim.grid > dim.maxGrid:
			return wrong("%d blocks in %s: the device takes %d", *dim.grid, dim.name, dim.maxGrid)
		}
		if all > math.MaxInt / *dim.grid {
			return wrong("%v blocks of %v threads: they are too many to be counted", s.Grid, s.Block)
		}
		all *= *dim.grid
	}
	switch {
	case k.Spread && (s.Grid.Y > 1 || s.Grid.Z > 1):
		return wrong("%v blocks: it shares its elements among the blocks of one dimension", s.Grid)
	case s.Shared < 0:
		return wrong("%d bytes of shared memory", s.Shared)
	case s.Shared > d.SharedMemory-k.Shared:
		return wrong("%d bytes of shared memory beside the %d of its arrays: the device has %d for a block", s.Shared, k.Shared, d.SharedMemory)
	case k.Dynamic == nil && s.Shared > 0:
		return wrong("it takes no shared memory from its launch")
	case k.Dynamic != nil && s.Shared%int(k.Dynamic.Size()) != 0:
		return wrong("%d bytes of shared memory are no whole number of %v", s.Shared, k.Dynamic)
	}
	return s, nil
}
