package ch6

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// task is a computation done in two ways: by the device's library, and by plain Go.
type task struct {
	name    string
	library func() (gpu.Library, error) // starts the computation
	wait    func() error                // until the library's result is there
	plain   func() error                // in one goroutine
	off     func() float64              // the largest difference of the two results
}

// # Products of matrices

// product multiplies two random n × n matrices.
func product(ctx context.Context, out *transcript.Log, device *gpu.Device, n int) (task, error) {
	ma, mb, mc, random := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n), out.Rand()
	for i := range ma {
		ma[i], mb[i] = random.Float64(), random.Float64()
	}
	arrays := make([]*gpu.Array[float64], 3)
	for i, m := range [][]float64{ma, mb, mc} {
		var err error
		if arrays[i], err = gpu.ArrayOf(device, m, n, n); err != nil {
			return task{}, err
		}
	}
	var got []float64
	return task{
		name:    fmt.Sprintf("A·B, %d × %d", n, n),
		library: func() (gpu.Library, error) { return gpu.Gemm(1, arrays[0], arrays[1], 0, arrays[2]) },
		wait:    func() (err error) { got, err = arrays[2].Get(); return err },
		plain: func() error {
			clear(mc)
			for i := range n {
				for k, row := 0, mc[i*n:i*n+n]; k < n; k++ {
					for j, b := range mb[k*n : k*n+n] {
						row[j] += ma[i*n+k] * b
					}
				}
			}
			return nil
		},
		off: func() float64 { return difference(got, mc) },
	}, nil
}

// # Fourier transforms

// transform transforms n random complex numbers; n is a power of two.
func transform(ctx context.Context, out *transcript.Log, device *gpu.Device, n int) (task, error) {
	numbers, plain, random := make([]complex128, n), make([]complex128, n), out.Rand()
	for i := range numbers {
		numbers[i] = complex(random.Float64(), random.Float64())
	}
	in, err := gpu.Upload(device, gpu.Parts(numbers))
	if err != nil {
		return task{}, err
	}
	to, err := gpu.Alloc[float64](device, 2*n)
	if err != nil {
		return task{}, err
	}
	var got []float64
	return task{
		name:    fmt.Sprintf("FFT of %d", n),
		library: func() (gpu.Library, error) { return gpu.FFT(false, n, in, to) },
		wait:    func() (err error) { got, err = to.Download(); return err },
		plain:   func() error { cooleyTukey(plain, numbers); return nil },
		off:     func() float64 { return difference(got, gpu.Parts(plain)) },
	}, nil
}

// cooleyTukey computes the discrete Fourier transform of a power of two of numbers, by the method of Cooley and Tukey.
func cooleyTukey(to, from []complex128) {
	n := len(from)
	for i, v := range from {
		to[bits.Reverse64(uint64(i))>>(64-bits.Len(uint(n))+1)] = v
	}
	roots := make([]complex128, n/2)
	for i := range roots {
		roots[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(n))
	}
	for half := 1; half < n; half *= 2 {
		for start := 0; start < n; start += 2 * half {
			for i := range half {
				even, odd := to[start+i], to[start+half+i]*roots[i*(n/2/half)]
				to[start+i], to[start+half+i] = even+odd, even-odd
			}
		}
	}
}

// difference returns the largest difference of two numbers at the same place.
func difference(a, b []float64) float64 {
	largest := 0.0
	for i := range a {
		largest = max(largest, math.Abs(a[i]-b[i]))
	}
	return largest
}

// # Both ways

// compare does a task in both ways, and prints which library did it, both times and the difference. It reports whether that is too large.
func compare(ctx context.Context, out *transcript.Log, t task) (wrong bool, err error) {
	library, err := t.library() // the first call may load and compile
	if errors.Is(err, gpu.ErrUnsupported) {
		out.Printf("%-16s not here: %v", t.name, err)
		return false, nil
	} else if err != nil {
		return false, err
	}
	times, err := measure.Medians(ctx, 3, func() error {
		if _, err := t.library(); err != nil {
			return err
		}
		return t.wait()
	}, t.plain)
	if err != nil {
		return false, err
	}
	off := t.off()
	out.Printf("%-16s %-13s %8.3f %8.3f %10.1e", t.name, library.Name+" "+library.Version, float64(times[0])/1e6, float64(times[1])/1e6, off)
	return off > 1e-9, nil
}

// showRandom makes random numbers on the device and on the processor, and by the device's library if it has one.
func showRandom(ctx context.Context, out *transcript.Log, device *gpu.Device, n int) error {
	processor, err := gpu.OpenDevice("cpu")
	if err != nil {
		return err
	}
	defer processor.Close()
	seed, differ := out.Rand().Uint64(), 0
	var both [2][]float32
	for i, d := range []*gpu.Device{device, processor} {
		numbers, err := gpu.Uniform[float32](d, n, seed)
		if err != nil {
			return err
		}
		if both[i], err = numbers.Get(); err != nil {
			return err
		}
	}
	for i := range both[0] {
		if both[0][i] != both[1][i] {
			differ++
		}
	}
	out.Printf("%d random numbers: %d differ from the processor's", n, differ)
	out.Check("the random numbers are those of the processor, bit for bit", differ, 0)
	numbers, err := gpu.NewArray[float32](device, n)
	if err != nil {
		return err
	}
	library, err := gpu.LibraryUniform(numbers, seed)
	if errors.Is(err, gpu.ErrUnsupported) {
		out.Printf("a library's own random numbers: not here: %v", err)
		return nil
	} else if err != nil {
		return err
	}
	sum, err := numbers.SumAll(ctx)
	out.Printf("a library's own random numbers: %s %s, their mean is %.3f", library.Name, library.Version, float64(sum)/float64(n))
	return err
}

var libraries = catalog.Recipe{
	ID: "ch6.libraries", Section: "6.9", Title: "Leave it to the libraries of the device",
	Python: "numbapro.cudalib: cuBLAS, cuFFT, cuRAND", Go: "gpu.Gemm, gpu.FFT, gpu.Uniform", Device: true, Measures: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		size := catalog.Int(f, "size", 256, 1, 1024, "rows and columns of the larger matrices")
		log := catalog.Int(f, "log", 16, 1, 20, "the transform is of 2 to the power of this")
		count := catalog.Int(f, "count", 1_000_000, 1, 10_000_000, "random numbers")
		return func(ctx context.Context, out *transcript.Log) error {
			device, err := gpu.Open(ctx)
			if err != nil {
				return err
			}
			defer device.Close()
			out.Printf("on %s", device)
			if device.Info().Backend == "opencl" {
				out.Note("On OpenCL the libraries compile their kernels when they are first used. The drivers keep what they built.")
			}
			out.Printf("%-16s %-13s %8s %8s %10s", "what", "library", "its ms", "Go's ms", "max. error")
			wrong := 0
			for _, prepare := range []func() (task, error){
				func() (task, error) { return product(ctx, out, device, 10) },
				func() (task, error) { return product(ctx, out, device, *size) },
				func() (task, error) { return transform(ctx, out, device, 1<<*log) },
			} {
				t, err := prepare()
				if err != nil {
					return err
				}
				bad, err := compare(ctx, out, t)
				if err != nil {
					return err
				}
				if bad {
					wrong++
				}
			}
			out.Check("results that differ from plain Go's by more than a billionth", wrong, 0)
			return showRandom(ctx, out, device, *count)
		}
	},
}
