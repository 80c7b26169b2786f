package gpu

import (
	"context"
	"fmt"
	"math"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// Library is which library of a device answered.
type Library = driver.Library

// NoLibrary is an error: a library that a device has not, and how to get it. It is an [ErrUnsupported].
type NoLibrary = driver.NoLibrary

// Gemm queues C = alpha·A·B + beta·C in the device's own queue, and returns which library computes it: gonum on the cpu, CLBlast on
// OpenCL, cuBLAS on CUDA. A and B may be transposed views. C is a matrix of its own, in which A and B are not. With beta 0 what C
// held does not matter. Errors are those of [Kernel.LaunchOn], and [NoLibrary].
func Gemm[T Float](alpha T, a, b *Array[T], beta T, c *Array[T]) (Library, error) {
	if err := gemmFits(a, b, c); err != nil {
		return Library{}, fmt.Errorf("product of matrices: %w", err)
	}
	q := c.device.queue
	l, ok := q.driver.(driver.BLAS)
	if !ok {
		return Library{}, fmt.Errorf("product of matrices: %w: %s has no library for it", ErrUnsupported, c.device.info.Name)
	}
	if c.Len() == 0 {
		return Library{}, nil
	}
	if a.Len() == 0 { // a sum of no products, which libraries refuse or leave out
		scaled := "z[i] = 0 * s" // also where z holds a NaN
		if beta != 0 {
			scaled = "z[i] *= s"
		}
		params := "z []" + name[T]() + ", s " + name[T]()
		k, err := cached(c.device, params+": "+scaled, func() (*Kernel, error) { return c.device.Elementwise("scale", params, scaled) })
		if err == nil {
			_, err = k.Launch(context.Background(), Shape{}, c, beta)
		}
		return Library{}, err
	}
	var matrices [3]driver.Matrix
	for i, x := range []*Array[T]{a, b, c} {
		_, _, done, err := x.buffer.argument(q)
		if err != nil {
			return Library{}, fmt.Errorf("product of matrices: %w", err)
		}
		defer done()
		rows, cols := x.shape[0], x.shape[1]
		if x.transposed {
			rows, cols = cols, rows
		}
		matrices[i] = driver.Matrix{Buffer: x.buffer.memory, Rows: rows, Cols: cols, Stride: cols}
	}
	e, library, err := l.Gemm(sizeOf[T]() == 8, a.transposed, b.transposed, float64(alpha), matrices[0], matrices[1], float64(beta), matrices[2])
	if err != nil {
		return library, err
	}
	q.command("Gemm", e, []*writers{a.written(), b.written()}, []*writers{c.written()})
	return library, nil
}

// gemmFits checks the matrices of a product.
func gemmFits[T Float](a, b, c *Array[T]) error {
	for _, x := range []*Array[T]{a, b, c} {
		switch {
		case x.err != nil:
			return x.err
		case len(x.shape) != 2:
			return fmt.Errorf("an array of shape %v: %w: it has two dimensions", x.shape, ErrArgument)
		case x.device != c.device:
			return fmt.Errorf("arrays of %s and %s: %w: all are to be on one device", x.device.info.Name, c.device.info.Name, ErrArgument)
		}
	}
	switch {
	case a.shape[1] != b.shape[0] || a.shape[0] != c.shape[0] || b.shape[1] != c.shape[1]:
		return fmt.Errorf("matrices of shapes %v, %v and %v: %w: m × k, k × n and m × n are to be given", a.shape, b.shape, c.shape, ErrArgument)
	case c.transposed:
		return fmt.Errorf("a transposed result: %w: its numbers do not lie in their order", ErrArgument)
	case c.buffer == a.buffer || c.buffer == b.buffer:
		return fmt.Errorf("the result is also a factor: %w: it would be overwritten while it is read", ErrArgument)
	}
	return nil
}

// FFT queues the discrete Fourier transform of some rows of n complex numbers each, from one buffer to another, in the device's own
// queue: forwards without a factor, backwards with the factor 1/n. A complex number is two numbers, see [Parts]. It returns which
// library computes it: gonum on the cpu (in double precision, and rounded), clFFT on OpenCL, cuFFT on CUDA. gonum is slow where n has
// a large prime factor; clFFT refuses those above 13.
func FFT[T Float](inverse bool, n int, in, out *Buffer[T]) (Library, error) {
	q := out.device.queue
	switch {
	case n < 1 || n > math.MaxInt/2 || in.n%(2*n) != 0 || in.n != out.n:
		return Library{}, fmt.Errorf("transform of rows of %d complex numbers, from %d numbers to %d: %w: both have two for each of these",
			n, in.n, out.n, ErrArgument)
	case in == out:
		return Library{}, fmt.Errorf("transform to where it comes from: %w: give another buffer", ErrArgument)
	}
	l, ok := q.driver.(driver.FFT)
	if !ok {
		return Library{}, fmt.Errorf("transform: %w: %s has no library for it", ErrUnsupported, out.device.info.Name)
	}
	for _, b := range []*Buffer[T]{in, out} {
		_, _, done, err := b.argument(q)
		if err != nil {
			return Library{}, fmt.Errorf("transform: %w", err)
		}
		defer done()
	}
	if in.n == 0 {
		return Library{}, nil
	}
	e, library, err := l.FFT(sizeOf[T]() == 8, inverse, n, in.n/(2*n), in.memory, out.memory)
	if err != nil {
		return library, err
	}
	out.wrote.forget()
	q.command("FFT", e, []*writers{&in.wrote}, []*writers{&out.wrote})
	return library, nil
}

// Parts returns complex numbers as their parts, the real one first, without a copy: what [FFT] takes in a buffer.
func Parts(s []complex128) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(s))), 2*len(s))
}
