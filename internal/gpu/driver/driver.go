package driver

import (
	"context"
	"reflect"
	"time"
)

// Backend finds the devices of one kind.
type Backend interface {
	Name() string // as in --device

	// Devices returns what there is, sorted so that the order is the same in every run, with Index set; or why there is none. It loads the
	// libraries and asks them, and costs what that costs; it opens nothing that it does not close.
	Devices() ([]Info, *Missing)

	// Open opens device number index. The error is ErrNoDevice, with the reason, where there is none of that number or it failed
	// its self-test.
	Open(index int) (Device, error)
}

// Device is an open device. Close frees what is left of it; package gpu has closed all queues by then.
type Device interface {
	Info() Info
	Alloc(bytes int) (Buffer, error) // never 0 bytes; cleared to zero. ErrMemory
	Build(Program) (Module, error)   // all kernels of it, at once. A *BuildError where the source does not compile
	NewQueue() (Queue, error)
	Close() error
}

// Buffer is memory of a device. It is freed once, when no command that uses it is under way.
type Buffer interface {
	Free() error
}

// Queue runs commands in their order. Package gpu does not use a queue after its Close.
type Queue interface {
	// Write copies p to the buffer, from byte offset on, and Read copies from it. Both return when p may be used again. Copies
	// are never empty, and inside of the buffer.
	Write(b Buffer, offset int, p []byte) (Event, error)
	Read(b Buffer, offset int, p []byte) (Event, error)
	Copy(to Buffer, toOffset int, from Buffer, fromOffset, bytes int) (Event, error)

	// Launch queues a kernel and returns. The shape has no zeros in Grid and Block and fits Info; the arguments are those of the
	// kernel's Params. The cpu device stops between blocks when ctx ends; the event's Wait then returns the reason.
	Launch(ctx context.Context, k Kernel, s Shape, args []Arg) (Event, error)

	// Sync waits until all commands of the queue have ended, and returns the first error of one that Sync has not returned before.
	Sync() error
	Close() error
}

// Clock is a queue that can say what time it is by the clock of its events' times.
type Clock interface{ Now() time.Duration }

// Event is a command of a queue.
type Event interface {
	Wait() error           // until it has ended; the command's error
	Times() (Times, error) // of a command that has ended
	Free()                 // must be called once; not before Wait has returned
}

// Times is when a command was queued, began and ended, on a clock of the device (or of the host where Info.Times is false).
type Times struct{ Queued, Start, End time.Duration }

// Arg is an argument of a kernel.
type Arg struct {
	Buffer Buffer // of a slice
	Offset int    // bytes at which the slice begins in the buffer: a multiple of the element's size and of Info.Align
	Len    int    // elements of the slice. It may be 0; then Buffer may be nil
	Scalar any    // else: bool, or a number of the type in Param
}

// Program is what is built for a device: kernels that were translated together.
type Program struct {
	Name    string   // what to call it in errors
	Source  string   // in the device's language; "" where that is Go
	Lines   []string // FILE:LINE of our source for each line of Source, counted from 0; "" where there is none
	Kernels []KernelInfo
}

// KernelInfo describes a kernel: what package gpu has to know to check a launch, and what the cpu device has to run.
type KernelInfo struct {
	Name   string
	Params []Param // without the *Block

	// Block is the size of a block for which the kernel was written: the constants of b.X(n), b.Y(n), b.Z(n); 0 where the kernel takes any.
	Block Dim
	// Dims is how many dimensions of threads it goes through: the block must have 1 in those above.
	Dims int
	// Spread says that the kernel asks for the block's part of its elements (Range, Part), so that any number of blocks will do.
	Spread bool
	// Shared is how many bytes of shared memory its own arrays take in a block.
	Shared int
	// Dynamic is the type of the elements of Shared[T](b); nil: it has none.
	Dynamic reflect.Type
	// Float64 says that it computes with float64.
	Float64 bool

	// Run runs a block on the cpu device; args are the Go values of Params: slices and scalars.
	Run func(b *Block, args []reflect.Value)
}

// Param is a parameter of a kernel.
type Param struct {
	Name  string
	Slice bool
	Elem  reflect.Type // of a slice's elements, or of the scalar: bool, int, int8…, uint8…, float32, float64
	Write bool         // the kernel writes to the slice
}

// Module is a built program.
type Module interface {
	Kernel(name string) (Kernel, error)
	Close() error
}

// Kernel is a kernel ready to be launched; it is closed with its module. Many goroutines may launch it at once.
type Kernel interface{ Info() KernelInfo }
