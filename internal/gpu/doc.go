// Package gpu computes on devices with many processors: kernels, which are Go functions, run on the processor itself (device cpu,
// which is always there), on what OpenCL finds, or on CUDA.
//
//	func double(b *gpu.Block, a []float32) {
//		part := gpu.Part(b, a)
//		for i := range part {
//			part[i] *= 2
//		}
//	}
//
//	device, err := gpu.Open(ctx) // the cpu, or what --device names
//	defer device.Close()
//	kernel, err := device.Kernel(files, double) // files holds the source
//	a, err := gpu.Upload(device, numbers)
//	_, err = kernel.Launch(ctx, gpu.Shape{}, a)
//	numbers, err = a.Download()
//
// Commands run in their order, in the background; a copy to the host waits for them.
//
// # How to write a kernel
//
// A kernel is a function of one block of threads. It goes through the threads in loops, and only these loops do:
//
//	for x := range b.Dim.X           // also Dim.Y and Dim.Z: one round is one thread
//	for x := range b.X(32)           // the same; the kernel can then only be launched with such blocks
//	part := gpu.Part(b, s)
//	for i := range part              // the block's part of a slice, shared among its threads
//
// They may stand in each other (y, then x), with other loops between them. Their rounds must not depend on each other. Where the
// outermost one ends, all threads wait for each other: what was written before can be read behind it. A round ends early by continue;
// break and return would end other threads, and are refused.
//
// Where a variable is declared says where it lives:
//
//   - In a loop over threads: a variable of each thread.
//   - An array outside of these loops, such as var tile [32][32]float32: memory that the block shares, cleared. If every thread uses only
//     the element with its own numbers, sum[y][x], it becomes a register of the thread.
//   - A number outside of these loops: the same for all threads. It is computed from constants, parameters, lengths, the block's place and
//     other such numbers. Slices and arrays cannot be read or written there, since the threads could part ways.
//   - [Shared]: the one slice of shared memory whose size the launch chooses.
//
// There are bool, integers (int has 64 bits), float32 and float64; slices of them as parameters; s[lo:hi]; arrays; constants and
// functions of the same file that take and return numbers; min, max, len, conversions; if, for, switch; and of package math Sqrt, Abs,
// Floor, Ceil, Trunc, Round, FMA and some more, which are exact, and Exp, Log, Sin, Cos, Tan, Pow, which differ a little between
// devices. Whatever else stands in a kernel is refused, on the cpu as well, with its place. float32(math.Sqrt(float64(x))) needs no
// float64, which some devices lack.
//
// Go may compute x*y + z with one rounding, on arm64 and on amd64 with GOAMD64=v3; devices never do. float32(x*y) + z gives the same
// bits everywhere.
//
// A device does not notice an index that is out of range; the cpu does. [Device.BuildChecked] builds kernels that do on any device.
package gpu
