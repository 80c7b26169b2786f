package driver

// Kind is what a device says it is. Believe it with care: there are simulators that call themselves GPUs.
type Kind string

// The kinds of devices.
const (
	CPU         Kind = "CPU"
	GPU         Kind = "GPU"
	Accelerator Kind = "accelerator"
)

// Language is what a device's programs are written in.
type Language string

// The languages of devices.
const (
	Go      Language = "Go"       // the kernel runs as it is
	OpenCLC Language = "OpenCL C" // 1.2
	CUDAC   Language = "CUDA C++" // as NVRTC compiles it
)

// Info is what is known of a device. A number that a device does not tell is 0.
type Info struct {
	Backend  string // cpu, opencl, cuda
	Index    int    // which one of the back end's devices: opencl:Index
	Name     string // as the device says, in one line
	Vendor   string
	Version  string // of the interface: "OpenCL 3.0 …", "CUDA 12.4", the Go version
	Driver   string // version of the driver
	Kind     Kind
	Language Language
	Platform Platform // OpenCL only

	Capability string // CUDA: compute capability, "9.0"
	Units      int    // compute units; multiprocessors
	ClockMHz   int

	Memory         int64 // bytes of global memory
	MaxAlloc       int64 // bytes of the largest buffer
	SharedMemory   int   // bytes a block may use (OpenCL: local memory)
	ConstantMemory int64 // bytes
	Align          int   // bytes at which a part of a buffer may begin

	MaxBlock   Dim // threads of a block in each dimension
	MaxThreads int // threads of a block
	MaxGrid    Dim // blocks in each dimension

	Float64 bool // it can compute with float64
	Times   bool // its events tell times; else those are of the host's clock

	Limits []string // what it cannot do although its kind can, a sentence each
}

// Platform is an implementation of OpenCL, which may have several devices.
type Platform struct{ Name, Vendor, Version, Profile string }

// Spec returns how --device names the device.
func (i Info) Spec() string { return Spec(i.Backend, i.Index) }
