package cuda

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// onDevices runs a test on each device of the process, with a queue.
func onDevices(t *testing.T, test func(t *testing.T, q *queue)) {
	infos, why := Backend{}.Devices()
	if why != nil {
		need(t, "cuda", why.Reason)
	}
	for _, info := range infos {
		t.Run(strings.ReplaceAll(info.Name, " ", "_"), func(t *testing.T) { test(t, queueOf(t, openDevice(t, info.Index))) })
	}
}

// openDevice opens a device until the test ends.
func openDevice(t testing.TB, index int) *device {
	t.Helper()
	d, err := Backend{}.Open(index)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, d.Close()) })
	return d.(*device)
}

func queueOf(t testing.TB, d *device) *queue {
	t.Helper()
	q, err := d.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, q.Close()) })
	return q.(*queue)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
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
	t.Cleanup(func() { check(t, m.Close()) })
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
		t.Logf("device: %+v, compiled for %s", i, q.device.arch)
		if i.Backend != "cuda" || i.Name == "" || i.Vendor != "NVIDIA" || !strings.HasPrefix(i.Version, "CUDA 1") || i.Kind != driver.GPU || i.Language != driver.CUDAC {
			t.Errorf("%+v", i)
		}
		if i.Units < 1 || i.Memory < 1<<28 || i.SharedMemory < 16<<10 || i.MaxThreads < 512 || i.MaxBlock.Z < 64 || i.MaxGrid.Y < 65535 || len(i.Capability) < 3 {
			t.Errorf("%+v", i)
		}
	})
}

func TestDeviceLaunchesKernels(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		const n = 1000
		kernel := build(t, q.device)
		t.Run("on slices and parts of them", func(t *testing.T) {
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], y[i] = float32(i), 1
			}
			bx, by := drivertest.Upload(t, q.device, q, x), drivertest.Upload(t, q.device, q, y)
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("saxpy"), drivertest.Line(16, 64), []driver.Arg{{Scalar: float32(2)}, {Buffer: bx, Len: n}, {Buffer: by, Offset: 40, Len: n - 20}}))
			drivertest.Download(t, q, by, y)
			for i, got := range y {
				want := float32(1)
				if i >= 10 && i < n-10 {
					want += 2 * float32(i-10)
				}
				if got != want {
					t.Fatalf("element %d is %v, want %v", i, got, want)
				}
			}
		})
		t.Run("with scalars of all types", func(t *testing.T) {
			got := make([]int64, 15)
			out := drivertest.Upload(t, q.device, q, got)
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("scalars"), drivertest.Line(1, 1), []driver.Arg{{Scalar: true}, {Scalar: int8(-8)}, {Scalar: uint8(208)}, {Scalar: int16(-1600)},
				{Scalar: uint16(61600)}, {Scalar: int32(-320000)}, {Scalar: uint32(4e9)}, {Scalar: int64(math.MinInt64)}, {Scalar: uint64(math.MaxUint64)},
				{Scalar: -9}, {Scalar: float32(1 << 20)}, {Scalar: float64(1 << 40)}, {Buffer: out, Len: len(got)}, {}}))
			drivertest.Download(t, q, out, got)
			if want := []int64{1, -8, 208, -1600, 61600, -320000, 4e9, math.MinInt64, -1, -9, 1 << 20, 1 << 40, 15, 0, 1}; !reflect.DeepEqual(got, want) {
				t.Errorf("the kernel saw %v, want %v", got, want)
			}
		})
		t.Run("in three dimensions", func(t *testing.T) {
			drivertest.Places(t, q.device, q, kernel("places"))
		})
		t.Run("with shared memory", func(t *testing.T) {
			drivertest.Reversed(t, q.device, q, kernel("reversed"))
		})
		t.Run("with barriers in a loop", func(t *testing.T) {
			const n = 24
			a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
			for i := range a {
				a[i], b[i] = float32(i%5), float32(i%7)
			}
			ba, bb, bc := drivertest.Upload(t, q.device, q, a), drivertest.Upload(t, q.device, q, b), drivertest.Upload(t, q.device, q, c)
			s := driver.Shape{Grid: driver.Dim{X: n / 8, Y: n / 8, Z: 1}, Block: driver.Dim{X: 8, Y: 8, Z: 1}}
			drivertest.Finish(t)(q.Launch(t.Context(), kernel("tiled"), s, []driver.Arg{{Scalar: n}, {Buffer: ba, Len: n * n}, {Buffer: bb, Len: n * n}, {Buffer: bc, Len: n * n}}))
			drivertest.Download(t, q, bc, c)
			for i, got := range c {
				want := float32(0)
				for k := range n {
					want += a[i/n*n+k] * b[k*n+i%n]
				}
				if got != want {
					t.Fatalf("element %d is %v, want %v", i, got, want)
				}
			}
		})
	})
}

func TestDeviceClearsMemory(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		b, err := q.device.Alloc(1001)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { check(t, b.Free()) })
		p := make([]byte, 1001)
		p[1000] = 1
		e, err := q.Read(b, 0, p)
		if strings.Trim(string(p), "\x00") != "" { // which is there when Read returns
			t.Errorf("%v", p)
		}
		drivertest.Finish(t)(e, err)
	})
}

func TestDeviceCopiesInOrder(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		first, second := drivertest.Upload(t, q.device, q, []int32{1, 2, 3, 4}), drivertest.Upload(t, q.device, q, make([]int32, 4))
		e1, err1 := q.Copy(second, 8, first, 0, 8)
		e2, err2 := q.Copy(second, 0, second, 8, 4)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if err := q.Sync(); err != nil {
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

func TestDeviceKeepsTimeWhenItsClockIsRenewed(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		d := q.device
		b := drivertest.Upload(t, q.device, q, make([]int32, 4))
		var last driver.Times
		for range 3 {
			if rc := d.use(d.context, func() code { return d.clock.renew(d) }); rc != success {
				t.Fatal(rc)
			}
			e, err := q.Write(b, 0, make([]byte, 16))
			if err != nil {
				t.Fatal(err)
			}
			times, err := e.Times()
			if err != nil || times.Start < last.End || times.Queued < last.Queued {
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
		args := []driver.Arg{{Buffer: drivertest.Upload(t, q.device, q, make([]int32, 4)), Len: 4}}
		memory, deep := drivertest.Line(1, 4), drivertest.Line(1, 1)
		memory.Shared, deep.Grid.Z = i.SharedMemory+4, i.MaxGrid.Z+1
		for _, c := range []struct {
			what, kernel string
			shape        driver.Shape
		}{{"too many threads of a block", "places", drivertest.Line(1, 2*i.MaxThreads)}, {"too many blocks", "places", drivertest.Line(math.MaxInt/2, 4)},
			{"too many blocks in z", "places", deep}, {"too much shared memory", "reversed", memory}} {
			if _, err := q.Launch(t.Context(), kernel(c.kernel), c.shape, args); !errors.Is(err, driver.ErrShape) {
				t.Errorf("%s: %v, want ErrShape", c.what, err)
			}
		}
		if _, err := q.device.Alloc(int(i.Memory) + 1); !errors.Is(err, driver.ErrMemory) {
			t.Errorf("too much memory: %v, want ErrMemory", err)
		}
		if _, err := (Backend{}).Open(99); !errors.Is(err, driver.ErrNoDevice) {
			t.Errorf("device 99: %v, want ErrNoDevice", err)
		}
		if err := q.Sync(); err != nil {
			t.Errorf("what was refused left an error: %v", err)
		}
	})
}

func TestDeviceSaysWhereASourceIsWrong(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		lines := []string{"", "kernel.go:10", "kernel.go:12"}
		info := []driver.KernelInfo{{Name: "f", Params: []driver.Param{sliceParam[int32]("a")}}}
		const head = `extern "C" __global__ void `
		for _, c := range []struct{ source, pos string }{
			{head + "k_f(int *a, long a_len) {\n\ta[0] = 1;\n\ta[1] = missing;\n}\n", "kernel.go:12"},
			{head + "k_f(int *a, long a_len) {\n\ta[0] = wrong;\n}\n", "kernel.go:10"},
		} {
			_, err := q.device.Build(driver.Program{Name: "wrong", Source: c.source, Lines: lines, Kernels: info})
			var wrong *driver.BuildError
			if !errors.As(err, &wrong) || wrong.Pos != c.pos || wrong.Message == "" || wrong.Log == "" || wrong.Device != q.device.info.Name {
				t.Errorf("%v, want an error at %s", err, c.pos)
			}
		}
		if _, err := q.device.Build(driver.Program{Name: "wrong", Source: head + "k_g(int *a, long a_len) {}\n", Kernels: info}); !errors.Is(err, driver.ErrBuild) {
			t.Errorf("a kernel that is not there: %v, want ErrBuild", err)
		}
	})
}

// TestDeviceServesManyGoroutines launches one kernel from many goroutines, on queues of their own and on one that all share, while
// others allocate, build, and use other devices.
func TestDeviceServesManyGoroutines(t *testing.T) {
	onDevices(t, func(t *testing.T, shared *queue) {
		kernel := build(t, shared.device)("saxpy")
		var all sync.WaitGroup
		defer all.Wait()
		for g := range 8 {
			all.Go(func() {
				if err := drivertest.Serve(shared.device, shared, program(), kernel, g, 10); err != nil {
					t.Errorf("goroutine %d: %v", g, err)
				}
			})
		}
	})
}
