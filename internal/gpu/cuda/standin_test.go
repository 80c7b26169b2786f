package cuda

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cookbook/internal/gpu/cuda/cudatest"
	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/driver/drivertest"
)

// Tests whose names begin with TestDevice run on real devices, where there are some, and on the stand-ins; those that begin with
// TestStandIn need the stand-ins, which fail when they are told to.
func TestOnStandIns(t *testing.T) { cudatest.Run(t, "^Test(Device|StandIn)") }

func TestOnStandInsWithoutLibraries(t *testing.T) {
	cudatest.Run(t, "^TestWithoutLibraries$", "libcublas.so.12", "libcufft.so.11", "libcurand.so.10")
}

func TestOnStandInsWithoutNVRTC(t *testing.T) {
	cudatest.Run(t, "^TestWithoutNVRTC$", "libnvrtc.so.12", "libcublas.so.12", "libcufft.so.11", "libcurand.so.10")
}

// standin controls the stand-ins of this process.
type standin struct {
	fail          func(function string, code int32, after int32)
	failed        func() int32
	heal          func()
	live          func(what string) int
	livePrograms  func() int // of NVRTC; nil without it
	devices       func(n int32)
	kernelThreads func(n int32)
}

// standIns returns the stand-ins; a process without them skips the test.
func standIns(t testing.TB) standin {
	t.Helper()
	folder := os.Getenv(cudatest.Variable)
	if folder == "" {
		t.Skip("it runs with the stand-ins, by TestOnStandIns")
	}
	lib, err := dl.Open("libcuda.so.1")
	var s standin
	for name, f := range map[string]any{"fakeFail": &s.fail, "fakeFailed": &s.failed, "fakeHeal": &s.heal, "fakeLive": &s.live, "fakeDevices": &s.devices, "fakeKernelThreads": &s.kernelThreads} {
		if err = errors.Join(err, lib.Bind(f, name)); err != nil {
			t.Fatal(err)
		}
	}
	if nvrtc, err := dl.Open("libnvrtc.so.12"); err == nil {
		nvrtc.Bind(&s.livePrograms, "fakeLivePrograms")
	}
	return s
}

// living returns how many handles of each kind have not been given back.
func (s standin) living() map[string]int {
	n := map[string]int{}
	for _, what := range []string{"context", "stream", "event", "module", "memory", "blas", "plan", "generator"} {
		n[what] = s.live(what)
	}
	n["program"] = s.livePrograms()
	return n
}

func TestStandInDriverThatDoesNotStart(t *testing.T) {
	s := standIns(t)
	for _, c := range []struct {
		function       string
		code           int32
		reason, advice string
	}{
		{"cuInit", 100, "finds no device: CUDA_ERROR_NO_DEVICE (100)", "nvidia-smi"},
		{"cuInit", 803, "does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)", "after an update"},
		{"cuInit", 12345, "does not start: code 12345", "nvidia-smi"},
		{"cuDeviceGetCount", 3, "CUDA_ERROR_NOT_INITIALIZED (3)", "nvidia-smi"},
	} {
		s.fail(c.function, c.code, 0)
		found := find("libcuda.so.1")
		if found.missing == nil || !strings.Contains(found.missing.Reason, c.reason) || !strings.Contains(found.missing.Advice, c.advice) {
			t.Errorf("%s fails with %d: %+v, want %q", c.function, c.code, found.missing, c.reason)
		}
		if _, err := found.open(0); !errors.Is(err, driver.ErrNoDevice) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s fails with %d: open: %v", c.function, c.code, err)
		}
	}
	s.devices(0)
	defer s.devices(2)
	if found := find("libcuda.so.1"); found.missing == nil || !strings.Contains(found.missing.Reason, "no device") {
		t.Errorf("a driver with 0 devices: %+v", found.missing)
	}
}

func TestDriverThatIsNotThere(t *testing.T) {
	found := find("libcuda-no-such.so.1")
	if found.missing == nil || found.missing.Backend != "cuda" || found.missing.Reason == "" {
		t.Fatalf("%+v", found.missing)
	}
	if _, err := found.open(0); !errors.Is(err, driver.ErrNoDevice) || !strings.Contains(err.Error(), found.missing.Reason) {
		t.Errorf("open: %v", err)
	}
}

// TestDriverOfNVIDIA loads the real driver, which .ci/nvrtc puts beside NVRTC: it has all functions that are used, and, without a device,
// says so.
func TestDriverOfNVIDIA(t *testing.T) {
	file := filepath.Join(os.Getenv("COOKBOOK_NVRTC"), "nvidia", "current", "libcuda.so.1")
	if _, err := os.Stat(file); err != nil {
		need(t, "nvrtc", err.Error())
	}
	if version := driverVersion(); version != "" {
		t.Skipf("this machine has the driver %s of its own", version)
	}
	if found := find(file); found.missing == nil || !strings.Contains(found.missing.Reason, "CUDA_ERROR_NO_DEVICE (100), no CUDA-capable device is detected") {
		t.Errorf("%+v", found.missing)
	}
}

func TestWithoutNVRTC(t *testing.T) {
	standIns(t)
	if _, err := loadNVRTC(0, "the test"); err == nil {
		t.Log("this machine has NVRTC")
		return
	}
	infos, why := Backend{}.Devices()
	if len(infos) != 2 || why != nil {
		t.Errorf("devices: %v, %v, want both", infos, why)
	}
	_, err := Backend{}.Open(1)
	var none *driver.NoLibrary
	if !errors.Is(err, driver.ErrNoDevice) || !errors.As(err, &none) || !strings.Contains(err.Error(), "apt install") {
		t.Errorf("open: %v", err)
	}
}

func TestWithoutLibraries(t *testing.T) {
	standIns(t)
	q := queueOf(t, openDevice(t, 0))
	b := drivertest.Upload(t, q.device, q, make([]float32, 8))
	m := driver.Matrix{Buffer: b, Rows: 1, Cols: 1, Stride: 1}
	for name, try := range map[string]func() (driver.Event, driver.Library, error){
		"cuBLAS": func() (driver.Event, driver.Library, error) { return q.Gemm(false, false, false, 1, m, m, 0, m) },
		"cuFFT":  func() (driver.Event, driver.Library, error) { return q.FFT(false, false, 2, 1, b, b) },
		"cuRAND": func() (driver.Event, driver.Library, error) { return q.Uniform(1, 8, b) },
	} {
		e, l, err := try()
		if err == nil {
			t.Logf("this machine has %v", l)
			drivertest.Finish(t)(e, err)
			continue
		}
		var none *driver.NoLibrary
		if !errors.Is(err, driver.ErrUnsupported) || !errors.As(err, &none) || none.Library != name || !strings.Contains(err.Error(), "apt install") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// session uses all that a device has, and gives everything back whatever fails. It returns the first error.
func session(index int) (err error) {
	d, err := find("libcuda.so.1").open(index)
	if err != nil {
		return err
	}
	keep := func(other error) {
		if err == nil {
			err = other
		}
	}
	defer func() { keep(d.Close()) }()
	dq, err := d.NewQueue()
	if err != nil {
		return err
	}
	defer func() { keep(dq.Close()) }()
	var buffers [2]driver.Buffer
	for i := range buffers {
		if buffers[i], err = d.Alloc(64); err != nil {
			return err
		}
		defer func() { keep(buffers[i].Free()) }()
	}
	m, err := d.Build(program())
	if err != nil {
		return err
	}
	defer func() { keep(m.Close()) }()
	k, err := m.Kernel("saxpy")
	if err != nil {
		return err
	}
	q, x, y := dq.(*queue), buffers[0], buffers[1]
	matrix := func(b driver.Buffer) driver.Matrix { return driver.Matrix{Buffer: b, Rows: 2, Cols: 2, Stride: 2} }
	p := make([]byte, 64)
	for _, command := range []func() (driver.Event, error){
		func() (driver.Event, error) { return q.Write(x, 0, p) },
		func() (driver.Event, error) { return q.Copy(y, 0, x, 0, 64) },
		func() (driver.Event, error) {
			return q.Launch(context.Background(), k, drivertest.Line(1, 16), []driver.Arg{{Scalar: float32(1)}, {Buffer: x, Len: 16}, {Buffer: y, Len: 16}})
		},
		func() (e driver.Event, err error) {
			e, _, err = q.Gemm(true, false, false, 1, matrix(x), matrix(x), 0, matrix(y))
			return
		},
		func() (e driver.Event, err error) { e, _, err = q.FFT(false, true, 4, 1, x, y); return },
		func() (e driver.Event, err error) { e, _, err = q.Uniform(1, 16, x); return },
		func() (driver.Event, error) { return q.Read(y, 0, p) },
	} {
		e, err := command()
		if err != nil {
			return err
		}
		defer e.Free()
		if err := e.Wait(); err != nil {
			return err
		}
		if _, err := e.Times(); err != nil {
			return err
		}
	}
	return q.Sync()
}

func TestStandInGetsAllHandlesBack(t *testing.T) {
	s := standIns(t)
	for index := range 2 {
		before := s.living()
		if err := session(index); err != nil {
			t.Errorf("device %d: %v", index, err)
		}
		if after := s.living(); !reflect.DeepEqual(before, after) {
			t.Errorf("device %d: before %v, after %v", index, before, after)
		}
	}
}

// TestStandInFailsAtEachCall lets each call of each function of the driver fail once in a session.
func TestStandInFailsAtEachCall(t *testing.T) {
	s := standIns(t)
	for _, function := range []string{"cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuCtxSetCurrent", "cuMemAlloc_v2", "cuMemFree_v2",
		"cuMemsetD8Async", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2", "cuStreamCreate", "cuStreamDestroy_v2",
		"cuStreamSynchronize", "cuEventCreate", "cuEventRecord", "cuEventSynchronize", "cuEventElapsedTime", "cuModuleLoadData", "cuModuleUnload",
		"cuModuleGetFunction", "cuFuncGetAttribute", "cuLaunchKernel", "kernel", "fakeEnqueue"} {
		t.Run(function, func(t *testing.T) {
			for n := int32(0); ; n++ {
				before := s.living()
				s.fail(function, 999, n)
				err := session(0)
				failed := s.failed() != 0
				s.heal()
				if !failed {
					if n == 0 || err != nil {
						t.Errorf("call %d: the function was not called, %v", n, err)
					}
					return
				}
				if err == nil && n == 0 {
					t.Error("no error")
				}
				switch function {
				case "cuDevicePrimaryCtxRelease_v2", "cuMemFree_v2", "cuStreamDestroy_v2", "cuModuleUnload", "cuCtxSetCurrent":
					continue // what was not given back stays; some of it nobody hears of
				}
				if !errors.Is(err, driver.ErrLost) && !errors.Is(err, driver.ErrNoDevice) || !strings.Contains(err.Error(), "code ") {
					t.Errorf("call %d: %v, want an error with the code", n, err)
				}
				if after := s.living(); !reflect.DeepEqual(before, after) && function != "kernel" { // a lost device takes nothing back
					t.Errorf("call %d: before %v, after %v: %v", n, before, after, err)
				}
			}
		})
	}
}

func TestStandInLosesTheDevice(t *testing.T) {
	s := standIns(t)
	q := queueOf(t, openDevice(t, 0))
	kernel := build(t, q.device)
	b := drivertest.Upload(t, q.device, q, make([]int32, 4))
	args := []driver.Arg{{Buffer: b, Len: 4}}
	s.fail("kernel", 700, 0)
	defer s.heal()
	first, err := q.Launch(t.Context(), kernel("places"), drivertest.Line(1, 4), args)
	if err != nil {
		t.Fatal(err)
	}
	second, err := q.Launch(t.Context(), kernel("places"), drivertest.Line(1, 4), args)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Sync(); !errors.Is(err, driver.ErrLost) || !strings.Contains(err.Error(), "places, or a command before it, on Stand-in GPU A") || !strings.Contains(err.Error(), "CUDA_ERROR_ILLEGAL_ADDRESS (700)") {
		t.Errorf("Sync: %v", err)
	}
	for _, e := range []driver.Event{first, second} {
		if err := e.Wait(); !errors.Is(err, driver.ErrLost) {
			t.Errorf("Wait: %v", err)
		}
		e.Free()
	}
	if _, err := q.Write(b, 0, make([]byte, 4)); !errors.Is(err, driver.ErrLost) || !strings.Contains(err.Error(), "start the program again") {
		t.Errorf("Write: %v", err)
	}
}

func TestStandInKernelThatTakesFewerThreads(t *testing.T) {
	s := standIns(t)
	s.kernelThreads(128)
	defer s.kernelThreads(1024)
	q := queueOf(t, openDevice(t, 0))
	kernel := build(t, q.device)
	b := drivertest.Upload(t, q.device, q, make([]int32, 256))
	_, err := q.Launch(t.Context(), kernel("places"), drivertest.Line(1, 256), []driver.Arg{{Buffer: b, Len: 256}})
	if !errors.Is(err, driver.ErrShape) || !strings.Contains(err.Error(), "takes 128 for this kernel") {
		t.Errorf("%v", err)
	}
}

func TestStandInErrorsOfMemory(t *testing.T) {
	s := standIns(t)
	d := openDevice(t, 0)
	before := s.live("memory")
	s.fail("cuMemsetD8Async", 2, 0)
	if _, err := d.Alloc(16); !errors.Is(err, driver.ErrMemory) {
		t.Errorf("%v, want ErrMemory", err)
	}
	if s.live("memory") != before {
		t.Error("what could not be cleared was not freed")
	}
}

// testKernels describes the kernels of testProgram.
func testKernels() []driver.KernelInfo {
	return []driver.KernelInfo{
		{Name: "saxpy", Dims: 1, Params: []driver.Param{param[float32]("a"), sliceParam[float32]("x"), sliceParam[float32]("y")}},
		{Name: "scalars", Dims: 1, Params: []driver.Param{param[bool]("b"), param[int8]("i8"), param[uint8]("u8"), param[int16]("i16"), param[uint16]("u16"),
			param[int32]("i32"), param[uint32]("u32"), param[int64]("i64"), param[uint64]("u64"), param[int]("i"), param[float32]("f32"),
			param[float64]("f64"), sliceParam[int64]("out"), sliceParam[int8]("none")}},
		{Name: "places", Dims: 3, Params: []driver.Param{sliceParam[int32]("a")}},
		{Name: "reversed", Dims: 1, Params: []driver.Param{sliceParam[int32]("a")}, Dynamic: reflect.TypeFor[int32]()},
		{Name: "tiled", Dims: 2, Params: []driver.Param{param[int]("n"), sliceParam[float32]("a"), sliceParam[float32]("b"), sliceParam[float32]("c")}},
	}
}

func param[T any](name string) driver.Param {
	return driver.Param{Name: name, Elem: reflect.TypeFor[T]()}
}

func sliceParam[T any](name string) driver.Param {
	return driver.Param{Name: name, Elem: reflect.TypeFor[T](), Slice: true, Write: true}
}
