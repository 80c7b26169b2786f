// Package opencl is the back end of package gpu for OpenCL 1.2 and later: graphics processors of all makers, and implementations for
// the processor such as PoCL.
//
// The library is looked for when somebody asks for devices: first in the process itself, so that a simulator may preload its own
// (oclgrind cookbook …), then libOpenCL.so.1. It is called through package dl, without cgo. Where it is missing, [Backend.Devices]
// says what to install.
//
// Reading order: api.go calls the library, backend.go finds devices, device.go, build.go, queue.go and event.go are the parts of
// package driver, selftest.go finds out what a device does other than it says; blas.go and fft.go use CLBlast and clFFT.
//
// Costs, measured with PoCL on two cores: the first Devices 60 ms, the first Open of a device 60 ms (1.5 s if PoCL has not yet compiled
// the self-test), Launch and Sync 30 µs, Alloc 30 µs and the clearing.
package opencl
