package ch6

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// combine computes z = a·x + b·y for each element, with a kernel that is made of one line.
func combine(ctx context.Context, device *gpu.Device, a float32, vx []float32, b float32, vy []float32) ([]float32, error) {
	kernel, err := device.Elementwise("linearCombination",
		"a float32, x []float32, b float32, y, z []float32", // as in Go
		"z[i] = a*x[i] + b*y[i]")
	if err != nil {
		return nil, err
	}
	x, err := gpu.Upload(device, vx)
	if err != nil {
		return nil, err
	}
	defer x.Free()
	y, err := gpu.Upload(device, vy)
	if err != nil {
		return nil, err
	}
	defer y.Free()
	z, err := gpu.Alloc[float32](device, len(vx))
	if err != nil {
		return nil, err
	}
	defer z.Free()
	if _, err := kernel.Launch(ctx, gpu.Shape{}, a, x, b, y, z); err != nil {
		return nil, err
	}
	return z.Download()
}

// printVector prints a vector, ten numbers to a line: 59 characters fit a terminal of 80 beside marks and times.
func printVector(out *transcript.Log, name, format string, v []float32) {
	out.Printf("%s", name)
	for len(v) > 0 {
		n := min(len(v), 10)
		out.Printf("%s", strings.Trim(fmt.Sprintf(format, v[:n]), "[]"))
		v = v[n:]
	}
}

var elementwise = catalog.Recipe{
	ID: "ch6.elementwise", Section: "6.6", Title: "Make a kernel of one expression",
	Python: "pycuda.elementwise.ElementwiseKernel", Go: "gpu.Device.Elementwise", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 50, 1, 1000, "numbers in each vector")
		return func(ctx context.Context, out *transcript.Log) error {
			device, err := gpu.Open(ctx)
			if err != nil {
				return err
			}
			defer device.Close()
			x, y, random := make([]float32, *count), make([]float32, *count), out.Rand()
			for i := range x {
				x[i], y[i] = random.Float32(), random.Float32()
			}
			z, err := combine(ctx, device, 2, x, 5, y)
			if err != nil {
				return err
			}
			out.Printf("%d numbers, on %s", *count, device)
			printVector(out, "VECTOR A", "%5.3f", x)
			printVector(out, "VECTOR B", "%5.3f", y)
			printVector(out, "VECTOR C = 2A + 5B", "%5.3f", z)
			difference, squares, equal := make([]float32, *count), 0.0, true
			for i := range z {
				want := float32(2*x[i]) + float32(5*y[i]) // each operation is rounded on its own
				difference[i] = z[i] - want
				squares += float64(difference[i]) * float64(difference[i])
				equal = equal && math.Float32bits(z[i]) == math.Float32bits(want)
			}
			printVector(out, "THE DIFFERENCE FROM PLAIN GO", "%g", difference)
			out.Check("its norm is below 1e-5", math.Sqrt(squares) < 1e-5, true)
			out.Check("every number has the bits that Go gives it", equal, true)
			return nil
		}
	},
}
