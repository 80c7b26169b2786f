// Package cpu is the device that every machine has: kernels run as the Go functions that they are, their blocks shared among as
// many goroutines as Go runs at once.
//
// A kernel is called once for each block. Its loops over threads are plain loops, so what it costs is what the loops cost, and some
// 0.3 µs for a block: let a block do work for 10 µs or more.
package cpu

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"

	"cookbook/internal/gpu/driver"
)

// Backend has one device.
type Backend struct{}

// Name returns "cpu".
func (Backend) Name() string { return "cpu" }

// Devices returns the one device.
func (Backend) Devices() ([]driver.Info, *driver.Missing) { return []driver.Info{info()}, nil }

// Open returns the device. Several may be open; each has buffers and queues of its own.
func (Backend) Open(index int) (driver.Device, error) {
	if index != 0 {
		return nil, fmt.Errorf("cpu:%d: %w: there is one", index, driver.ErrNoDevice)
	}
	return &device{info: info()}, nil
}

// What a block may be is as on a usual GPU, so that a kernel that runs here does not fail there.
const (
	maxThreads = 1024
	shared     = 48 << 10 // bytes
)

func info() driver.Info {
	memory := memoryBytes()
	return driver.Info{
		Backend: "cpu", Name: name(), Vendor: runtime.GOARCH, Version: runtime.Version(), Driver: runtime.Version(),
		Kind: driver.CPU, Language: driver.Go,
		Units: runtime.GOMAXPROCS(0), Memory: memory, MaxAlloc: min(memory, math.MaxInt/2), SharedMemory: shared, ConstantMemory: 64 << 10,
		Align: 1, MaxBlock: driver.Dim{X: maxThreads, Y: maxThreads, Z: 64}, MaxThreads: maxThreads,
		MaxGrid: driver.Dim{X: math.MaxInt32, Y: math.MaxUint16, Z: math.MaxUint16},
		Float64: true, Times: true,
	}
}

type device struct {
	info driver.Info
	used atomic.Int64 // bytes of buffers
}

func (d *device) Info() driver.Info { return d.info }

func (d *device) Close() error { return nil }

func (d *device) NewQueue() (driver.Queue, error) { return newQueue(), nil }

// Build has nothing to compile.
func (d *device) Build(p driver.Program) (driver.Module, error) { return module(p), nil }

type module driver.Program

func (m module) Kernel(name string) (driver.Kernel, error) {
	for _, k := range m.Kernels {
		if k.Name == name {
			return kernel{k, m.Name}, nil
		}
	}
	return nil, fmt.Errorf("kernel %s: %w", name, driver.ErrArgument)
}

func (m module) Close() error { return nil }

type kernel struct {
	info driver.KernelInfo
	file string // in which it stands, without its folder; some other name if it was made of a text
}

func (k kernel) Info() driver.KernelInfo { return k.info }
