package gpu_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"cookbook/internal/gpu"
)

// What a kernel costs on the cpu device beside a loop that is written by hand for it: 2²⁴ elements.
func BenchmarkSaxpyKernel(b *testing.B) {
	d := open(b)
	x, y := make([]float32, 1<<24), make([]float32, 1<<24)
	dx, dy := array(b, d, x), array(b, d, y)
	k, err := d.Kernel(files, saxpy)
	if err != nil {
		b.Fatal(err)
	}
	compare(b, func() error {
		e, err := k.Launch(b.Context(), gpu.Shape{}, float32(2), dx, dy)
		if err != nil {
			return err
		}
		return e.Wait(b.Context())
	}, func() error { saxpyByHand(2, x, y); return nil })
}

// saxpyByHand is what kernel saxpy does, with a goroutine for each processor.
func saxpyByHand(a float32, x, y []float32) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		xs, ys := x[w*len(x)/workers:(w+1)*len(x)/workers], y[w*len(x)/workers:(w+1)*len(x)/workers]
		all.Go(func() {
			for i := range ys {
				ys[i] += a * xs[i]
			}
		})
	}
	all.Wait()
}

// The tiled product of 1024 × 1024 float32, beside the same loops by hand, and beside gonum.
func BenchmarkTiledKernel(b *testing.B) {
	const n = 1024
	d := open(b)
	x, y, out := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for i := range x {
		x[i], y[i] = float32(i%7), float32(i%5)
	}
	dx, dy, dout := array(b, d, x, n, n), array(b, d, y, n, n), array(b, d, out, n, n)
	k, err := d.Kernel(files, tiled)
	if err != nil {
		b.Fatal(err)
	}
	kernel := func() error {
		e, err := k.Launch(b.Context(), gpu.Shape{Grid: gpu.Dim{X: n / 32, Y: n / 32}}, n, dx, dy, dout)
		if err != nil {
			return err
		}
		return e.Wait(b.Context())
	}
	b.Run("by-hand", func(b *testing.B) { compare(b, kernel, func() error { tiledByHand(n, x, y, out); return nil }) })
	b.Run("gonum", func(b *testing.B) {
		general := func(s []float32) blas32.General { return blas32.General{Rows: n, Cols: n, Stride: n, Data: s} }
		compare(b, kernel, func() error {
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x), general(y), 0, general(out))
			return nil
		})
	})
}

// tiledByHand is what kernel tiled does, with a goroutine for each processor.
func tiledByHand(n int, x, y, out []float32) {
	const tile = 32
	var all sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for {
				at := int(next.Add(1) - 1)
				if at >= n/tile*(n/tile) {
					return
				}
				top, left := at/(n/tile)*tile, at%(n/tile)*tile
				var xs, ys, sum [tile][tile]float32
				for k := 0; k < n; k += tile {
					for r := range tile {
						for c := range tile {
							xs[r][c] = x[(top+r)*n+k+c]
							ys[r][c] = y[(k+r)*n+left+c]
						}
					}
					for r := range tile {
						for i := range tile {
							v := xs[r][i]
							for c := range tile {
								sum[r][c] += v * ys[i][c]
							}
						}
					}
				}
				for r := range tile {
					for c := range tile {
						out[(top+r)*n+left+c] = sum[r][c]
					}
				}
			}
		})
	}
	all.Wait()
}
