package opencl

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// device is an open device: a context, and a queue of its own for clearing buffers.
type device struct {
	api
	candidate *candidate
	info      driver.Info
	context   uintptr
	clearing  uintptr // queue
	empty     uintptr // buffer that stands for slices without elements

	usesBLAS atomic.Bool // so CLBlast keeps something

	mu   sync.Mutex
	used int64 // bytes of buffers
}

// open opens the device.
func (c *candidate) open(info driver.Info) (*device, error) {
	d := &device{api: c.api, candidate: c, info: info}
	var rc code
	properties := [...]uintptr{contextPlatform, c.platform, 0}
	d.context = d.handle(d.createContext, uintptr(unsafe.Pointer(&properties)), 1, uintptr(unsafe.Pointer(&c.handle)), 0, 0, uintptr(unsafe.Pointer(&rc)))
	if rc != success {
		return nil, d.failureAs(driver.ErrNoDevice, rc, "context")
	}
	if d.clearing, rc = d.newQueue(0); rc != success {
		d.Close()
		return nil, d.failureAs(driver.ErrNoDevice, rc, "queue")
	}
	if d.empty, rc = d.newBuffer(64); rc != success {
		d.Close()
		return nil, d.failureAs(driver.ErrNoDevice, rc, "buffer")
	}
	return d, nil
}

// contextPlatform is the property of a context that names its platform.
const contextPlatform = 0x1084

func (d *device) Info() driver.Info { return d.info }

// Close gives the context back, and with it what is left in it.
func (d *device) Close() error {
	d.forget()
	if d.empty != 0 {
		d.call(d.releaseMemObject, d.empty)
	}
	if d.clearing != 0 {
		d.call(d.releaseQueue, d.clearing)
	}
	return d.failure(d.call(d.releaseContext, d.context), "closing")
}

// newQueue makes a queue of OpenCL, whose commands run in order.
func (d *device) newQueue(properties uintptr) (uintptr, code) {
	var rc code
	q := d.handle(d.createQueue, d.context, d.candidate.handle, properties, uintptr(unsafe.Pointer(&rc)))
	return q, rc
}

// newBuffer makes a buffer of OpenCL, with contents that are not known.
func (d *device) newBuffer(bytes int) (uintptr, code) {
	const readWrite, allocHost = 1, 1 << 4
	flags := uintptr(readWrite)
	if d.info.Kind == driver.CPU {
		flags |= allocHost // PoCL then takes the memory at once, and says if there is none; else it ends the process at the first use
	}
	var rc code
	b := d.handle(d.createBuffer, d.context, flags, uintptr(bytes), 0, uintptr(unsafe.Pointer(&rc)))
	return b, rc
}

// buffer is memory of a device.
type buffer struct {
	device *device
	handle uintptr
	bytes  int
}

// Alloc makes a buffer and clears it, which also makes sure that the memory is there: implementations on the processor take it from
// the system only when it is used. Since the system may then end the process for want of memory, buffers may not have more bytes
// altogether than the device says it has.
func (d *device) Alloc(bytes int) (driver.Buffer, error) {
	size := (bytes + 15) &^ 15 // of whole numbers to be cleared with
	if err := d.take(size); err != nil {
		return nil, err
	}
	b := &buffer{d, 0, size}
	var rc code
	if b.handle, rc = d.newBuffer(size); rc == success {
		var zero [16]byte
		rc = d.call(d.fillBuffer, d.clearing, b.handle, uintptr(unsafe.Pointer(&zero)), unsafe.Sizeof(zero), 0, uintptr(size), 0, 0, 0)
		if rc == success {
			rc = d.call(d.finish, d.clearing)
		}
		if rc != success {
			d.call(d.releaseMemObject, b.handle)
		}
	}
	if rc == success {
		return b, nil
	}
	d.give(size)
	if rc == outOfResources {
		return nil, d.failureAs(driver.ErrMemory, rc, "a buffer of %d bytes", bytes)
	}
	return nil, d.failure(rc, "a buffer of %d bytes", bytes)
}

// take counts bytes as used.
func (d *device) take(bytes int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if most := d.info.Memory; most > 0 && int64(bytes) > most-d.used {
		return fmt.Errorf("a buffer of %d bytes: %w: %d of the %d bytes of %s are in use", bytes, driver.ErrMemory, d.used, most, d.info.Name)
	}
	d.used += int64(bytes)
	return nil
}

// give counts them as free.
func (d *device) give(bytes int) {
	d.mu.Lock()
	d.used -= int64(bytes)
	d.mu.Unlock()
}

// Free gives the memory back.
func (b *buffer) Free() error {
	b.device.give(b.bytes)
	return b.device.failure(b.device.call(b.device.releaseMemObject, b.handle), "freeing a buffer")
}
