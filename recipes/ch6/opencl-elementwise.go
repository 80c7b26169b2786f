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

// Two vectors are added by a kernel of one line. What stands around the line is written by the library.

func sumElementwise(ctx context.Context, out *transcript.Log, n int) error {
	device, err := gpu.Open(ctx)
	if err != nil {
		return err
	}
	defer device.Close()
	sum, err := device.Elementwise("sum", "a, b, c []int", "c[i] = a[i] + b[i]")
	if err != nil {
		return err
	}

	numbers, random := [2][]int{make([]int, n), make([]int, n)}, out.Rand()
	for i := range n {
		numbers[0][i], numbers[1][i] = random.IntN(100), random.IntN(100)
	}
	a, err1 := gpu.ArrayOf(device, numbers[0])
	b, err2 := gpu.ArrayOf(device, numbers[1])
	c, err3 := gpu.NewArray[int](device, n)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	launched, err := sum.Launch(ctx, gpu.Shape{}, a, b, c)
	if err != nil {
		return err
	}
	if err := launched.Wait(ctx); err != nil {
		return err
	}
	sums, err := c.Get()
	if err != nil {
		return err
	}

	out.Printf("ELEMENT-WISE SUM OF TWO VECTORS ON %v", device)
	out.Printf("VECTOR LENGTH = %d", n)
	for i, v := range [][]int{numbers[0], numbers[1], sums} {
		out.Printf("%s", []string{"INPUT VECTOR A", "INPUT VECTOR B", "OUTPUT VECTOR RESULT A + B"}[i])
		for line := range slices.Chunk(v[:min(n, 100)], 10) {
			out.Printf("%s", strings.Trim(fmt.Sprintf("%3d", line), "[]"))
		}
	}
	wrong := 0
	for i, s := range sums {
		if s != numbers[0][i]+numbers[1][i] {
			wrong++
		}
	}
	out.Check("sums that are not the processor's", wrong, 0)

	out.Note("The same as an expression of arrays: each operation is a kernel that the library has.")
	again, err := a.Add(b).Get()
	if err != nil {
		return err
	}
	out.Check("a.Add(b) is the same", slices.Equal(again, sums), true)

	out.Note("The book's kernel is for numbers of 32 bits, and these have 64.")
	narrow, err := device.Elementwise("narrow", "a, b, c []int32", "c[i] = a[i] + b[i]")
	if err != nil {
		return err
	}
	_, err = narrow.Launch(ctx, gpu.Shape{}, a, b, c)
	out.Printf("for 32 bits: %v", err)
	out.Check("a kernel for other numbers is refused", errors.Is(err, gpu.ErrArgument), true)
	return nil
}

var openCLElementwise = catalog.Recipe{
	ID: "ch6.opencl-elementwise", Section: "6.12", Title: "Add two vectors by a kernel of one line",
	Python: "pyopencl.elementwise.ElementwiseKernel, pyopencl.array", Go: "gpu.Device.Elementwise, gpu.Array", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "length", 100, 1, 1_000_000, "numbers in each vector; at most 100 are printed")
		return func(ctx context.Context, out *transcript.Log) error { return sumElementwise(ctx, out, *n) }
	},
}
