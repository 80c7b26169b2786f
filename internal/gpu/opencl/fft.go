package opencl

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// clfft is the library clFFT. It is set up while there are plans, and torn down with the last one: else it keeps what it has
// compiled, and with that the device's context.
type clfft struct {
	mu      sync.Mutex // one call at a time
	library driver.Library
	version [3]uint32
	plans   int

	setup, teardown, create, destroy, bake, enqueue            dl.Func
	precision, layout, location, inStride, outStride, distance dl.Func
	batch                                                      dl.Func
}

// loadFFT loads clFFT, once.
var loadFFT = sync.OnceValues(func() (*clfft, *driver.NoLibrary) {
	lib, library, err := openLibrary("clFFT", "libclFFT.so.", "2", "libclfft2")
	if err != nil {
		return nil, err
	}
	f := &clfft{library: library}
	var version dl.Func
	for _, fn := range []struct {
		at   *dl.Func
		name string
	}{
		{&version, "clfftGetVersion"}, {&f.setup, "clfftSetup"}, {&f.teardown, "clfftTeardown"},
		{&f.create, "clfftCreateDefaultPlan"}, {&f.destroy, "clfftDestroyPlan"}, {&f.bake, "clfftBakePlan"}, {&f.enqueue, "clfftEnqueueTransform"},
		{&f.precision, "clfftSetPlanPrecision"}, {&f.layout, "clfftSetLayout"}, {&f.location, "clfftSetResultLocation"},
		{&f.inStride, "clfftSetPlanInStride"}, {&f.outStride, "clfftSetPlanOutStride"}, {&f.distance, "clfftSetPlanDistance"},
		{&f.batch, "clfftSetPlanBatchSize"},
	} {
		if *fn.at = lib.Func(fn.name); *fn.at == 0 {
			return nil, &driver.NoLibrary{Library: "clFFT", Advice: "the one that is installed lacks " + fn.name + "; apt install libclfft2"}
		}
	}
	v := &f.version
	version.Call(uintptr(unsafe.Pointer(&v[0])), uintptr(unsafe.Pointer(&v[1])), uintptr(unsafe.Pointer(&v[2])))
	f.library.Version = fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
	return f, nil
})

// plan is what a plan of clFFT is made for. A plan has memory of its own for what is between, so each queue has its plans.
type plan struct {
	double   bool
	n, batch int
}

// FFT transforms with clFFT. The first transform of a length takes some 30 ms, or seconds if PoCL has not yet compiled it.
func (q *queue) FFT(double, inverse bool, n, batch int, in, out driver.Buffer) (driver.Event, driver.Library, error) {
	d := q.device
	if double && !d.info.Float64 {
		return nil, driver.Library{}, fmt.Errorf("the Fourier transform of complex128 on %s: %w: it has no float64", d.info.Name, driver.ErrUnsupported)
	}
	f, none := loadFFT()
	if none != nil {
		return nil, driver.Library{}, &driver.NoLibrary{Library: none.Library, Device: d.info.Name, Advice: none.Advice}
	}
	if rest := withoutFactors(n); rest != 1 {
		return nil, f.library, fmt.Errorf("the Fourier transform of %d numbers on %s: %w: clFFT takes lengths whose prime factors are at most 13; %d is left",
			n, d.info.Name, driver.ErrUnsupported, rest)
	}
	if n == 1 {
		size := 8 * batch
		if double {
			size *= 2
		}
		e, err := q.Copy(out, 0, in, 0, size)
		return e, f.library, err
	}
	e := q.event("Fourier transform")
	from, to := in.(*buffer).handle, out.(*buffer).handle
	direction := int32(-1)
	if inverse {
		direction = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var rc code
	d.alone(func() {
		var handle uintptr
		if handle, rc = f.plan(q, plan{double, n, batch}); rc == success {
			rc = code(int32(f.enqueue.Call(handle, uintptr(direction), 1, uintptr(unsafe.Pointer(&q.handle)), 0, 0, uintptr(unsafe.Pointer(&e.handle)),
				uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&to)), 0)))
		}
	})
	if rc > 0 {
		e.Free()
		return nil, f.library, fmt.Errorf("the Fourier transform of %d × %d numbers on %s: %w: clFFT answers with code %d", batch, n, d.info.Name, driver.ErrUnsupported, rc)
	}
	event, err := q.begin(e, rc)
	return event, f.library, err
}

// withoutFactors divides n by the prime factors that clFFT knows, as often as it can.
func withoutFactors(n int) int {
	for _, p := range []int{2, 3, 5, 7, 11, 13} {
		for n%p == 0 {
			n /= p
		}
	}
	return n
}

// plan returns the queue's plan for a transform, and makes it the first time. All is said explicitly: the defaults are in place, and
// with distances that are wrong for several rows. Backwards, the factor is 1/n.
func (f *clfft) plan(q *queue, p plan) (uintptr, code) {
	if handle, ok := q.plans[p]; ok {
		return handle, success
	}
	if f.plans == 0 {
		data := struct {
			version [3]uint32
			flags   uint64
		}{version: f.version}
		if rc := code(int32(f.setup.Call(uintptr(unsafe.Pointer(&data))))); rc != success {
			return 0, rc
		}
	}
	const single, double, interleaved, outOfPlace = 1, 2, 1, 2
	precision := uintptr(single)
	if p.double {
		precision = double
	}
	handle, one, n := new(uintptr), new(uintptr), new(uintptr)
	*one, *n = 1, uintptr(p.n)
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(one)
	stride := uintptr(unsafe.Pointer(one))
	rc := code(int32(f.create.Call(uintptr(unsafe.Pointer(handle)), q.device.context, 1, uintptr(unsafe.Pointer(n)))))
	if rc == success {
		f.plans++
		for _, step := range []func() uintptr{
			func() uintptr { return f.precision.Call(*handle, precision) },
			func() uintptr { return f.layout.Call(*handle, interleaved, interleaved) },
			func() uintptr { return f.location.Call(*handle, outOfPlace) },
			func() uintptr { return f.inStride.Call(*handle, 1, stride) },
			func() uintptr { return f.outStride.Call(*handle, 1, stride) },
			func() uintptr { return f.distance.Call(*handle, uintptr(p.n), uintptr(p.n)) },
			func() uintptr { return f.batch.Call(*handle, uintptr(p.batch)) },
			func() uintptr { return f.bake.Call(*handle, 1, uintptr(unsafe.Pointer(&q.handle)), 0, 0) },
		} {
			if rc = code(int32(step())); rc != success {
				f.drop(*handle)
				return 0, rc
			}
		}
		if q.plans == nil {
			q.plans = map[plan]uintptr{}
		}
		q.plans[p] = *handle
	} else if f.plans == 0 {
		f.teardown.Call()
	}
	return *handle, rc
}

// drop gives a plan back, and with the last one all that clFFT keeps.
func (f *clfft) drop(handle uintptr) {
	f.destroy.Call(uintptr(unsafe.Pointer(&handle)))
	if f.plans--; f.plans == 0 {
		f.teardown.Call()
	}
}

// dropPlans gives the queue's plans back.
func (q *queue) dropPlans() {
	if q.plans == nil {
		return
	}
	f, _ := loadFFT()
	f.mu.Lock()
	defer f.mu.Unlock()
	q.device.alone(func() {
		for _, handle := range q.plans {
			f.drop(handle)
		}
	})
	q.plans = nil
}
