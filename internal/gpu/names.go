package gpu

import "cookbook/internal/gpu/driver"

// The words that package gpu shares with its drivers. Their fields and methods: go doc ./internal/gpu/driver Block, and so on.
type (
	// Dim is a size, or a place, in up to three dimensions; see [driver.Dim].
	Dim = driver.Dim
	// Block is what a kernel knows about the block of threads for which it runs, and says how a kernel is written; see [driver.Block].
	Block = driver.Block
	// Shape is how a kernel is launched: so many blocks of so many threads; see [driver.Shape].
	Shape = driver.Shape
	// Info is what a device says of itself; see [driver.Info].
	Info = driver.Info
	// Platform is an implementation of OpenCL; see [driver.Platform].
	Platform = driver.Platform
	// Missing is why a back end has no device, and what can be done; see [driver.Missing].
	Missing = driver.Missing
	// Times is when a command was queued, began and ended; see [driver.Times].
	Times = driver.Times

	// BuildError is a kernel that cannot be translated or compiled, with its place; see [driver.BuildError].
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

// Number is what buffers hold and kernels compute with; see [driver.Number].
type Number interface{ driver.Number }

// Language is what a device's programs are written in.
type Language = driver.Language

// The languages that [Translate] knows.
const (
	OpenCLC = driver.OpenCLC
	CUDAC   = driver.CUDAC
)

// The compiler can inline these methods of driver.Block in a package that imports only this one, if they were inlined here.
var _ = func(b *Block) int { return b.X(b.Y(b.Z(1))) }
