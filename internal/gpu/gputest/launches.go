package gputest

import (
	"fmt"

	"cookbook/internal/gpu"
)

func oddSizes(s *suite) {
	k := s.kernel(double)
	for _, n := range []int{0, 1, 2, 11, 127, 255, 257, 65537} {
		for _, grid := range []int{0, 1, 3, 127} {
			if n > 1000 && grid > 0 && grid != s.rounds(127) {
				continue
			}
			x := counting[int32](n, 1)
			want := make([]int32, n)
			for i := range want {
				want[i] = 2 * x[i]
			}
			bx, by := buffer(s, x), buffer(s, make([]int32, n))
			s.launch(k, gpu.Shape{Grid: gpu.Dim{X: grid}}, bx, by)
			holds(s, fmt.Sprintf("%d numbers in %d blocks", n, grid), by, want)
			s.fatal(bx.Free())
			s.fatal(by.Free())
		}
	}
}

func rangesOfBlocks(s *suite) {
	k := s.kernel(ranges)
	const most = 9
	out := buffer(s, make([]int, 2*most))
	for _, grid := range []int{1, 2, 7, most} {
		for _, n := range []int{0, 1, grid - 1, grid, grid + 1, 2*grid - 1, 100} {
			s.launch(k, gpu.Shape{Grid: gpu.Dim{X: grid}}, n, out)
			got, err := out.Download()
			s.fatal(err)
			at, part := 0, (n+grid-1)/grid
			for block := range grid {
				lo, hi := got[2*block], got[2*block+1]
				if lo != at || hi < lo || hi-lo > part {
					s.Errorf("%d items, block %d of %d: from %d to %d, want from %d, and %d at most", n, block, grid, lo, hi, at, part)
				}
				at = hi
			}
			if at != n {
				s.Errorf("the blocks of %d share %d items, want %d", grid, at, n)
			}
		}
	}
}

func threeDimensions(s *suite) {
	k := s.kernel(places)
	for _, shape := range []gpu.Shape{
		{Grid: gpu.Dim{X: 5}, Block: gpu.Dim{X: 7}},
		{Grid: gpu.Dim{X: 2, Y: 3}, Block: gpu.Dim{X: 4, Y: 5}},
		{Grid: gpu.Dim{X: 2, Y: 3, Z: 4}, Block: gpu.Dim{X: 3, Y: 2, Z: 5}},
		{Grid: gpu.Dim{Z: 3}, Block: gpu.Dim{Z: 2}},
		{Grid: gpu.Dim{X: 1, Y: 2, Z: 1}, Block: gpu.Dim{X: 1, Y: 1, Z: 3}},
	} {
		g, b := shape.Grid.Full(), shape.Block.Full()
		var want []int
		for z := range g.Z * b.Z {
			for y := range g.Y * b.Y {
				for x := range g.X * b.X {
					want = append(want, x+1_000*y+1_000_000*z+1)
				}
			}
		}
		out := buffer(s, make([]int, len(want)))
		s.launch(k, shape, out)
		holds(s, fmt.Sprintf("grid %v, block %v", g, b), out, want)
	}
}

func chosenBlocks(s *suite) {
	const n = 100_001
	out := buffer(s, make([]int, n))
	want := counting[int](n, 1)
	for i := range want {
		want[i] = i + 1
	}
	s.launch(s.kernel(places), gpu.Shape{}, out) // in one dimension, a thread for each element
	holds(s, "a thread for each element", out, want)

	wide := buffer(s, make([]int, 32*4))
	for _, block := range []gpu.Dim{{}, {X: 32}, {Y: 4}, {X: 32, Y: 4, Z: 1}} {
		s.launch(s.kernel(flat), gpu.Shape{Grid: gpu.Dim{X: 1}, Block: block}, wide)
	}
	got, err := wide.Download()
	s.fatal(err)
	for i, v := range got {
		if v != i%32+i/32 {
			s.Errorf("32 × 4 threads: element %d is %d", i, v)
		}
	}
	for _, x := range []int{0, 1, 3} { // rows leaves X open
		few := buffer(s, make([]int, 8*max(x, 1)))
		var want []int
		for i := range 8 * max(x, 1) {
			want = append(want, i%max(x, 1)+100*(i/max(x, 1)))
		}
		s.launch(s.kernel(rows), gpu.Shape{Grid: gpu.Dim{X: 1}, Block: gpu.Dim{X: x}}, few)
		holds(s, fmt.Sprintf("%d × 8 threads", x), few, want)
	}
}

func allScalars(s *suite) {
	k := s.kernel(scalars)
	out := buffer(s, []int64{7})
	args := func(p bool) []any {
		return []any{p, -1 << 40, int8(-128), int16(-32768), int32(-1 << 31), int64(1 << 50), uint8(255), uint16(65535), uint32(1<<32 - 1), uint64(1 << 45), float32(0.5e9), out}
	}
	s.launch(k, gpu.Shape{}, args(true)...)
	holds(s, "the sum", out, []int64{-1<<40 - 128 - 32768 - 1<<31 + 1<<50 + 255 + 65535 + 1<<32 - 1 + 1<<45 + 5e8})
	s.launch(k, gpu.Shape{}, args(false)...)
	holds(s, "no sum", out, []int64{0})
}

func barriers(s *suite) {
	const blocks = 9
	x := counting[int](blocks*64-5, 1)
	sums := make([]int, blocks)
	for i, v := range x {
		sums[i/64] += v
	}
	out := buffer(s, make([]int, blocks))
	s.launch(s.kernel(tree), gpu.Shape{Grid: gpu.Dim{X: blocks}}, buffer(s, x), out)
	holds(s, "sums of a tree", out, sums)

	k := s.kernel(rotate)
	for _, threads := range []int{1, 2, 33, 64} {
		x := counting[int](blocks*threads, 0)
		want := make([]int, len(x))
		for i := range want {
			want[i] = i/threads*threads + (i%threads+2)%threads
		}
		out := buffer(s, make([]int, len(x)))
		s.launch(k, gpu.Shape{Grid: gpu.Dim{X: blocks}, Block: gpu.Dim{X: threads}, Shared: 8 * threads}, buffer(s, x), buffer(s, make([]int, len(x))), out)
		holds(s, fmt.Sprintf("numbers of the second neighbour, %d threads", threads), out, want)
	}
}

func sharedIsCleared(s *suite) {
	k := s.kernel(cleared)
	out := buffer(s, counting[int](64*33, 1))
	for range 2 {
		s.launch(k, gpu.Shape{Grid: gpu.Dim{X: 33}, Shared: 64 * 8}, out)
		holds(s, "shared memory", out, make([]int, 64*33))
	}
}
