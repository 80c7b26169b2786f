package cuda

import (
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// device is an open device: its primary context, and a stream of its own for clearing buffers and keeping time.
type device struct {
	*api
	candidate *candidate
	info      driver.Info
	compiler  *nvrtc
	arch      string // for which the compiler compiles
	context   uintptr
	stream    uintptr
	clock     clock

	mu    sync.Mutex
	scale *module // divides what cuFFT leaves undivided; nil: not built yet
}

// open opens a device.
func open(a *api, c *candidate, n *nvrtc, arch string) (driver.Device, error) {
	d := &device{api: a, candidate: c, info: c.info, compiler: n, arch: arch}
	if rc := d.call(d.retain, uintptr(unsafe.Pointer(&d.context)), uintptr(c.handle)); rc != success {
		return nil, d.failureAs(driver.ErrNoDevice, rc, "context")
	}
	rc := d.use(d.context, func() code {
		rc := d.call(d.newStream, uintptr(unsafe.Pointer(&d.stream)), streamNonBlocking)
		if rc == success {
			rc = d.clock.renew(d)
		}
		return rc
	})
	if rc != success {
		err := d.failureAs(driver.ErrNoDevice, rc, "stream")
		d.Close()
		return nil, err
	}
	return d, nil
}

// streamNonBlocking is the flag of a stream that does not wait for the default stream.
const streamNonBlocking = 1

func (d *device) Info() driver.Info { return d.info }

// do calls a function with the device's context.
//
//go:uintptrescapes
func (d *device) do(f dl.Func, args ...uintptr) code {
	return d.use(d.context, func() code { return d.call(f, args...) })
}

// Close gives the context back.
func (d *device) Close() error {
	if d.scale != nil {
		d.scale.Close()
	}
	d.use(d.context, func() code {
		d.clock.end(d)
		if d.stream != 0 {
			d.call(d.destroyStream, d.stream)
		}
		return success
	})
	return d.failure(d.call(d.release, uintptr(d.candidate.handle)), "closing")
}

// buffer is memory of a device.
type buffer struct {
	device *device
	at     uintptr // an address of the device
}

// Alloc takes memory and clears it. It waits for that.
func (d *device) Alloc(bytes int) (driver.Buffer, error) {
	b := &buffer{device: d}
	rc := d.use(d.context, func() code {
		rc := d.call(d.alloc, uintptr(unsafe.Pointer(&b.at)), uintptr(bytes))
		if rc != success {
			return rc
		}
		rc = d.call(d.clear, b.at, 0, uintptr(bytes), d.stream)
		if rc == success {
			rc = d.call(d.syncStream, d.stream)
		}
		if rc != success {
			d.call(d.free, b.at)
		}
		return rc
	})
	if rc != success {
		return nil, d.failure(rc, "a buffer of %d bytes", bytes)
	}
	return b, nil
}

// Free gives the memory back.
func (b *buffer) Free() error {
	return b.device.failure(b.device.do(b.device.free, b.at), "freeing a buffer")
}
