package ch6

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// A product of matrices, c = x·y, from slow memory alone, and with fast memory that a block shares.

// # Global memory

// naiveProduct has one thread for each element of c. It reads a row of x and a column of y from global memory.
func naiveProduct(b *gpu.Block, n int, x, y, c []float32) {
	for ty := range b.Dim.Y {
		for tx := range b.Dim.X {
			row, col := b.Idx.Y*b.Dim.Y+ty, b.Idx.X*b.Dim.X+tx
			if row < n && col < n {
				sum := float32(0)
				for k := range n {
					sum += float32(x[row*n+k] * y[k*n+col]) // float32(…): no fused multiply-add, on no processor
				}
				c[row*n+col] = sum
			}
		}
	}
}

// # Shared memory

// tile is how many rows and columns a block computes. A block of 16 × 16 threads suits all usual devices.
const tile = 16

// tiledProduct goes through x and y in tiles. The threads of a block copy a tile of each to shared memory, and use every number
// that was copied tile times.
func tiledProduct(b *gpu.Block, n int, x, y, c []float32) {
	var tileX, tileY [tile][tile]float32 // shared memory: all threads of the block see it
	var sums [tile][tile]float32         // each thread uses only its own element: a register
	for t := range (n + tile - 1) / tile {
		for ty := range b.Y(tile) {
			for tx := range b.X(tile) {
				row, col := b.Idx.Y*tile+ty, b.Idx.X*tile+tx
				fromX, fromY := float32(0), float32(0)
				if row < n && t*tile+tx < n {
					fromX = x[row*n+t*tile+tx]
				}
				if t*tile+ty < n && col < n {
					fromY = y[(t*tile+ty)*n+col]
				}
				tileX[ty][tx], tileY[ty][tx] = fromX, fromY
			}
		} // here the loop over the threads ends: a barrier, so the tiles are complete
		for ty := range b.Y(tile) {
			for k := range tile {
				v := tileX[ty][k]
				for tx := range b.X(tile) {
					sums[ty][tx] += float32(v * tileY[k][tx])
				}
			}
		} // a barrier again: no thread needs these tiles any more
	}
	for ty := range b.Y(tile) {
		for tx := range b.X(tile) {
			row, col := b.Idx.Y*tile+ty, b.Idx.X*tile+tx
			if row < n && col < n {
				c[row*n+col] = sums[ty][tx]
			}
		}
	}
}

// # The run

// multiply runs a kernel in as many blocks of block × block threads as cover the product. It returns the product, and how long the
// kernel took, its launch included: a median.
func multiply(ctx context.Context, device *gpu.Device, kernel any, block, n int, x, y []float32) ([]float32, time.Duration, error) {
	k, err1 := device.Kernel(files, kernel)
	inX, err2 := gpu.Upload(device, x)
	inY, err3 := gpu.Upload(device, y)
	product, err4 := gpu.Alloc[float32](device, n*n)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, 0, err
	}
	blocks := (n + block - 1) / block
	shape := gpu.Shape{Grid: gpu.Dim{X: blocks, Y: blocks}, Block: gpu.Dim{X: block, Y: block}}
	times, err := measure.Medians(ctx, max(1, 3-n/512), func() error { // large products take seconds on a processor
		event, err := k.Launch(ctx, shape, n, inX, inY, product)
		if err == nil {
			err = event.Wait(ctx)
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	c, err := product.Download()
	return c, times[0], err
}

// plainProduct multiplies on the host. Each sum has the same order as in the kernels.
func plainProduct(n int, x, y []float32) []float32 {
	c := make([]float32, n*n)
	for row := range n {
		for k, v := range x[row*n : (row+1)*n] {
			for col, w := range y[k*n : (k+1)*n] {
				c[row*n+col] += float32(v * w)
			}
		}
	}
	return c
}

func showMemory(ctx context.Context, out *transcript.Log, n int) error {
	device, err := gpu.Open(ctx)
	if err != nil {
		return err
	}
	defer device.Close()
	random, info := out.Rand(), device.Info()
	normal := func(n int) []float32 {
		a := make([]float32, n)
		for i := range a {
			a[i] = float32(random.NormFloat64())
		}
		return a
	}
	print5x5 := func(title string, a []float32) {
		out.Printf("%s", title)
		for row := range slices.Chunk(a, 5) {
			out.Printf("%s", strings.Trim(fmt.Sprintf("%9.4f", row), "[]"))
		}
	}

	x, y := normal(5*5), normal(5*5)
	c, _, err := multiply(ctx, device, naiveProduct, 5, 5, x, y)
	if err != nil {
		return err
	}
	out.Printf("matrix product, a thread for each element, on %v", device)
	print5x5("MATRIX A", x)
	print5x5("MATRIX B", y)
	print5x5("MATRIX C (GPU)", c)
	difference := plainProduct(5, x, y)
	out.Check("5 × 5: the bits of a plain loop", slices.Equal(c, difference), true)
	for i := range difference {
		difference[i] -= c[i]
	}
	print5x5("CPU-GPU DIFFERENCE", difference)

	out.Note("The memory of this device: global, %d MiB, for all threads · shared, %d KiB for a block · constant, %d KiB, only read · "+
		"registers, of one thread.", info.Memory>>20, info.SharedMemory>>10, info.ConstantMemory>>10)
	x, y = normal(n*n), normal(n*n)
	plain, library := plainProduct(n, x, y), make([]float32, n*n)
	out.Printf("%d × %d", n, n)
	out.Printf("%-20s %9s %9s %16s", "", "ms", "GFLOP/s", "global loads")
	const row = "%-20s %9.3f %9.2f %16v"
	flop := float64(2 * n * n * n)
	for _, k := range []struct {
		name   string
		kernel any
		loads  int // of each thread: a row and a column, or two numbers for each tile
	}{{"naive kernel", naiveProduct, 2 * n}, {"tiled kernel", tiledProduct, 2 * ((n + tile - 1) / tile)}} {
		c, t, err := multiply(ctx, device, k.kernel, tile, n, x, y)
		if err != nil {
			return err
		}
		out.Printf(row, k.name, float64(t)/1e6, flop/float64(t), n*n*k.loads)
		out.Check(k.name+": the bits of a plain loop", slices.Equal(c, plain), true)
	}
	times, err := measure.Medians(ctx, max(1, 3-n/512), func() error {
		general := func(data []float32) blas32.General { return blas32.General{Rows: n, Cols: n, Stride: n, Data: data} }
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x), general(y), 0, general(library))
		return nil
	})
	if err != nil {
		return err
	}
	out.Printf(row, "library, processor", float64(times[0])/1e6, flop/float64(times[0]), "-")
	furthest := 0.0
	for i, v := range library {
		furthest = max(furthest, math.Abs(float64(v-plain[i]))) // NaN if one of them is
	}
	out.Check("gonum differs by rounding at most", furthest < 1e-3, true)
	return nil
}

var memory = catalog.Recipe{
	ID: "ch6.memory", Section: "6.4", Title: "Multiply matrices from slow and from fast memory",
	Python: "PyCUDA: SourceModule, gpuarray, __shared__", Go: "arrays of a block, barriers between its loops", Measures: true, Device: true,
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "size", 256, 1, 1024, "rows and columns of the larger matrices")
		return func(ctx context.Context, out *transcript.Log) error { return showMemory(ctx, out, *n) }
	},
}
