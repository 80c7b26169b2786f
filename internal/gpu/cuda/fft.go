package cuda

import (
	"fmt"
	"math"
	"reflect"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// cufft is the library cuFFT.
type cufft struct {
	library                                              driver.Library
	property, create, destroy, setStream, single, double dl.Func
}

// loadFFT loads cuFFT, once.
var loadFFT = sync.OnceValues(func() (*cufft, *none) {
	f := &cufft{}
	_, none := openLibrary(libcufft(), process().version.major, []function{
		{&f.property, "cufftGetProperty"}, {&f.create, "cufftPlanMany"}, {&f.destroy, "cufftDestroy"},
		{&f.setStream, "cufftSetStream"}, {&f.single, "cufftExecC2C"}, {&f.double, "cufftExecZ2Z"},
	})
	if none != nil {
		return nil, none
	}
	f.library = driver.Library{Name: "cuFFT", Version: versionOf(f.property)}
	return f, nil
})

// plan is what a plan of cuFFT is made for. A plan has memory of its own for what is between, so each queue has its plans.
type plan struct {
	double   bool
	n, batch int
}

// FFT transforms with cuFFT, and divides what it transformed backwards, which cuFFT does not. The first transform of a length makes
// a plan, which takes milliseconds, and the first one of all up to a second.
func (q *queue) FFT(double, inverse bool, n, batch int, in, out driver.Buffer) (driver.Event, driver.Library, error) {
	const what = "Fourier transform"
	d := q.device
	fft, none := loadFFT()
	if none != nil {
		return nil, driver.Library{}, none.on(d.info.Name)
	}
	if n > math.MaxInt32 || batch > math.MaxInt32 {
		return nil, fft.library, fmt.Errorf("%s on %s: %w: cuFFT counts in 32 bits, and %d × %d is more", what, d.info.Name, driver.ErrUnsupported, batch, n)
	}
	var divide func() error
	if inverse {
		var err error
		if divide, err = q.divider(double, n*batch*2, n, out); err != nil {
			return nil, fft.library, err
		}
	}
	exec, direction := fft.single, int32(-1)
	if double {
		exec = fft.double
	}
	if inverse {
		direction = 1
	}
	var handle int32
	err := q.prepare(what, func() (err error) {
		handle, err = fft.plan(q, plan{double, n, batch})
		return err
	})
	if err != nil {
		return nil, fft.library, err
	}
	e, err := q.run(what, false, func() error {
		err := fft.failure(d, exec.Call(uintptr(handle), in.(*buffer).at, out.(*buffer).at, uintptr(direction)))
		if err == nil && inverse {
			err = divide()
		}
		return err
	})
	return e, fft.library, err
}

// plan returns the queue's plan for a transform, and makes it the first time. The rows follow one another.
func (f *cufft) plan(q *queue, p plan) (int32, error) {
	if handle, ok := q.libraries.plans[p]; ok {
		return handle, nil
	}
	const c2c, z2z = 0x29, 0x69
	kind := uintptr(c2c)
	if p.double {
		kind = z2z
	}
	var handle int32
	size, row := [1]int32{int32(p.n)}, uintptr(p.n)
	if err := f.failure(q.device, f.create.Call(uintptr(unsafe.Pointer(&handle)), 1, uintptr(unsafe.Pointer(&size)), 0, 1, row, 0, 1, row, kind, uintptr(p.batch))); err != nil {
		return 0, err
	}
	if err := f.failure(q.device, f.setStream.Call(uintptr(handle), q.stream)); err != nil {
		f.destroy.Call(uintptr(handle))
		return 0, err
	}
	if q.libraries.plans == nil {
		q.libraries.plans = map[plan]int32{}
	}
	q.libraries.plans[p] = handle
	return handle, nil
}

func (f *cufft) failure(d *device, rc uintptr) error {
	const allocFailed, invalidSize, notSupported = 2, 8, 16
	return status(rc).failure(d, f.library, "Fourier transform", []status{allocFailed}, []status{invalidSize, notSupported})
}

// divideSource divides the numbers of x by n.
const divideSource = `extern "C" __global__ void k_divide32(float *x, long x_len, float n) {
	long i = (long)blockIdx.x * blockDim.x + threadIdx.x;
	if (i < x_len) x[i] /= n;
}
extern "C" __global__ void k_divide64(double *x, long x_len, double n) {
	long i = (long)blockIdx.x * blockDim.x + threadIdx.x;
	if (i < x_len) x[i] /= n;
}
`

// divider returns a function that queues the division of count numbers by n.
func (q *queue) divider(double bool, count, n int, x driver.Buffer) (func() error, error) {
	d := q.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.scale == nil {
		slice := func(elem reflect.Type) []driver.Param {
			return []driver.Param{{Name: "x", Slice: true, Elem: elem, Write: true}, {Name: "n", Elem: elem}}
		}
		m, err := d.build(driver.Program{Name: "divide", Source: divideSource, Kernels: []driver.KernelInfo{
			{Name: "divide32", Params: slice(reflect.TypeFor[float32]())}, {Name: "divide64", Params: slice(reflect.TypeFor[float64]())}}})
		if err != nil {
			return nil, err
		}
		d.scale = m
	}
	k, by := d.scale.kernels["divide32"], any(float32(n))
	if double {
		k, by = d.scale.kernels["divide64"], float64(n)
	}
	const threads = 256
	s := driver.Shape{Grid: driver.Dim{X: (count + threads - 1) / threads}.Full(), Block: driver.Dim{X: threads}.Full()}
	return q.launcher(k, s, []driver.Arg{{Buffer: x, Len: count}, {Scalar: by}})
}
