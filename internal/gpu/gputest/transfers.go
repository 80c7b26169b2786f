package gputest

import (
	"fmt"
	"math"

	"cookbook/internal/gpu"
)

func transfers(s *suite) {
	transfer[int](s)
	transfer[int8](s)
	transfer[int16](s)
	transfer[int32](s)
	transfer[int64](s)
	transfer[uint8](s)
	transfer[uint16](s)
	transfer[uint32](s)
	transfer[uint64](s)
	transfer[float32](s)
	transfer[float64](s)
	b := buffer(s, []float64{math.Inf(-1), 5e-324, math.MaxFloat64})
	holds(s, "float64", b, []float64{math.Inf(-1), 5e-324, math.MaxFloat64})
	f := buffer(s, []float32{float32(math.Inf(1)), 1e-45, math.MaxFloat32})
	holds(s, "float32", f, []float32{float32(math.Inf(1)), 1e-45, math.MaxFloat32})
}

func transfer[T gpu.Number](s *suite) {
	for _, n := range []int{0, 1, 3, 127, 1001} {
		what := fmt.Sprintf("%d of %T", n, T(0))
		zeros, err := gpu.Alloc[T](s.device, n)
		s.fatal(err)
		holds(s, what+", not written to", zeros, make([]T, n))
		numbers := counting[T](n, 100)
		b := buffer(s, numbers)
		holds(s, what, b, numbers)
		if b.Len() != n || b.Device() != s.device {
			s.Errorf("%s: the buffer has %d, on %v", what, b.Len(), b.Device())
		}
		s.fatal(b.Free())
		s.fatal(zeros.Free())
	}
}

func parts(s *suite) {
	q := s.device.Queue()
	b := buffer(s, counting[int16](11, 0))
	want := counting[int16](11, 0)
	for _, c := range []struct{ at, n int }{{0, 1}, {10, 1}, {3, 5}, {0, 11}, {11, 0}, {5, 0}} {
		part := counting[int16](c.n, 50+c.at)
		copy(want[c.at:], part)
		_, err := b.Write(q, c.at, part)
		s.fatal(err)
		got := make([]int16, c.n)
		_, err = b.Read(q, c.at, got)
		s.fatal(err)
		if fmt.Sprint(got) != fmt.Sprint(part) {
			s.Errorf("%d numbers at %d are %v, want %v", c.n, c.at, got, part)
		}
		holds(s, "the whole", b, want)
	}
}

func outsideOfBuffers(s *suite) {
	q := s.device.Queue()
	b := buffer(s, counting[int32](8, 0))
	const words = "copy of N numbers at N: wrong argument: the buffer has N"
	for _, c := range []struct{ at, n int }{{-1, 1}, {8, 1}, {9, 0}, {0, 9}, {7, 2}, {math.MaxInt, 2}, {math.MinInt, 0}} {
		_, err := b.Write(q, c.at, make([]int32, c.n))
		s.refused(fmt.Sprint("write ", c), err, gpu.ErrArgument, words)
		_, err = b.Read(q, c.at, make([]int32, c.n))
		s.refused(fmt.Sprint("read ", c), err, gpu.ErrArgument, words)
	}
	holds(s, "the buffer", b, counting[int32](8, 0))
}

func copies(s *suite) {
	q := s.device.Queue()
	const n = 37
	from, to := buffer(s, counting[int32](n, 100)), buffer(s, counting[int32](n, 0))
	want := counting[int32](n, 0)
	for _, c := range []struct{ toAt, at, n int }{{0, 0, 1}, {36, 35, 1}, {3, 7, 20}, {n, n, 0}, {0, n, 0}} {
		_, err := from.CopyTo(q, to, c.toAt, c.at, c.n)
		s.fatal(err)
		copy(want[c.toAt:c.toAt+c.n], counting[int32](n, 100)[c.at:])
		holds(s, fmt.Sprint("after ", c), to, want)
	}
	_, err := to.CopyTo(q, to, 20, 3, 17) // parts of one buffer that touch
	s.fatal(err)
	copy(want[20:], want[3:20])
	holds(s, "a copy in one buffer", to, want)
	for _, c := range []struct{ toAt, at, n int }{{0, 0, 1}, {3, 4, 2}, {4, 3, 2}, {0, 10, 11}} {
		_, err := to.CopyTo(q, to, c.toAt, c.at, c.n)
		s.refused(fmt.Sprint("copy that overlaps ", c), err, gpu.ErrArgument, "copy of N numbers from N to N in one buffer: wrong argument: they overlap")
	}
	for _, c := range []struct{ toAt, at, n int }{{0, 0, -1}, {-1, 0, 1}, {0, -1, 1}, {n, 0, 1}, {0, n, 1}, {0, 0, n + 1}, {math.MaxInt, 0, 1}, {0, math.MaxInt, math.MaxInt}} {
		_, err := from.CopyTo(q, to, c.toAt, c.at, c.n)
		s.refused(fmt.Sprint("copy ", c), err, gpu.ErrArgument, "copy of N numbers from N of N to N of N: wrong argument")
	}
	_, err = from.CopyTo(q, nil, 0, 0, 1)
	s.refused("copy to nil", err, gpu.ErrArgument, "nil is no buffer: wrong argument")
	_, err = from.CopyTo(nil, to, 0, 0, 1)
	s.refused("copy in no queue", err, gpu.ErrArgument, "nil is no queue: wrong argument")
	_, err = from.Write(nil, 0, []int32{1})
	s.refused("write in no queue", err, gpu.ErrArgument, "nil is no queue: wrong argument")
	_, err = from.Read(nil, 0, []int32{1})
	s.refused("read in no queue", err, gpu.ErrArgument, "nil is no queue: wrong argument")
	holds(s, "the buffer", to, want)
}

func memory(s *suite) {
	_, err := gpu.Alloc[int32](s.device, -1)
	s.refused("less than nothing", err, gpu.ErrArgument, "a buffer of N numbers: wrong argument")
	_, err = gpu.Alloc[int64](s.device, math.MaxInt/8+1)
	s.refused("more bytes than can be counted", err, gpu.ErrArgument, "a buffer of N numbers: wrong argument")
	if most := s.device.Info().MaxAlloc; most > 0 && most < math.MaxInt {
		_, err = gpu.Alloc[int8](s.device, int(most)+1)
		s.refused("more than the device allows", err, gpu.ErrMemory, "a buffer of N bytes: out of device memory: DEVICE allows N")
	}
}
