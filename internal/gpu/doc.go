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
// A device does not notice an index that is out of range; the cpu does. [Device.BuildChecked] builds kernels that do on any device.
//
// A [Block] says how a kernel is written. Commands run in their order, in the background; a copy to the host waits for them.
package gpu
