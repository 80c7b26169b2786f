// Package cuda runs kernels on NVIDIA's graphics processors. The driver, libcuda.so.1, and the compiler NVRTC are called through
// package dl, without cgo. Where they are missing, [Backend.Devices] and [Backend.Open] say what to install.
//
// Reading order: api.go calls the driver, backend.go finds devices, device.go, build.go, queue.go and event.go are the parts of
// package driver. nvrtc.go compiles; [Compile] does so without a device. blas.go, fft.go and random.go use cuBLAS, cuFFT and cuRAND.
//
// A device is used through its primary context, which is made current on a thread of the system for each call and no longer.
package cuda
