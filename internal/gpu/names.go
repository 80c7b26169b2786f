package gpu

import "cookbook/internal/gpu/driver"

// The words that package gpu shares with its drivers.
type (
	Dim      = driver.Dim
	Block    = driver.Block
	Shape    = driver.Shape
	Info     = driver.Info
	Platform = driver.Platform
	Missing  = driver.Missing
	Times    = driver.Times

	BuildError = driver.BuildError
)

// What goes wrong, to be asked for with errors.Is.
var (
	ErrNoDevice    = driver.ErrNoDevice
	ErrShape       = driver.ErrShape
	ErrArgument    = driver.ErrArgument
	ErrMemory      = driver.ErrMemory
	ErrBuild       = driver.ErrBuild
	ErrUnsupported = driver.ErrUnsupported
	ErrClosed      = driver.ErrClosed
	ErrLost        = driver.ErrLost
)

// Part returns the block's part of s; see [driver.Part].
func Part[T any](b *Block, s []T) []T { return driver.Part(b, s) }

// Shared returns the shared memory that the launch chose; see [driver.Shared].
func Shared[T any](b *Block) []T { return driver.Shared[T](b) }

// Number is what buffers hold and kernels compute with. int has 64 bits on every device.
type Number interface {
	int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}
