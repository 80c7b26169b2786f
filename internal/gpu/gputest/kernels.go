package gputest

import (
	"embed"

	"cookbook/internal/gpu"
)

//go:embed kernels.go wrong.go
var files embed.FS

// double writes twice the numbers of x to y, each block its part.
func double(b *gpu.Block, x, y []int32) {
	xs, ys := gpu.Part(b, x), gpu.Part(b, y)
	for i := range ys {
		ys[i] = 2 * xs[i]
	}
}

// places writes to each element which thread of the grid it belongs to.
func places(b *gpu.Block, out []int) {
	for z := range b.Dim.Z {
		for y := range b.Dim.Y {
			for x := range b.Dim.X {
				gx, gy, gz := b.Idx.X*b.Dim.X+x, b.Idx.Y*b.Dim.Y+y, b.Idx.Z*b.Dim.Z+z
				at := (gz*b.Grid.Y*b.Dim.Y+gy)*b.Grid.X*b.Dim.X + gx
				if at < len(out) {
					out[at] = gx + 1_000*gy + 1_000_000*gz + 1
				}
			}
		}
	}
}

// ranges writes which of n items are a block's.
func ranges(b *gpu.Block, n int, out []int) {
	lo, hi := b.Range(n)
	for x := range b.X(4) {
		if x == 0 {
			out[2*b.Idx.X], out[2*b.Idx.X+1] = lo, hi
		}
	}
}

// tree adds up 64 numbers in each block.
func tree(b *gpu.Block, x, out []int) {
	var sums [64]int
	for t := range b.X(64) {
		if i := b.Idx.X*64 + t; i < len(x) {
			sums[t] = x[i]
		}
	}
	for w := 32; w > 0; w /= 2 {
		for t := range b.X(64) {
			if t < w {
				sums[t] += sums[t+w]
			}
		}
	}
	for t := range b.X(64) {
		if t == 0 {
			out[b.Idx.X] = sums[0]
		}
	}
}

// rotate gives each thread what another one wrote: through shared memory, and then through memory of the device.
func rotate(b *gpu.Block, x, y, out []int) {
	s := gpu.Shared[int](b)
	for t := range b.Dim.X {
		s[t] = x[b.Idx.X*b.Dim.X+t]
	}
	for t := range b.Dim.X {
		y[b.Idx.X*b.Dim.X+t] = s[(t+1)%b.Dim.X]
	}
	for t := range b.Dim.X {
		out[b.Idx.X*b.Dim.X+t] = y[b.Idx.X*b.Dim.X+(t+1)%b.Dim.X]
	}
}

// cleared adds up what shared memory holds at the beginning of a block, and then fills it.
func cleared(b *gpu.Block, out []int) {
	var own [64]int
	s := gpu.Shared[int](b)
	for t := range b.X(64) {
		out[b.Idx.X*64+t] = own[63-t] + s[63-t]
	}
	for t := range b.X(64) {
		own[63-t], s[63-t] = t+1, t+1
	}
}

// scalars writes the sum of numbers of all types, or 0 if not asked for it.
func scalars(b *gpu.Block, p bool, i int, i8 int8, i16 int16, i32 int32, i64 int64, u8 uint8, u16 uint16, u32 uint32, u64 uint64, f32 float32, out []int64) {
	for t := range b.Dim.X {
		if t == 0 {
			out[0] = 0
			if p {
				out[0] = int64(i) + int64(i8) + int64(i16) + int64(i32) + i64 + int64(u8) + int64(u16) + int64(u32) + int64(u64) + int64(f32)
			}
		}
	}
}

// work keeps each thread busy for some rounds.
func work(b *gpu.Block, rounds int, out []uint32) {
	for t := range b.Dim.X {
		v := uint32(t)
		for range rounds {
			v = v*1664525 + 1013904223
		}
		if i := b.Idx.X*b.Dim.X + t; i < len(out) {
			out[i] = v
		}
	}
}

// add counts launches: each adds 1 to its elements.
func add(b *gpu.Block, x []int32) {
	part := gpu.Part(b, x)
	for i := range part {
		part[i]++
	}
}

// flat is for blocks of 32 × 4 threads.
func flat(b *gpu.Block, out []int) {
	for y := range b.Y(4) {
		for x := range b.X(32) {
			out[y*32+x] = x + y
		}
	}
}

// rows is for 8 threads in Y, and any number in X.
func rows(b *gpu.Block, out []int) {
	for y := range b.Y(8) {
		for x := range b.Dim.X {
			out[y*b.Dim.X+x] = x + 100*y
		}
	}
}

// huge has more shared memory than any device.
func huge(b *gpu.Block, out []int) {
	var all [1 << 24]int
	for t := range b.X(64) {
		all[t*1000] = t
	}
	for t := range b.X(64) {
		out[t] = all[(63-t)*1000]
	}
}

// outside writes to an element, which may not be there.
func outside(b *gpu.Block, at int, out []int) {
	for t := range b.X(4) {
		out[at+t] = 1 // the place of the fault
	}
}
