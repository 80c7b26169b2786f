package ch6

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// A matrix on a device that can be computed with as with numbers: no kernel is written, and nothing is copied in between.

func showArrays(ctx context.Context, out *transcript.Log, n int) error {
	device, err := gpu.Open(ctx)
	if err != nil {
		return err
	}
	defer device.Close()
	random := out.Rand()
	normal := func() []float32 {
		v := make([]float32, n*n)
		for i := range v {
			v[i] = float32(random.NormFloat64())
		}
		return v
	}
	x, y := normal(), normal()
	a, err1 := gpu.ArrayOf(device, x, n, n)
	b, err2 := gpu.ArrayOf(device, y, n, n)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}

	out.Printf("arrays of %d × %d on %v", n, n, device)
	// show copies an array to the host, prints it, and claims that plain Go has the same bits.
	show := func(title string, array *gpu.Array[float32], plain func(row, col int) float32) error {
		got, err := array.Get() // returns the error of any operation that led here
		if err != nil {
			return err
		}
		out.Printf("%s", title)
		for row := range slices.Chunk(got, n) {
			out.Printf("%s", strings.Trim(fmt.Sprintf("%9.4f", row), "[]"))
		}
		same := true
		for i, v := range got {
			same = same && v == plain(i/n, i%n)
		}
		out.Check(title+": the bits of plain Go", same, true)
		return nil
	}
	at := func(v []float32, row, col int) float32 { return v[row*n+col] }
	err1 = show("ORIGINAL MATRIX A", a, func(r, c int) float32 { return at(x, r, c) })
	err2 = show("DOUBLED MATRIX 2·A", a.Scale(2), func(r, c int) float32 { return 2 * at(x, r, c) })
	if err := errors.Join(err1, err2); err != nil {
		return err
	}

	out.Note("A chain: each operation makes an array on the device, and the next one takes it from there.")
	err1 = show("(2·A + B) · B - A, by elements", a.Scale(2).Add(b).Mul(b).Sub(a), func(r, c int) float32 {
		p, q := at(x, r, c), at(y, r, c)
		return float32((2*p+q)*q) - p // float32(…): rounded before the subtraction, on every processor
	})
	out.Note("A transposed array is a view: the same memory, read in another order.")
	err2 = show("A + Aᵀ", a.Add(a.T()), func(r, c int) float32 { return at(x, r, c) + at(x, c, r) })
	if err := errors.Join(err1, err2); err != nil {
		return err
	}

	wide, err := gpu.NewArray[float32](device, n, n+1)
	if err != nil {
		return err
	}
	failed := a.Add(wide).Scale(2).Neg() // the first operation fails, and the others pass its error on
	out.Printf("other shape: %v", failed.Err())
	out.Check("arrays of other shapes are refused", errors.Is(failed.Err(), gpu.ErrArgument), true)
	return nil
}

var gpuArray = catalog.Recipe{
	ID: "ch6.gpuarray", Section: "6.5", Title: "Compute with arrays that stay on the device",
	Python: "pycuda.gpuarray.GPUArray", Go: "gpu.Array", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "size", 5, 1, 8, "rows and columns of the arrays")
		return func(ctx context.Context, out *transcript.Log) error { return showArrays(ctx, out, *n) }
	},
}
