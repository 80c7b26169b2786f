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
