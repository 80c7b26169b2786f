package gputest

import (
	"errors"
	"math"
	"strings"

	"cookbook/internal/gpu"
)

func shapes(s *suite) {
	info := s.device.Info()
	threads, x := max(info.MaxThreads, 1), max(info.MaxBlock.X, info.MaxThreads, 1)
	out := buffer(s, make([]int, 64))
	dim := func(x, y, z int) gpu.Dim { return gpu.Dim{X: x, Y: y, Z: z} }
	const begin = "kernel NAME on DEVICE: the launch does not fit the device or the kernel: "
	for _, c := range []struct {
		what  string
		k     any
		shape gpu.Shape
		words string
	}{
		{"a block of x", places, gpu.Shape{Block: dim(x+1, 1, 1)}, "N threads of a block in x: the device takes N"},
		{"a block of y", places, gpu.Shape{Block: dim(1, max(info.MaxBlock.Y, threads)+1, 1)}, "N threads of a block in y: the device takes N"},
		{"a block of z", places, gpu.Shape{Block: dim(1, 1, max(info.MaxBlock.Z, threads)+1)}, "N threads of a block in z: the device takes N"},
		{"a product of 16,384", places, gpu.Shape{Block: dim(128, 128, 1)}, "a block of N × N is more threads than the device takes: N"},
		{"a block beyond counting", places, gpu.Shape{Block: dim(math.MaxInt, math.MaxInt, math.MaxInt)}, "N threads of a block in x: the device takes N"},
		{"a product that is 0 in 64 bits", places, gpu.Shape{Block: dim(1<<32, 1<<32, 1)}, "N threads of a block in x: the device takes N"},
		{"a block of less than nothing", places, gpu.Shape{Block: dim(-1, 1, 1)}, "N threads of a block in x: it has N at least"},
		{"a block of less than nothing in y", places, gpu.Shape{Block: dim(4, math.MinInt, 1)}, "N threads of a block in y: it has N at least"},
		{"less than one block", places, gpu.Shape{Grid: dim(-5, 1, 1)}, "N blocks in x: there is N at least"},
		{"less than one block in z", places, gpu.Shape{Grid: dim(5, 1, -1)}, "N blocks in z: there is N at least"},
		{"a block of another size", flat, gpu.Shape{Block: dim(16, 4, 1)}, "N threads of a block in x: it was written for N"},
		{"a block of another size in y", flat, gpu.Shape{Block: dim(32, 2, 1)}, "N threads of a block in y: it was written for N"},
		{"a block of another size in y, x open", rows, gpu.Shape{Block: dim(32, 2, 1)}, "N threads of a block in y: it was written for N"},
		{"a dimension too many", double, gpu.Shape{Block: dim(2, 2, 1)}, "N threads of a block in y: it goes through the threads of N dimensions"},
		{"two dimensions too many", tree, gpu.Shape{Block: dim(64, 1, 2)}, "N threads of a block in z: it goes through the threads of N dimensions"},
		{"a grid of two dimensions", double, gpu.Shape{Grid: dim(2, 2, 1)}, "N × N blocks: it shares its elements among the blocks of one dimension"},
		{"less than no shared memory", rotate, gpu.Shape{Shared: -8}, "N bytes of shared memory"},
		{"shared memory that it does not take", double, gpu.Shape{Shared: 8}, "it takes no shared memory from its launch"},
		{"half a number of shared memory", rotate, gpu.Shape{Shared: 12}, "N bytes of shared memory are no whole number of int"},
		{"more shared memory than there is", rotate, gpu.Shape{Shared: info.SharedMemory + 8}, "N bytes of shared memory beside the N of its arrays: the device has N for a block"},
		{"more with its arrays", cleared, gpu.Shape{Shared: info.SharedMemory}, "N bytes of shared memory beside the N of its arrays: the device has N for a block"},
		{"shared memory beyond counting", cleared, gpu.Shape{Shared: math.MaxInt &^ 7}, "N bytes of shared memory beside the N of its arrays: the device has N for a block"},
	} {
		k := s.kernel(c.k)
		args := []any{out}
		switch k.Name() {
		case "double", "tree":
			args = []any{out, out}
			if k.Name() == "double" {
				b := buffer(s, make([]int32, 64))
				args = []any{b, b}
			}
		case "rotate":
			args = []any{out, out, out}
		}
		_, err := k.Launch(s.Context(), c.shape, args...)
		s.refused(c.what, err, gpu.ErrShape, strings.Replace(begin, "NAME", k.Name(), 1)+c.words)
	}
	k := s.kernel(places)
	for _, grid := range []gpu.Dim{dim(math.MaxInt, 1, 1), dim(1<<32, 1<<32, 1), dim(1<<22, 1<<22, 1<<22), dim(math.MaxInt, math.MaxInt, math.MaxInt), dim(1<<31-1, 1<<16-1, 1<<16-1)} {
		// Which limit a device tells first is its own.
		if _, err := k.Launch(s.Context(), gpu.Shape{Grid: grid, Block: dim(2, 2, 2)}, out); !errors.Is(err, gpu.ErrShape) {
			s.Errorf("%v blocks: %v, want %q", grid, err, gpu.ErrShape)
		}
	}
	_, err := s.device.Kernel(files, huge)
	s.refused("arrays that are too large", err, gpu.ErrShape,
		"kernel huge on DEVICE: the launch does not fit the device or the kernel: its arrays take N bytes of shared memory: the device has N for a block")
	s.launch(k, gpu.Shape{}, out) // after all that
	holds(s, "places", out, counting[int](64, 1))
}

func arguments(s *suite) {
	k := s.kernel(work)
	other := newSuite(s.T, s.open)
	out, freed, foreign := buffer(s, make([]uint32, 4)), buffer(s, make([]uint32, 4)), buffer(other, make([]uint32, 4))
	s.fatal(freed.Free())
	var none *gpu.Buffer[uint32]
	var noArray *gpu.Array[uint32]
	failed, err := gpu.ArrayOf(s.device, []uint32{1})
	s.fatal(err)
	failed = failed.Reshape(2)
	const begin, out4 = "kernel work", "kernel work, argument out: "
	for _, c := range []struct {
		what  string
		is    error
		words string
		args  []any
	}{
		{"none", gpu.ErrArgument, begin + ": wrong argument: it takes N arguments, N were given", nil},
		{"too few", gpu.ErrArgument, begin + ": wrong argument: it takes N arguments, N were given", []any{1}},
		{"too many", gpu.ErrArgument, begin + ": wrong argument: it takes N arguments, N were given", []any{1, out, out}},
		{"another type", gpu.ErrArgument, begin + ", argument rounds: wrong argument: the kernel takes int, not intN", []any{int32(1), out}},
		{"nil for a number", gpu.ErrArgument, begin + ", argument rounds: wrong argument: the kernel takes int, not <nil>", []any{nil, out}},
		{"a buffer for a number", gpu.ErrArgument, begin + ", argument rounds: wrong argument: the kernel takes int, not a buffer", []any{out, out}},
		{"a number for a buffer", gpu.ErrArgument, out4 + "wrong argument: the kernel takes a buffer of uintN, not int", []any{1, 1}},
		{"a slice for a buffer", gpu.ErrArgument, out4 + "wrong argument: the kernel takes a buffer of uintN, not []uintN: gpu.Upload makes one of a slice", []any{1, []uint32{1}}},
		{"other numbers", gpu.ErrArgument, out4 + "wrong argument: the kernel takes a buffer of uintN, not a buffer of intN", []any{1, buffer(s, []int32{1})}},
		{"nil for a buffer", gpu.ErrArgument, out4 + "wrong argument: the kernel takes a buffer of uintN, not <nil>", []any{1, nil}},
		{"a nil buffer", gpu.ErrArgument, out4 + "nil is no buffer: wrong argument", []any{1, none}},
		{"a nil array", gpu.ErrArgument, out4 + "nil is no array: wrong argument", []any{1, noArray}},
		{"a freed buffer", gpu.ErrClosed, out4 + "buffer: closed already", []any{1, freed}},
		{"a buffer of another device", gpu.ErrArgument, out4 + "buffer of DEVICE in a queue of DEVICE: wrong argument", []any{1, foreign}},
	} {
		_, err := k.Launch(s.Context(), gpu.Shape{}, c.args...)
		s.refused(c.what, err, c.is, c.words)
	}
	if _, err := k.Launch(s.Context(), gpu.Shape{}, 1, failed); err == nil || !errors.Is(err, gpu.ErrArgument) {
		s.Errorf("an array that failed: %v, want its error", err)
	}
	_, err = k.LaunchOn(s.Context(), nil, gpu.Shape{}, 1, out)
	s.refused("no queue", err, gpu.ErrArgument, "kernel work: nil is no queue: wrong argument")
	_, err = k.LaunchOn(s.Context(), other.device.Queue(), gpu.Shape{}, 1, out)
	s.refused("a queue of another device", err, gpu.ErrArgument, "kernel work of DEVICE in a queue of DEVICE: wrong argument")
	_, err = out.Write(other.device.Queue(), 0, []uint32{1})
	s.refused("a copy in a queue of another device", err, gpu.ErrArgument, "buffer of DEVICE in a queue of DEVICE: wrong argument")
	s.launch(k, gpu.Shape{}, 0, out) // after all that
	holds(s, "places", out, counting[uint32](4, 0))
}

func doNotCompile(s *suite) {
	_, err := s.device.Kernel(files, starts)
	if build := (*gpu.BuildError)(nil); !errors.As(err, &build) || !strings.HasPrefix(build.Pos, "wrong.go:8") || !strings.HasPrefix(err.Error(), build.Pos) {
		s.Errorf("a goroutine: %v, want a BuildError at wrong.go:8", err)
	}
	local := func(b *gpu.Block, out []int) {}
	for what, f := range map[string]any{"a function without a name": local, "a function of another kind": strings.ToUpper} {
		if _, err := s.device.Kernel(files, f); err == nil {
			s.Errorf("%s was built", what)
		}
	}
	for what, f := range map[string]any{"nil": nil, "a number": 1, "a nil function": (func(*gpu.Block))(nil)} {
		if _, err := s.device.Kernel(files, f); !errors.Is(err, gpu.ErrArgument) {
			s.Errorf("%s: %v, want %q", what, err, gpu.ErrArgument)
		}
	}
	for what, build := range map[string]func() (*gpu.Program, error){
		"no kernels":               func() (*gpu.Program, error) { return s.device.Build(files) },
		"no files":                 func() (*gpu.Program, error) { return s.device.Build(nil, double) },
		"kernels of several files": func() (*gpu.Program, error) { return s.device.Build(files, double, starts) },
	} {
		if _, err := build(); !errors.Is(err, gpu.ErrArgument) {
			s.Errorf("%s: %v, want %q", what, err, gpu.ErrArgument)
		}
	}
	p, err := s.device.Build(files, double, add)
	s.fatal(err)
	_, err = p.Kernel("half")
	s.refused("a kernel that the program has not", err, gpu.ErrArgument, `kernel "half": wrong argument: the program has none of that name`)
	for _, name := range []string{"double", "add"} {
		if k, err := p.Kernel(name); err != nil || k.Name() != name {
			s.Errorf("kernel %s: %v", name, err)
		}
	}
}

// faults are noticed by checked kernels on every device.
func faults(s *suite) {
	k := s.checked(outside)
	out := buffer(s, make([]int, 4))
	s.launch(k, gpu.Shape{Grid: gpu.Dim{X: 1}}, 0, out)
	for _, at := range []int{1, -1, math.MaxInt} {
		e, err := k.Launch(s.Context(), gpu.Shape{Grid: gpu.Dim{X: 1}}, at, out)
		s.fatal(err)
		if err = e.Wait(s.Context()); !errors.Is(err, gpu.ErrLost) || !strings.Contains(err.Error(), "kernel outside at kernels.go:") || !strings.Contains(err.Error(), "out of range") {
			s.Errorf("an index out of range: %v", err)
		}
		if again := s.device.Sync(s.Context()); !errors.Is(again, err) {
			s.Errorf("Sync returns %v, want %v", again, err)
		}
		s.fatal(s.device.Sync(s.Context()))
	}
	s.launch(k, gpu.Shape{Grid: gpu.Dim{X: 1}}, 0, out)
	holds(s, "after faults", out, []int{1, 1, 1, 1})

	closing := newSuite(s.T, s.open)
	e, err := closing.checked(outside).Launch(s.Context(), gpu.Shape{Grid: gpu.Dim{X: 1}}, 1, buffer(closing, make([]int, 4)))
	s.fatal(err)
	if err := closing.device.Close(); !errors.Is(err, gpu.ErrLost) {
		s.Errorf("Close after a fault: %v, want %q", err, gpu.ErrLost)
	}
	if err := e.Wait(s.Context()); !errors.Is(err, gpu.ErrLost) {
		s.Errorf("the event after Close: %v, want %q", err, gpu.ErrLost)
	}
}
