//go:build cuda && cgo

package cu

import "cookbook/internal/gpu/driver"

// Gemm multiplies with cuBLAS, FFT transforms with cuFFT and Uniform makes numbers with cuRAND: package cuda puts them into the
// queue's stream.
func (q *queue) Gemm(double, transA, transB bool, alpha float64, a, b driver.Matrix, beta float64, c driver.Matrix) (driver.Event, driver.Library, error) {
	for _, m := range []*driver.Matrix{&a, &b, &c} {
		m.Buffer = q.device.memory(m.Buffer)
	}
	return q.libraries.Gemm(double, transA, transB, alpha, a, b, beta, c)
}

// FFT is described at Gemm.
func (q *queue) FFT(double, inverse bool, n, batch int, in, out driver.Buffer) (driver.Event, driver.Library, error) {
	return q.libraries.FFT(double, inverse, n, batch, q.device.memory(in), q.device.memory(out))
}

// Uniform is described at Gemm.
func (q *queue) Uniform(seed uint64, n int, out driver.Buffer) (driver.Event, driver.Library, error) {
	return q.libraries.Uniform(seed, n, q.device.memory(out))
}

// memory returns a buffer as package cuda has it.
func (d *device) memory(b driver.Buffer) driver.Buffer {
	return d.shared.Memory(uintptr(b.(*buffer).at))
}
