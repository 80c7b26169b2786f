package gpu

import (
	"context"
	"embed"
	"fmt"
	"math"

	"cookbook/internal/gpu/driver"
)

// randomSource is where the kernels of this file are translated from.
//
//go:embed random.go
var randomSource embed.FS

// philox is the generator Philox4x32-10 of Salmon and others, Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011). It returns the
// first two of its four words, the first one in the low bits. It has no state, so element i needs no other element.
func philox(counter, stream, key uint64) uint64 {
	x0, x1, x2, x3 := uint32(counter), uint32(counter>>32), uint32(stream), uint32(stream>>32)
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		p, q := uint64(x0)*0xD2511F53, uint64(x2)*0xCD9E8D57
		x0, x2 = uint32(q>>32)^x1^k0, uint32(p>>32)^x3^k1
		x1, x3 = uint32(q), uint32(p)
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return uint64(x1)<<32 | uint64(x0)
}

// uniform32 fills out with numbers of [0, 1) that are multiples of 2⁻²⁴.
func uniform32(b *Block, seed uint64, out []float32) {
	first, _ := b.Range(len(out))
	part := Part(b, out)
	for i := range part {
		part[i] = float32(philox(uint64(first+i), 0, seed)&0xFFFFFF) * 0x1p-24
	}
}

// uniform64 fills out with numbers of [0, 1) that are multiples of 2⁻⁵³.
func uniform64(b *Block, seed uint64, out []float64) {
	first, _ := b.Range(len(out))
	part := Part(b, out)
	for i := range part {
		part[i] = float64(philox(uint64(first+i), 0, seed)>>11) * 0x1p-53
	}
}

// normal32 fills out with normally distributed numbers, by the method of Box and Muller.
func normal32(b *Block, seed uint64, out []float32) {
	first, _ := b.Range(len(out))
	part := Part(b, out)
	for i := range part {
		word := philox(uint64(first+i), 1, seed)
		u := float32(word&0xFFFFFF+1) * 0x1p-24 // never 0, which has no logarithm
		v := float32(word>>40) * 0x1p-24
		radius := float32(math.Sqrt(float64(-2 * float32(math.Log(float64(u))))))
		part[i] = radius * float32(math.Cos(float64(2*math.Pi*v)))
	}
}

// normal64 fills out with normally distributed numbers, by the method of Box and Muller.
func normal64(b *Block, seed uint64, out []float64) {
	first, _ := b.Range(len(out))
	part := Part(b, out)
	for i := range part {
		u := float64(philox(uint64(first+i), 1, seed)>>11+1) * 0x1p-53 // never 0, which has no logarithm
		v := float64(philox(uint64(first+i), 2, seed)>>11) * 0x1p-53
		part[i] = math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
	}
}

// Float is what devices compute with in libraries.
type Float interface{ float32 | float64 }

// Uniform makes a vector of n random numbers of [0, 1). They depend on the seed and on their index alone: on every device they have
// the same bits.
func Uniform[T Float](d *Device, n int, seed uint64) (*Array[T], error) {
	return random[T](d, n, seed, uniform32, uniform64)
}

// Normal makes a vector of n normally distributed numbers with mean 0 and variance 1. They depend on the seed and on their index; as
// logarithms and cosines differ a little between devices, so do these numbers.
func Normal[T Float](d *Device, n int, seed uint64) (*Array[T], error) {
	return random[T](d, n, seed, normal32, normal64)
}

func random[T Float](d *Device, n int, seed uint64, single, double any) (*Array[T], error) {
	kernel := single
	if sizeOf[T]() == 8 {
		kernel = double
	}
	k, err := cached(d, "random "+kernelName(kernel), func() (*Kernel, error) { return d.Kernel(randomSource, kernel) })
	if err != nil {
		return nil, err
	}
	a, err := NewArray[T](d, n)
	if err != nil {
		return nil, err
	}
	_, err = k.Launch(context.Background(), Shape{}, seed, a)
	return a, err
}

// LibraryUniform fills a vector with random numbers of (0, 1] or [0, 1), as the device's own library makes them, and returns which library
// that was. The error is an [ErrUnsupported] on a device without such a library: all but those of CUDA.
func LibraryUniform(a *Array[float32], seed uint64) (Library, error) {
	q := a.device.queue
	l, ok := q.driver.(driver.Random)
	if !ok {
		return Library{}, fmt.Errorf("%s has no library of random numbers: %w; gpu.Uniform needs none", a.device.info.Name, ErrUnsupported)
	}
	arg, _, done, err := a.argument(q)
	if err != nil {
		return Library{}, err
	}
	defer done()
	if arg.Len == 0 {
		return Library{}, nil
	}
	e, library, err := l.Uniform(seed, arg.Len, arg.Buffer)
	if err != nil {
		return library, err
	}
	q.command("Uniform", e, nil, []*writers{a.written()})
	return library, nil
}
