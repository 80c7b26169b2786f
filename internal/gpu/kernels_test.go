package gpu_test

import (
	"embed"
	"math"

	"cookbook/internal/gpu"
)

//go:embed kernels_test.go checked_test.go
var files embed.FS

// saxpy adds a·x to y.
func saxpy(b *gpu.Block, a float32, x, y []float32) {
	xs, ys := gpu.Part(b, x), gpu.Part(b, y)
	for i := range ys {
		ys[i] += a * xs[i]
	}
}

// count writes to each element its place, which each thread computes itself.
func count(b *gpu.Block, out []int) {
	for t := range b.Dim.X {
		if i := b.Idx.X*b.Dim.X + t; i < len(out) {
			out[i] = i + 1
		}
	}
}

// tiled computes a product of n × n matrices in tiles that are shared memory; the sums are registers.
func tiled(b *gpu.Block, n int, x, y, out []float32) {
	const tile = 32
	var xs, ys, sum [tile][tile]float32
	top, left := b.Idx.Y*tile, b.Idx.X*tile
	for k := 0; k < n; k += tile {
		for r := range b.Y(tile) {
			for c := range b.X(tile) {
				xs[r][c] = x[(top+r)*n+k+c]
				ys[r][c] = y[(k+r)*n+left+c]
			}
		}
		for r := range b.Y(tile) {
			for i := range tile {
				v := xs[r][i]
				for c := range b.X(tile) {
					sum[r][c] += v * ys[i][c]
				}
			}
		}
	}
	for r := range b.Y(tile) {
		for c := range b.X(tile) {
			out[(top+r)*n+left+c] = sum[r][c]
		}
	}
}

// named has names that mean something in C and its dialects, or in what kernels are translated to.
func named(b *gpu.Block, FLT_MAX int, cl_khr_fp64 float32, linux []float32) {
	M_PI_F := gpu.Part(b, linux)
	for LONG_MIN := range M_PI_F {
		infinity := float64(M_PI_F[LONG_MIN])
		not_a_number, is_inf := infinity+1, float64(FLT_MAX)
		kernel, x_len := float64(cl_khr_fp64), math.Inf(1)
		if !math.IsInf(is_inf*infinity, 1) && math.IsNaN(math.NaN()) {
			M_PI_F[LONG_MIN] = float32(min(x_len, not_a_number+kernel*is_inf))
		}
	}
}
