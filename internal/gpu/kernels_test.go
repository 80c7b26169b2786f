package gpu_test

import (
	"embed"

	"cookbook/internal/gpu"
)

//go:embed kernels_test.go
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
