// Package driver is what a back end of package gpu has to offer, and the words that all of them share: sizes, a device's facts,
// errors, the block that a kernel sees. The back ends are packages below gpu: cpu, opencl, cuda, cu.
//
// Package gpu checks what callers ask for before a driver hears of it: sizes, lengths, the types of arguments, use after Close. A
// driver can rely on that; what it must find out itself is what only the device knows (no memory, a source that does not compile,
// a device that is lost).
//
// A driver's methods may be called by many goroutines at once.
package driver
