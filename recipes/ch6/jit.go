package ch6

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// matMul computes C = A·B: A has rows × n numbers, B n × cols, C rows × cols. Each thread computes one number of C.
func matMul(b *gpu.Block, rows, cols, n int, ma, mb, mc []int) {
	for y := range b.Dim.Y {
		for x := range b.Dim.X {
			row, col := b.Idx.Y*b.Dim.Y+y, b.Idx.X*b.Dim.X+x
			if row >= rows || col >= cols {
				continue // the last blocks reach over the edge
			}
			sum := 0
			for k := range n {
				sum += ma[row*n+k] * mb[k*cols+col]
			}
			mc[row*cols+col] = sum
		}
	}
}

// corners computes what C leaves open and Go does not: shifts by more than the width, and the quotients of negative numbers.
func corners(b *gpu.Block, x, y, shifted, quotient, rest []int) {
	xs, ys := gpu.Part(b, x), gpu.Part(b, y)
	ss, qs, rs := gpu.Part(b, shifted), gpu.Part(b, quotient), gpu.Part(b, rest)
	for i := range xs {
		ss[i] = xs[i] << uint(ys[i]&127)
		qs[i] = xs[i] / ys[i]
		rs[i] = xs[i] % ys[i]
	}
}

// words is Go, but nothing for a device: it is refused, on the cpu as well, so that nobody finds out too late.
func words(b *gpu.Block, out []int) {
	part := gpu.Part(b, out)
	for i := range part {
		part[i] = map[string]int{"cpu": 1, "gpu": 2}["gpu"]
	}
}

// matMulOn multiplies two random matrices on the device and compares with a plain loop.
func matMulOn(ctx context.Context, out *transcript.Log, device *gpu.Device, n int) error {
	ma, mb, random := make([]int, n*n), make([]int, n*n), out.Rand()
	for i := range ma {
		ma[i], mb[i] = random.IntN(10), random.IntN(10)
	}
	kernel, err := device.Kernel(files, matMul)
	if err != nil {
		return err
	}
	bufferA, err := gpu.Upload(device, ma)
	if err != nil {
		return err
	}
	bufferB, err := gpu.Upload(device, mb)
	if err != nil {
		return err
	}
	bufferC, err := gpu.Alloc[int](device, n*n)
	if err != nil {
		return err
	}
	const side = 8
	blocks := (n + side - 1) / side
	shape := gpu.Shape{Grid: gpu.Dim{X: blocks, Y: blocks}, Block: gpu.Dim{X: side, Y: side}}
	if _, err := kernel.Launch(ctx, shape, n, n, n, bufferA, bufferB, bufferC); err != nil {
		return err
	}
	got, err := bufferC.Download()
	if err != nil {
		return err
	}
	out.Printf("C = A·B, %d × %d numbers, computed on %s:", n, n, device)
	want := make([]int, n*n)
	for row := range n {
		for col := range n {
			for k := range n {
				want[row*n+col] += ma[row*n+k] * mb[k*n+col]
			}
		}
		if row < 10 {
			out.Printf("%s", strings.Trim(fmt.Sprintf("%4d", got[row*n:row*n+min(n, 10)]), "[]"))
		}
	}
	out.Check("all numbers of C are those of a plain loop", slices.Equal(got, want), true)
	return nil
}

// cornersOn computes a table of corner cases on the device and compares with what the same function gives as plain Go.
func cornersOn(ctx context.Context, out *transcript.Log, device *gpu.Device) error {
	const least = -1 << 63
	x := []int{1, 1, -1, -7, 7, -7, least, 7}
	y := []int{63, 64, 100, 2, -2, -2, -1, 10}
	kernel, err := device.Kernel(files, corners)
	if err != nil {
		return err
	}
	args := make([]any, 5)
	var results [3]*gpu.Buffer[int]
	for i := range args {
		buffer, err := gpu.Upload(device, [][]int{x, y, make([]int, len(x)), make([]int, len(x)), make([]int, len(x))}[i])
		if err != nil {
			return err
		}
		if args[i] = buffer; i >= 2 {
			results[i-2] = buffer
		}
	}
	if _, err := kernel.Launch(ctx, gpu.Shape{}, args...); err != nil {
		return err
	}
	var got, want [3][]int
	for i, buffer := range results {
		if got[i], err = buffer.Download(); err != nil {
			return err
		}
		want[i] = make([]int, len(x))
	}
	corners(&gpu.Block{Dim: gpu.Dim{X: 1}, Grid: gpu.Dim{X: 1}}, x, y, want[0], want[1], want[2]) // a plain call
	for i := range x {
		out.Printf("%d by %d: shifted %d, quotient %d, rest %d", x[i], y[i], got[0][i], got[1][i], got[2][i])
	}
	out.Check("the device's corner cases are Go's", fmt.Sprint(got) == fmt.Sprint(want), true)
	return nil
}

// translate writes a kernel, and what becomes of it, into the transcript.
func translate(out *transcript.Log, language gpu.Language, name string) error {
	text, err := gpu.Translate(language, files, matMul, corners)
	if err != nil {
		return err
	}
	source := out.Actor(name)
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), "\n"); line != "" {
			source.Printf("%s", line)
		}
	}
	return nil
}

var jit = catalog.Recipe{
	ID: "ch6.jit", Section: "6.8", Title: "Write a kernel in the language itself",
	Python: "numba.guvectorize, numba.cuda.jit", Go: "gpu.Device.Kernel, gpu.Translate", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "size", 10, 1, 512, "rows and columns of the matrices")
		show := f.String("show", "", "print the kernels as they are translated to this `LANGUAGE`: opencl or cuda")
		return func(ctx context.Context, out *transcript.Log) error {
			languages := map[string]gpu.Language{"opencl": gpu.OpenCLC, "cuda": gpu.CUDAC}
			if *show != "" && languages[*show] == "" {
				return catalog.Usagef("--show %q: it is opencl or cuda", *show)
			}
			device, err := gpu.Open(ctx)
			if err != nil {
				return err
			}
			defer device.Close()
			if err := matMulOn(ctx, out, device, *n); err != nil {
				return err
			}
			out.Note("Go says what these are; C leaves most of them open. The translation keeps Go's meaning.")
			if err := cornersOn(ctx, out, device); err != nil {
				return err
			}
			_, err = device.Kernel(files, words)
			out.Printf("refused: %v", err)
			out.Check("a kernel with a map is refused", err != nil, true)
			if *show != "" {
				return translate(out, languages[*show], *show)
			}
			return nil
		}
	},
}
