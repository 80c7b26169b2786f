//go:build cuda && cgo

package cu

import (
	"context"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const source = `extern "C" __global__ void k_saxpy(float a, float *x, long x_len, float *y, long y_len) {
	long i = (long)blockIdx.x * blockDim.x + threadIdx.x;
	if (i < x_len) y[i] += a * x[i];
}
extern "C" __global__ void k_dynamic(long *to, long to_len, long shared_len) {
	extern __shared__ long memory[];
	memory[threadIdx.x] = threadIdx.x;
	__syncthreads();
	to[threadIdx.x] = memory[blockDim.x - 1 - threadIdx.x] + shared_len * 100;
}
`

var (
	number  = driver.Param{Name: "a", Elem: reflect.TypeFor[float32]()}
	numbers = driver.Param{Name: "x", Slice: true, Elem: reflect.TypeFor[float32](), Write: true}
	program = driver.Program{Name: "test", Source: source, Kernels: []driver.KernelInfo{
		{Name: "saxpy", Params: []driver.Param{number, numbers, numbers}},
		{Name: "dynamic", Params: []driver.Param{{Name: "to", Slice: true, Elem: reflect.TypeFor[int]()}}, Dynamic: reflect.TypeFor[int]()},
	}}
)

// line is a shape of one dimension.
func line(blocks, threads int) driver.Shape {
	return driver.Shape{Grid: driver.Dim{X: blocks, Y: 1, Z: 1}, Block: driver.Dim{X: threads, Y: 1, Z: 1}}
}

// job is what a test does on a device. It gives back what it takes, also after an error, and returns the first error.
type job struct {
	d     driver.Device
	q     driver.Queue
	first error
}

func (j *job) keep(err error) {
	if j.first == nil {
		j.first = err
	}
}

func (j *job) finish(e driver.Event, err error) {
	if j.keep(err); err != nil {
		return
	}
	j.keep(e.Wait())
	if _, err := e.Times(); err != nil {
		j.keep(err)
	}
	e.Free()
}

// with runs f with a device and a queue.
func with(index int, f func(j *job)) error {
	d, err := Backend{}.Open(index)
	if err != nil {
		return err
	}
	j := &job{d: d}
	if j.q, err = d.NewQueue(); err != nil {
		d.Close()
		return err
	}
	f(j)
	j.keep(j.q.Sync())
	j.keep(j.q.Close())
	j.keep(d.Close())
	return j.first
}

func (j *job) buffer(bytes int, f func(b driver.Buffer)) {
	b, err := j.d.Alloc(bytes)
	if j.keep(err); err != nil {
		return
	}
	f(b)
	j.keep(b.Free())
}

func (j *job) kernel(name string, f func(k driver.Kernel)) {
	m, err := j.d.Build(program)
	if j.keep(err); err != nil {
		return
	}
	k, err := m.Kernel(name)
	j.keep(err)
	if err == nil {
		f(k)
	}
	j.keep(m.Close())
}

// saxpy computes 2x + y with every part of the interface and returns the numbers.
func (j *job) saxpy(n int) []float32 {
	got := make([]float32, n)
	j.buffer(4*n, func(x driver.Buffer) {
		j.buffer(4*n, func(y driver.Buffer) {
			j.kernel("saxpy", func(k driver.Kernel) {
				for i := range got {
					got[i] = float32(i)
				}
				p, _ := binary.Append(nil, binary.NativeEndian, got)
				j.finish(j.q.Write(x, 0, p))
				j.finish(j.q.Copy(y, 4, x, 0, 4*n-4))
				args := []driver.Arg{{Scalar: float32(2)}, {Buffer: x, Len: n}, {Buffer: y, Len: n}}
				j.finish(j.q.Launch(context.Background(), k, line((n+63)/64, 64), args))
				j.finish(j.q.Read(y, 0, p))
				binary.Decode(p, binary.NativeEndian, got)
			})
		})
	})
	return got
}

func TestComputesOnEachDevice(t *testing.T) {
	infos, missing := Backend{}.Devices()
	if missing != nil {
		t.Fatal(missing.Reason)
	}
	for _, info := range infos {
		const n = 1000
		var got []float32
		if err := with(info.Index, func(j *job) { got = j.saxpy(n) }); err != nil {
			t.Fatal(info.Name, err)
		}
		for i, v := range got {
			if want := float32(2*i + max(i-1, 0)); v != want {
				t.Fatalf("%s: element %d is %g, want %g", info.Name, i, v, want)
			}
		}
	}
}

func TestSharedMemoryOfTheLaunch(t *testing.T) {
	const n = 8
	got := make([]int64, n)
	err := with(0, func(j *job) {
		j.buffer(8*n, func(to driver.Buffer) {
			j.kernel("dynamic", func(k driver.Kernel) {
				s := line(1, n)
				s.Shared = 8 * n
				j.finish(j.q.Launch(context.Background(), k, s, []driver.Arg{{Buffer: to, Len: n}}))
				p := make([]byte, 8*n)
				j.finish(j.q.Read(to, 0, p))
				binary.Decode(p, binary.NativeEndian, got)
			})
		})
	})
	if want := []int64{807, 806, 805, 804, 803, 802, 801, 800}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

func TestLibrariesUseTheQueuesStream(t *testing.T) {
	const n = 4
	got := make([]float32, n*n)
	err := with(0, func(j *job) {
		j.buffer(4*n*n, func(a driver.Buffer) {
			j.buffer(4*n*n, func(c driver.Buffer) {
				for i := range n { // the unit matrix, times 3
					got[i*n+i] = 3
				}
				p, _ := binary.Append(nil, binary.NativeEndian, got)
				j.finish(j.q.Write(a, 0, p))
				m := driver.Matrix{Buffer: a, Rows: n, Cols: n, Stride: n}
				out := m
				out.Buffer = c
				e, l, err := j.q.(driver.BLAS).Gemm(false, false, true, 2, m, m, 0, out)
				j.finish(e, err)
				if l.Name != "cuBLAS" {
					t.Errorf("library %q", l.Name)
				}
				j.finish(j.q.Read(c, 0, p))
				binary.Decode(p, binary.NativeEndian, got)
				e, _, err = j.q.(driver.FFT).FFT(false, true, n, n/2, a, c)
				j.finish(e, err)
				e, _, err = j.q.(driver.Random).Uniform(1, n, c)
				j.finish(e, err)
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if want := map[bool]float32{true: 18}[i%(n+1) == 0]; v != want {
			t.Errorf("element %d is %g, want %g", i, v, want)
		}
	}
}

func TestErrorsAreThoseOfPackageDriver(t *testing.T) {
	err := with(0, func(j *job) {
		if _, err := j.d.Alloc(1 << 60); !errors.Is(err, driver.ErrMemory) {
			t.Errorf("no memory: %v", err)
		}
		wrong := program
		wrong.Source, wrong.Lines = "int f() { return y; }", []string{"kernel.go:7"}
		var e *driver.BuildError
		if _, err := j.d.Build(wrong); !errors.As(err, &e) || e.Pos != "kernel.go:7" {
			t.Errorf("a wrong source: %v", err)
		}
		j.kernel("saxpy", func(k driver.Kernel) {
			args := []driver.Arg{{Scalar: float32(2)}, {}, {}}
			for _, s := range []driver.Shape{line(1, 2048), {Grid: driver.Dim{X: 1, Y: 70000, Z: 1}, Block: driver.Dim{X: 1, Y: 1, Z: 1}}} {
				if _, err := j.q.Launch(context.Background(), k, s, args); !errors.Is(err, driver.ErrShape) {
					t.Errorf("%v blocks of %v: %v", s.Grid, s.Block, err)
				}
			}
		})
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := (Backend{}).Open(99); !errors.Is(err, driver.ErrNoDevice) {
		t.Errorf("a device that is not there: %v", err)
	}
}

// standIns returns functions of the stand-in for libcuda; a process without them skips the test.
func standIns(t *testing.T) (fail func(function string, code, after int32), failed func() int32, heal func(), live func(what string) int) {
	t.Helper()
	lib, err := dl.Open("libcuda.so.1")
	if err != nil || lib.Bind(&fail, "fakeFail") != nil {
		t.Skip("it runs with the stand-ins: make test-cuda")
	}
	if err := errors.Join(lib.Bind(&failed, "fakeFailed"), lib.Bind(&heal, "fakeHeal"), lib.Bind(&live, "fakeLive")); err != nil {
		t.Fatal(err)
	}
	return fail, failed, heal, live
}

func TestFailsAtEachCallAndGivesAllBack(t *testing.T) {
	fail, failed, heal, live := standIns(t)
	kinds, before := []string{"context", "stream", "event", "module", "memory"}, map[string]int{}
	for _, what := range kinds {
		before[what] = live(what)
	}
	for _, function := range strings.Fields(`cuDeviceGet cuDevicePrimaryCtxRetain cuMemAlloc_v2 cuMemsetD8Async
		cuMemcpyHtoDAsync_v2 cuMemcpyDtoHAsync_v2 cuMemcpyDtoDAsync_v2 cuStreamCreate cuStreamSynchronize cuEventCreate cuEventRecord
		cuEventSynchronize cuEventElapsedTime cuModuleLoadData cuModuleGetFunction cuFuncGetAttribute cuLaunchKernel`) {
		for after := int32(0); ; after++ {
			fail(function, 999, after)
			err := with(0, func(j *job) { j.saxpy(100) })
			if failed() == 0 {
				heal()
				if after == 0 {
					t.Errorf("%s is not called", function)
				}
				break
			}
			heal()
			if err == nil {
				t.Errorf("%s fails at call %d, and nobody says so", function, after)
			}
			for _, what := range kinds {
				if n := live(what) - before[what]; n != 0 {
					t.Fatalf("%s fails at call %d: %d × %s left (%v)", function, after, n, what, err)
				}
			}
		}
	}
}

func TestLosesTheDevice(t *testing.T) {
	fail, _, heal, _ := standIns(t)
	fail("kernel", 700, 0)
	defer heal()
	if err := with(0, func(j *job) { j.saxpy(100) }); !errors.Is(err, driver.ErrLost) || !strings.Contains(err.Error(), "saxpy") {
		t.Errorf("a kernel that fails: %v", err)
	}
}
