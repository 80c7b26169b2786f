package driver

import "fmt"

// Dim is a size, or a place, in up to three dimensions. A size of 0 counts as 1 in [Dim.Count]; package gpu writes 1 into such
// places before a driver sees them.
type Dim struct{ X, Y, Z int }

// Count returns how many places a Dim has.
func (d Dim) Count() int { return max(d.X, 1) * max(d.Y, 1) * max(d.Z, 1) }

// Full returns d with 1 in place of 0.
func (d Dim) Full() Dim { return Dim{max(d.X, 1), max(d.Y, 1), max(d.Z, 1)} }

// String writes 32 × 8 for {32, 8, 1}.
func (d Dim) String() string {
	switch d = d.Full(); {
	case d.Z > 1:
		return fmt.Sprintf("%d × %d × %d", d.X, d.Y, d.Z)
	case d.Y > 1:
		return fmt.Sprintf("%d × %d", d.X, d.Y)
	}
	return fmt.Sprint(d.X)
}

// Shape is how a kernel is launched: so many blocks of so many threads.
type Shape struct {
	Grid   Dim // blocks (OpenCL: work-groups)
	Block  Dim // threads of a block (OpenCL: work-items of a group)
	Shared int // bytes of shared memory that the launch chooses, beside the kernel's own arrays; see [Shared]
}

// Number is what buffers hold and kernels compute with. int has 64 bits on every device.
type Number interface {
	int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}
