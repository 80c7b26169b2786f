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

// Two vectors are added on a device, by the five things that a host needs in OpenCL: device, context, program, kernel, queue.

// vectorSum adds the first n numbers of two vectors. Each thread (in OpenCL: work-item) of a block (work-group) adds one number.
func vectorSum(b *gpu.Block, n int, x, y, sum []int32) {
	for thread := range b.Dim.X {
		i := b.Idx.X*b.Dim.X + thread // in OpenCL: get_global_id(0)
		if i < n {                    // the last block may have more threads than there are numbers left
			sum[i] = x[i] + y[i]
		}
	}
}

// sumOn adds n numbers of x and y on a device. The result is as long as x.
func sumOn(ctx context.Context, device *gpu.Device, n int, x, y []int32) ([]int32, error) {
	program, err := device.Build(files, vectorSum) // source text, compiled for the device
	if err != nil {
		return nil, err
	}
	kernel, err := program.Kernel("vectorSum") // one function of the program
	if err != nil {
		return nil, err
	}
	queue, err := device.NewQueue() // takes commands to the device, which runs them in their order
	if err != nil {
		return nil, err
	}

	bx, err := gpu.Upload(device, x)
	if err != nil {
		return nil, err
	}
	by, err := gpu.Upload(device, y)
	if err != nil {
		return nil, err
	}
	bsum, err := gpu.Alloc[int32](device, len(x))
	if err != nil {
		return nil, err
	}
	const threads = 64
	shape := gpu.Shape{Block: gpu.Dim{X: threads}, Grid: gpu.Dim{X: (n + threads - 1) / threads}}
	if _, err := kernel.LaunchOn(ctx, queue, shape, n, bx, by, bsum); err != nil {
		return nil, err
	}
	if err := queue.Sync(ctx); err != nil { // waits for the kernel, and returns its error
		return nil, err
	}
	sums := make([]int32, len(x))
	_, err = bsum.Read(queue, 0, sums) // through the same queue as the kernel
	return sums, err
}

func sumVectors(ctx context.Context, out *transcript.Log, n int, bug bool) error {
	x, y, random := make([]int, n), make([]int, n), out.Rand()
	for i := range n {
		x[i], y[i] = random.IntN(100), random.IntN(100)
	}
	device, err := gpu.Open(ctx) // the device, and its context: what is made on it is freed with it
	if err != nil {
		return err
	}
	defer device.Close()
	width := 1 // numbers of 32 bits in the memory of one number
	if bug {
		width = 2
	}
	memory, err := sumOn(ctx, device, n, toMemory(x, width), toMemory(y, width))
	if err != nil {
		return err
	}
	sums := fromMemory(memory, width)

	info, platform := device.Info(), "none, the kernel runs as Go"
	if info.Platform.Name != "" {
		platform = info.Platform.Name
	}
	out.Printf("Platform Selected = %s", platform)
	out.Printf("Device Selected = %s", info.Name)
	out.Printf("VECTOR LENGTH = %d", n)
	printIntegers(out, "INPUT VECTOR A", x)
	printIntegers(out, "INPUT VECTOR B", y)
	printIntegers(out, "OUTPUT VECTOR RESULT A + B", sums)
	squares, added := 0.0, true
	for i, s := range sums {
		d := s - (x[i] + y[i])
		squares += float64(d * d)
		added = added && (bug && i >= (n+1)/2 && s == 0 || d == 0)
	}
	norm := math.Sqrt(squares)
	out.Printf("norm of the difference: %g", norm)
	if bug {
		out.Note("%d threads have added %d numbers of 32 bits. The vectors have %d: two for each of their numbers.", n, n, 2*n)
		out.Check("the first half is right, and the second is still 0", added, true)
		return nil
	}
	out.Check("the norm of the difference is below 1e-5", norm < 1e-5, true)
	return nil
}

// toMemory returns numbers as they lie in memory: as one number of 32 bits each, or as two for one of 64 bits, the low bits first.
func toMemory(v []int, width int) []int32 {
	var memory []int32
	for _, number := range v {
		memory = append(memory, int32(number), int32(number>>32))
		memory = memory[:len(memory)-2+width]
	}
	return memory
}

// fromMemory is the way back.
func fromMemory(memory []int32, width int) []int {
	v := make([]int, len(memory)/width)
	for i := range v {
		v[i] = int(memory[i*width])
		if width == 2 {
			v[i] = int(uint32(memory[i*width])) | int(memory[i*width+1])<<32
		}
	}
	return v
}

// printIntegers prints up to 100 numbers, 10 in a line.
func printIntegers(out *transcript.Log, title string, v []int) {
	out.Printf("%s", title)
	for from := 0; from < min(len(v), 100); from += 10 {
		out.Printf("%s", strings.Trim(fmt.Sprintf("%3d", v[from:min(from+10, len(v))]), "[]"))
	}
}

var openCLSum = catalog.Recipe{
	ID: "ch6.opencl-sum", Section: "6.11", Title: "Add two vectors by program, kernel and queue",
	Python: "pyopencl: Context, CommandQueue, Program, Buffer", Go: "gpu.Open, Device.NewQueue, Device.Build, gpu.Upload", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "length", 100, 1, 1_000_000, "numbers in each vector; at most 100 are printed")
		bug := f.Bool("book-bug", false, "take numbers of 64 bits for numbers of 32, as the book does on Linux")
		return func(ctx context.Context, out *transcript.Log) error { return sumVectors(ctx, out, *n, *bug) }
	},
}
