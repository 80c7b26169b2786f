package cuda

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"cookbook/internal/gpu/driver"
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

// build builds testProgram.
func build(t testing.TB, d *device) func(name string) driver.Kernel {
	t.Helper()
	m, err := d.Build(driver.Program{Name: "test", Source: testProgram, Kernels: testKernels()})
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

// line is a shape of one dimension.
func line(blocks, threads int) driver.Shape {
	return driver.Shape{Grid: driver.Dim{X: blocks, Y: 1, Z: 1}, Block: driver.Dim{X: threads, Y: 1, Z: 1}}
}

// upload makes a buffer with the numbers of s, a slice.
func upload(t testing.TB, q *queue, s any) driver.Buffer {
	t.Helper()
	b, err := q.device.Alloc(binary.Size(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, b.Free()) })
	p, _ := binary.Append(nil, binary.NativeEndian, s)
	finish(t)(q.Write(b, 0, p))
	return b
}

// download reads the numbers of s, a slice, from a buffer.
func download(t testing.TB, q *queue, b driver.Buffer, s any) {
	t.Helper()
	p := make([]byte, binary.Size(s))
	finish(t)(q.Read(b, 0, p))
	if _, err := binary.Decode(p, binary.NativeEndian, s); err != nil {
		t.Fatal(err)
	}
}

// finish waits for a command and frees it.
func finish(t testing.TB) func(driver.Event, error) {
	return func(e driver.Event, err error) {
		t.Helper()
		if err == nil {
			err = e.Wait()
			e.Free()
		}
		if err != nil {
			t.Fatal(err)
		}
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
			bx, by := upload(t, q, x), upload(t, q, y)
			finish(t)(q.Launch(t.Context(), kernel("saxpy"), line(16, 64), []driver.Arg{{Scalar: float32(2)}, {Buffer: bx, Len: n}, {Buffer: by, Offset: 40, Len: n - 20}}))
			download(t, q, by, y)
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
			out := upload(t, q, got)
			finish(t)(q.Launch(t.Context(), kernel("scalars"), line(1, 1), []driver.Arg{{Scalar: true}, {Scalar: int8(-8)}, {Scalar: uint8(208)}, {Scalar: int16(-1600)},
				{Scalar: uint16(61600)}, {Scalar: int32(-320000)}, {Scalar: uint32(4e9)}, {Scalar: int64(math.MinInt64)}, {Scalar: uint64(math.MaxUint64)},
				{Scalar: -9}, {Scalar: float32(1 << 20)}, {Scalar: float64(1 << 40)}, {Buffer: out, Len: len(got)}, {}}))
			download(t, q, out, got)
			if want := []int64{1, -8, 208, -1600, 61600, -320000, 4e9, math.MinInt64, -1, -9, 1 << 20, 1 << 40, 15, 0, 1}; !reflect.DeepEqual(got, want) {
				t.Errorf("the kernel saw %v, want %v", got, want)
			}
		})
		t.Run("in three dimensions", func(t *testing.T) {
			s := driver.Shape{Grid: driver.Dim{X: 3, Y: 2, Z: 4}, Block: driver.Dim{X: 4, Y: 2, Z: 2}}
			got := make([]int32, s.Grid.Count()*s.Block.Count())
			b := upload(t, q, got)
			finish(t)(q.Launch(t.Context(), kernel("places"), s, []driver.Arg{{Buffer: b, Len: len(got)}}))
			download(t, q, b, got)
			for i, v := range got {
				if x, y, z := i%12, i/12%4, i/48; int(v) != x+100*y+10000*z {
					t.Fatalf("element (%d, %d, %d) is %d", x, y, z, v)
				}
			}
		})
		t.Run("with shared memory", func(t *testing.T) {
			got := []int32{1, 2, 3, 4, 5, 6, 7, 8}
			b := upload(t, q, got)
			s := line(2, 4)
			s.Shared = 16
			finish(t)(q.Launch(t.Context(), kernel("reversed"), s, []driver.Arg{{Buffer: b, Len: len(got)}}))
			download(t, q, b, got)
			if want := []int32{4, 3, 2, 1, 8, 7, 6, 5}; !reflect.DeepEqual(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
		t.Run("with barriers in a loop", func(t *testing.T) {
			const n = 24
			a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
			for i := range a {
				a[i], b[i] = float32(i%5), float32(i%7)
			}
			ba, bb, bc := upload(t, q, a), upload(t, q, b), upload(t, q, c)
			s := driver.Shape{Grid: driver.Dim{X: n / 8, Y: n / 8, Z: 1}, Block: driver.Dim{X: 8, Y: 8, Z: 1}}
			finish(t)(q.Launch(t.Context(), kernel("tiled"), s, []driver.Arg{{Scalar: n}, {Buffer: ba, Len: n * n}, {Buffer: bb, Len: n * n}, {Buffer: bc, Len: n * n}}))
			download(t, q, bc, c)
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
		finish(t)(e, err)
	})
}

func TestDeviceCopiesInOrder(t *testing.T) {
	onDevices(t, func(t *testing.T, q *queue) {
		first, second := upload(t, q, []int32{1, 2, 3, 4}), upload(t, q, make([]int32, 4))
		e1, err1 := q.Copy(second, 8, first, 0, 8)
		e2, err2 := q.Copy(second, 0, second, 8, 4)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if err := q.Sync(); err != nil {
			t.Fatal(err)
		}
		got := make([]int32, 4)
		download(t, q, second, got)
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
		b := upload(t, q, make([]int32, 4))
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
		args := []driver.Arg{{Buffer: upload(t, q, make([]int32, 4)), Len: 4}}
		memory, deep := line(1, 4), line(1, 1)
		memory.Shared, deep.Grid.Z = i.SharedMemory+4, i.MaxGrid.Z+1
		for _, c := range []struct {
			what, kernel string
			shape        driver.Shape
		}{{"too many threads of a block", "places", line(1, 2*i.MaxThreads)}, {"too many blocks", "places", line(math.MaxInt/2, 4)},
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
	var all sync.WaitGroup
	defer all.Wait()
	onDevices(t, func(t *testing.T, shared *queue) {
		kernel := build(t, shared.device)("saxpy")
		var all sync.WaitGroup
		defer all.Wait()
		for g := range 8 {
			all.Go(func() {
				if err := serve(shared.device, shared, kernel, g, 10, 64); err != nil {
					t.Errorf("goroutine %d: %v", g, err)
				}
			})
		}
	})
}

// serve launches saxpy rounds times and looks at the result.
func serve(d *device, q *queue, k driver.Kernel, g, rounds, n int) (err error) {
	if g%2 == 0 {
		own, err := d.NewQueue()
		if err != nil {
			return err
		}
		defer own.Close()
		q = own.(*queue)
	}
	if g == 1 {
		m, err := d.Build(driver.Program{Name: "test", Source: testProgram, Kernels: testKernels()})
		if err != nil {
			return err
		}
		defer m.Close()
		if k, err = m.Kernel("saxpy"); err != nil {
			return err
		}
	}
	do := func(e driver.Event, failed error) {
		if err = errors.Join(err, failed); failed == nil {
			err = errors.Join(err, e.Wait())
			e.Free()
		}
	}
	x, errX := d.Alloc(4 * n)
	y, errY := d.Alloc(4 * n)
	if err := errors.Join(errX, errY); err != nil {
		return err
	}
	defer x.Free()
	defer y.Free()
	ones := make([]float32, n)
	for i := range ones {
		ones[i] = 1
	}
	p, _ := binary.Append(nil, binary.NativeEndian, ones)
	do(q.Write(x, 0, p))
	for range rounds {
		do(q.Launch(context.Background(), k, line(n/16, 16), []driver.Arg{{Scalar: float32(g)}, {Buffer: x, Len: n}, {Buffer: y, Len: n}}))
	}
	do(q.Read(y, 0, p))
	got := make([]float32, n)
	if _, failed := binary.Decode(p, binary.NativeEndian, got); failed != nil {
		return failed
	}
	for i, v := range got {
		if v != float32(g*rounds) && err == nil {
			err = fmt.Errorf("element %d is %v, want %d", i, v, g*rounds)
		}
	}
	return err
}
