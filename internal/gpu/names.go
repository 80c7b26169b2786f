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
