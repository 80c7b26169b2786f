// Package cu runs kernels on NVIDIA's graphics processors through gorgonia.org/cu, a binding that uses cgo. A binary that is built
// with -tags cuda has it in place of the calls that package cuda makes by itself; --device cuda then means this one. Both offer the same.
//
// Memory, streams, events, programs and launches go through gorgonia.org/cu. What that package has not comes from package cuda: how
// kernels are compiled, the libraries, the clock, and the words of errors.
//
// gorgonia.org/cu calls cuInit when the process starts and ends the process where there is no device: whatever it was asked to do, such
// a binary runs only on a machine with a graphics processor of NVIDIA. So nothing without the tag may import it.
//
// The folder include has declarations of our own for what gorgonia.org/cu calls, and a library to link with, so that make build-cuda
// needs gcc alone. gorgonia.org/cu does not compile with the headers of CUDA 13; what is built here runs with the drivers of 11 to 13.
//
// gorgonia.org/cu has a type Ctx, which keeps a goroutine and a thread for each context, and leaves them behind. It is not used: a
// device's primary context is made current on a locked thread for each call.
package cu
