package ch6

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// The life of a small computation on a device: take memory there, copy the data to it, launch a kernel, copy the result back.

// doubleMatrix doubles a matrix. Thread (x, y) of the block doubles element x + y·stride: the stride is how many elements a row has.
func doubleMatrix(b *gpu.Block, stride int, a []float32) {
	for y := range b.Dim.Y {
		for x := range b.Dim.X {
			a[x+y*stride] *= 2
		}
	}
}

func doubleOn(ctx context.Context, out *transcript.Log, n, stride int) error {
	device, err := gpu.Open(ctx) // the processor, or what --device names
	if err != nil {
		return err
	}
	defer device.Close() // frees what was made on it
	kernel, err := device.Kernel(files, doubleMatrix)
	if err != nil {
		return err
	}
	a, random := make([]float32, n*n), out.Rand()
	for i := range a {
		a[i] = float32(random.NormFloat64())
	}

	memory, err := gpu.Alloc[float32](device, len(a))
	if err != nil {
		return err
	}
	if _, err := memory.Write(device.Queue(), 0, a); err != nil {
		return err
	}
	shape := gpu.Shape{Grid: gpu.Dim{X: 1}, Block: gpu.Dim{X: n, Y: n}} // one block of n × n threads
	launched, err := kernel.Launch(ctx, shape, stride, memory)
	if err != nil {
		return err
	}
	if err := launched.Wait(ctx); err != nil { // a kernel that fails says so here
		return err
	}
	doubled, err := memory.Download()
	if err != nil {
		return err
	}

	out.Printf("one block of %v threads on %v", shape.Block, device)
	printMatrix(out, "ORIGINAL MATRIX", n, a)
	printMatrix(out, "DOUBLED MATRIX AFTER THE KERNEL", n, doubled)
	if stride == n {
		wrong := 0
		for i := range a {
			if doubled[i] != 2*a[i] {
				wrong++
			}
		}
		out.Check("elements that are not twice their original", wrong, 0)
		return nil
	}
	showStride(out, n, stride, a, doubled)
	return nil
}

// showStride says what a wrong stride leads to: which elements no thread has, and which ones two threads have.
func showStride(out *transcript.Log, n, stride int, a, doubled []float32) {
	threads := make([]int, n*n) // that write to each element
	for y := range n {
		for x := range n {
			threads[x+y*stride]++
		}
	}
	var none, two string
	missed, once, either := true, true, true
	for i, t := range threads {
		switch {
		case t == 0:
			none += fmt.Sprint(" ", i)
			missed = missed && doubled[i] == a[i]
		case t == 1:
			once = once && doubled[i] == 2*a[i]
		default:
			two += fmt.Sprintf(" %d (×%g)", i, doubled[i]/a[i])
			either = either && (doubled[i] == 2*a[i] || doubled[i] == 4*a[i])
		}
	}
	out.Printf("no thread has elements:%s", none)
	out.Printf("two threads have elements:%s", two)
	out.Note("Two threads that read, double and write one element race: ×2 if both read before one has written, else ×4.")
	out.Check("elements that no thread has are as they were", missed, true)
	out.Check("elements of one thread are doubled", once, true)
	out.Check("elements of two threads are doubled once or twice", either, true)
}

// printMatrix prints the rows of a matrix with n columns.
func printMatrix(out *transcript.Log, title string, n int, a []float32) {
	out.Printf("%s", title)
	for row := 0; row < len(a); row += n {
		var line strings.Builder
		for _, v := range a[row : row+n] {
			fmt.Fprintf(&line, "%9.4f", v)
		}
		out.Printf("%s", line.String())
	}
}

var double = catalog.Recipe{
	ID: "ch6.double", Section: "6.3", Title: "Double a matrix on a device",
	Python: "PyCUDA: mem_alloc, memcpy_htod, SourceModule", Go: "gpu.Alloc, Buffer.Write, Device.Kernel, Kernel.Launch", Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "size", 5, 2, 8, "rows and columns of the matrix")
		bug := f.Bool("book-bug", false, "take a stride of one element less than a row has, as the book does")
		return func(ctx context.Context, out *transcript.Log) error {
			stride := *n
			if *bug {
				stride--
			}
			return doubleOn(ctx, out, *n, stride)
		}
	},
}
