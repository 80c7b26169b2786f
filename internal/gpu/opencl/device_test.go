package opencl

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// Tests whose names begin with TestDevice run on every implementation of OpenCL; see TestImplementations.

const testProgram = `#pragma OPENCL FP_CONTRACT OFF
__kernel void k_saxpy(float a, __global float *x, long x_len, __global float *y, long y_len) {
	long i = (long)get_global_id(0);
	if (i < y_len)
		y[i] = a * x[i] + y[i];
}
__kernel void k_scalars(uchar b, char i8, uchar u8, short i16, ushort u16, int i32, uint u32, long i64, ulong u64, long i, float f,
		__global long *out, long out_len, __global long *none, long none_len) {
	out[0] = b; out[1] = i8; out[2] = u8; out[3] = i16; out[4] = u16; out[5] = i32; out[6] = u32; out[7] = i64; out[8] = (long)u64;
	out[9] = i; out[10] = (long)f; out[11] = out_len; out[12] = none_len;
}
__kernel void k_places(__global int *a, long a_len) {
	long x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
	a[x + (long)get_global_size(0) * (y + (long)get_global_size(1) * z)] += (int)(x + 100 * y + 10000 * z);
}
__kernel void k_reversed(__global int *a, long a_len, __local int *shared, long shared_len) {
	long i = get_local_id(0), first = get_group_id(0) * get_local_size(0);
	shared[i] = a[first + i];
	barrier(CLK_LOCAL_MEM_FENCE);
	a[first + i] = shared[shared_len - 1 - i];
}
`

// testKernels describes the kernels of testProgram.
func testKernels() []driver.KernelInfo {
	return []driver.KernelInfo{
		{Name: "saxpy", Dims: 1, Params: []driver.Param{param[float32]("a"), sliceParam[float32]("x"), sliceParam[float32]("y")}},
		{Name: "scalars", Dims: 1, Params: []driver.Param{param[bool]("b"), param[int8]("i8"), param[uint8]("u8"), param[int16]("i16"), param[uint16]("u16"),
			param[int32]("i32"), param[uint32]("u32"), param[int64]("i64"), param[uint64]("u64"), param[int]("i"), param[float32]("f"),
			sliceParam[int64]("out"), sliceParam[int8]("none")}},
		{Name: "places", Dims: 3, Params: []driver.Param{sliceParam[int32]("a")}},
		{Name: "reversed", Dims: 1, Params: []driver.Param{sliceParam[int32]("a")}, Dynamic: reflect.TypeFor[int32]()},
	}
}

// program is testProgram and what is to be known of it.
func program() driver.Program {
	return driver.Program{Name: "test", Source: testProgram, Kernels: testKernels()}
}

// build builds testProgram.
func build(t testing.TB, d *device) func(name string) driver.Kernel {
	t.Helper()
	m, err := d.Build(program())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(name string) driver.Kernel {
		t.Helper()
		k, err := m.Kernel(name)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
}

func TestDeviceTellsWhatItIs(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		i := q.device.Info()
		t.Logf("device: %s (%s), driver %s; limits: %q", i.Name, i.Platform.Name, i.Driver, i.Limits)
		if i.Name == "" || i.Platform.Name == "" || i.Version == "" || i.Kind == "" || i.Language != driver.OpenCLC || i.Backend != "opencl" {
			t.Errorf("%+v", i)
		}
		if i.Units < 1 || i.Memory < 1<<20 || i.MaxAlloc < 1<<20 || i.SharedMemory < 1<<10 || i.Align < 1 || i.MaxThreads < 1 || i.MaxBlock.X < 1 || i.MaxBlock.Z < 1 {
			t.Errorf("%+v", i)
		}
		if listed := devices(t)[i.Index]; !reflect.DeepEqual(i, listed) {
			t.Errorf("the list has %+v, the device is %+v", listed, i)
		}
	})
}

func TestDeviceLaunchesKernels(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		const n = 1000
		kernel := build(t, q.device)
		t.Run("on slices", func(t *testing.T) {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], y[i] = float32(i), 1
			}
			bx, by := drivertest.Upload(t, q.device, q, x), drivertest.Upload(t, q.device, q, y)
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("saxpy"), drivertest.Line(16, 64), []driver.Arg{{Scalar: float32(2)}, {Buffer: bx, Len: n}, {Buffer: by, Len: n}}))
			drivertest.Download(t, q, by, y)
			for i, got := range y {
				if want := 2*float32(i) + 1; got != want {
					t.Fatalf("element %d is %v, want %v", i, got, want)
				}
			}
		})
		t.Run("on parts of slices", func(t *testing.T) {
			part := q.device.Info().Align
			buffer := drivertest.Upload(t, q.device, q, make([]float32, 3*part/4))
			one := make([]float32, part/4)
			for i := range one {
				one[i] = 1
			}
			ones := drivertest.Upload(t, q.device, q, one)
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("saxpy"), drivertest.Line(part/4, 1), []driver.Arg{{Scalar: float32(2)}, {Buffer: ones, Len: len(one)}, {Buffer: buffer, Offset: part, Len: len(one)}}))
			got := make([]float32, 3*part/4)
			drivertest.Download(t, q, buffer, got)
			for i, v := range got {
				if inside := i*4 >= part && i*4 < 2*part; v != 0 && !inside || v != 2 && inside {
					t.Fatalf("element %d of %d is %v", i, len(got), v)
				}
			}
		})
		t.Run("with scalars of all types", func(t *testing.T) {
			got := make([]int64, 13)
			out := drivertest.Upload(t, q.device, q, got)
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("scalars"), drivertest.Line(1, 1), []driver.Arg{{Scalar: true}, {Scalar: int8(-8)}, {Scalar: uint8(208)}, {Scalar: int16(-1600)},
				{Scalar: uint16(61600)}, {Scalar: int32(-320000)}, {Scalar: uint32(4e9)}, {Scalar: int64(math.MinInt64)}, {Scalar: uint64(math.MaxUint64)},
				{Scalar: -9}, {Scalar: float32(1 << 20)}, {Buffer: out, Len: len(got)}, {}}))
			drivertest.Download(t, q, out, got)
			if want := []int64{1, -8, 208, -1600, 61600, -320000, 4e9, math.MinInt64, -1, -9, 1 << 20, 13, 0}; !reflect.DeepEqual(got, want) {
				t.Errorf("the kernel saw %v, want %v", got, want)
			}
		})
		t.Run("in three dimensions", func(t *testing.T) {
			drivertest.Places(t, q.device, q, kernel("places"))
		})
		t.Run("with shared memory", func(t *testing.T) {
			drivertest.Reversed(t, q.device, q, kernel("reversed"))
		})
	})
}

func TestDeviceCopiesInOrder(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		first, second := drivertest.Upload(t, q.device, q, []int32{1, 2, 3, 4}), drivertest.Upload(t, q.device, q, make([]int32, 4))
		e1, err1 := q.Copy(second, 8, first, 0, 8)
		e2, err2 := q.Copy(second, 0, second, 8, 4)
		if err := errors.Join(err1, err2, q.Sync()); err != nil {
			t.Fatal(err)
		}
		got := make([]int32, 4)
		drivertest.Download(t, q, second, got)
		if want := []int32{1, 0, 1, 2}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		var last driver.Times
		for _, e := range []driver.Event{e1, e2} {
			times, err := e.Times()
			if err != nil || times.Queued > times.Start || times.Start > times.End || times.Start < last.Start {
				t.Errorf("times %+v after %+v: %v", times, last, err)
			}
			last = times
			e.Free()
		}
	})
}

func TestDeviceRefusesWhatDoesNotFit(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		i := q.device.Info()
		kernel := build(t, q.device)
		b := drivertest.Upload(t, q.device, q, make([]int32, 4))
		args := []driver.Arg{{Buffer: b, Len: 4}}
		huge, memory := drivertest.Line(math.MaxInt/2, 4), drivertest.Line(1, 4)
		memory.Shared = i.SharedMemory + 4
		for _, c := range []struct {
			what   string
			kernel string
			shape  driver.Shape
		}{{"too many threads of a block", "places", drivertest.Line(1, 2*i.MaxThreads)}, {"too many blocks", "places", huge}, {"too much shared memory", "reversed", memory}} {
			e, err := q.Launch(t.Context(), kernel(c.kernel), c.shape, args)
			if c.kernel == "places" && i.Platform.Name == "rusticl" && c.shape != huge && err == nil {
				drivertest.Finish(t)(e, err) // it runs more than it says; package gpu refuses that
				continue
			}
			if !errors.Is(err, driver.ErrShape) {
				t.Errorf("%s: %v, want ErrShape", c.what, err)
			}
		}
		for _, bytes := range []int{int(i.Memory) + 1, math.MaxInt - 64} {
			if _, err := q.device.Alloc(bytes); !errors.Is(err, driver.ErrMemory) {
				t.Errorf("%d bytes: %v, want ErrMemory", bytes, err)
			}
		}
		if _, err := (Backend{}).Open(len(devices(t))); !errors.Is(err, driver.ErrNoDevice) {
			t.Errorf("a device behind the last one: %v, want ErrNoDevice", err)
		}
	})
}

func TestDeviceSaysWhereASourceIsWrong(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		lines := []string{"", "kernel.go:10", "kernel.go:12"}
		info := []driver.KernelInfo{{Name: "f", Params: []driver.Param{sliceParam[int32]("a")}}}
		for _, c := range []struct{ source, pos string }{
			{"__kernel void k_f(__global int *a, long a_len) {\n\ta[0] = 1;\n\ta[1] = missing;\n}\n", "kernel.go:12"},
			{"__kernel void k_f(__global int *a, long a_len) {\n\ta[0] = 1\n}\n", "kernel.go:10"},
		} {
			_, err := q.device.Build(driver.Program{Name: "wrong", Source: c.source, Lines: lines, Kernels: info})
			var wrong *driver.BuildError
			if !errors.As(err, &wrong) || wrong.Pos != c.pos || wrong.Message == "" || wrong.Log == "" || !errors.Is(err, driver.ErrBuild) {
				t.Errorf("%v, want an error at %s", err, c.pos)
			}
		}
		for _, source := range []string{"__kernel void k_g(__global int *a, long a_len) {}\n", "__kernel void k_f(__global int *a) {}\n"} {
			if _, err := q.device.Build(driver.Program{Name: "wrong", Source: source, Kernels: info}); !errors.Is(err, driver.ErrBuild) {
				t.Errorf("%s: %v, want ErrBuild", source, err)
			}
		}
	})
}
