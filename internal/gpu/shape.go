package gpu

import (
	"fmt"

	"cookbook/internal/gpu/driver"
)

// shapeFor fills in what a launch has left open. N is how many elements the first slice has.
func shapeFor(d Info, k driver.KernelInfo, s Shape, n int) Shape {
	if s.Block == (Dim{}) {
		s.Block = k.Block
	}
	open := s.Block == (Dim{})
	if open {
		s.Block.X = min(256, d.MaxThreads)
	}
	s.Block = s.Block.Full()
	if s.Grid == (Dim{}) {
		s.Grid.X = max((n+s.Block.Count()-1)/s.Block.Count(), 1)
		if d.Language == driver.Go && k.Spread {
			// A part of the elements for each goroutine, and some more so that none waits long for the last one.
			s.Grid.X = min(s.Grid.X, 4*d.Units)
		}
	}
	s.Grid = s.Grid.Full()
	return s
}

// check refuses a launch that does not fit the device or the kernel. The words are the same for every device.
func check(d Info, k driver.KernelInfo, s Shape) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("kernel %s on %s: %w: %s", k.Name, d.Name, ErrShape, fmt.Sprintf(format, args...))
	}
	limits := []struct {
		what      string
		got, most int
	}{
		{"threads of a block in x", s.Block.X, d.MaxBlock.X}, {"threads of a block in y", s.Block.Y, d.MaxBlock.Y},
		{"threads of a block in z", s.Block.Z, d.MaxBlock.Z}, {"blocks in x", s.Grid.X, d.MaxGrid.X}, {"blocks in y", s.Grid.Y, d.MaxGrid.Y},
		{"blocks in z", s.Grid.Z, d.MaxGrid.Z},
	}
	for _, l := range limits {
		if l.got < 1 || l.most > 0 && l.got > l.most {
			return wrong("%d %s: the device takes 1 to %d", l.got, l.what, l.most)
		}
	}
	if most := d.MaxThreads; most > 0 && s.Block.Count() > most {
		return wrong("a block of %v is %d threads: the device takes %d", s.Block, s.Block.Count(), most)
	}
	if want := k.Block; want != (Dim{}) && (want.X > 0 && want.X != s.Block.X || want.Y > 0 && want.Y != s.Block.Y || want.Z > 0 && want.Z != s.Block.Z) {
		return wrong("it was written for blocks of %v threads, not %v", want, s.Block)
	}
	if k.Dims < 3 && s.Block.Z > 1 || k.Dims < 2 && s.Block.Y > 1 {
		return wrong("it goes through the threads of %d dimensions; a block of %v has more", k.Dims, s.Block)
	}
	if s.Shared < 0 || s.Shared+k.Shared > d.SharedMemory {
		return wrong("%d bytes of shared memory: the device has %d for a block", s.Shared+k.Shared, d.SharedMemory)
	}
	if k.Dynamic == nil && s.Shared > 0 {
		return wrong("it takes no shared memory from its launch")
	}
	if k.Dynamic != nil && s.Shared%int(k.Dynamic.Size()) != 0 {
		return wrong("%d bytes of shared memory are no whole number of %v", s.Shared, k.Dynamic)
	}
	return nil
}
