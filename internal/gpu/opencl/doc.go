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
// Costs, measured with PoCL on two cores: the first Devices 35 ms (0.5 s if PoCL never ran on the machine), the first Open of a device
// 30 ms (1 s if PoCL has not yet compiled the self-test), later ones 20 µs; Launch and Sync 36 µs, 2.5 µs of them in this package and
// the calls; Alloc 25 µs, and 0.4 s a GiB for clearing memory that nobody has used before.
//
// Under oclgrind, --data-races works; --uninitialized does not: Oclgrind 21.10 then wants all commands from one thread of the system, and
// crashes.
//
// Some compilers write "1 error generated." to standard error themselves; clFFT makes them write of warnings.
package opencl
