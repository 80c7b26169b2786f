//go:build cuda && cgo

package cu

import (
	"fmt"
	"runtime"
	"unsafe"

	nv "gorgonia.org/cu"

	"cookbook/internal/gpu/driver"
)

// buffer is memory of a device.
type buffer struct {
	device *device
	at     nv.DevicePtr
}

// Alloc takes memory and clears it. It waits for that.
func (d *device) Alloc(bytes int) (driver.Buffer, error) {
	b := &buffer{device: d}
	err := d.do(fmt.Sprintf("a buffer of %d bytes", bytes), func() (err error) {
		if b.at, err = nv.MemAlloc(int64(bytes)); err != nil {
			return err
		}
		err = nv.MemsetD8Async(b.at, 0, int64(bytes), d.stream)
		if err == nil {
			err = d.stream.Synchronize()
		}
		if err != nil {
			nv.MemFree(b.at)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Free gives the memory back.
func (b *buffer) Free() error {
	return b.device.do("freeing a buffer", func() error { return nv.MemFree(b.at) })
}

func (q *queue) Write(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	defer pin(p)()
	return q.run("write", true, func() error {
		return nv.MemcpyHtoDAsync(b.(*buffer).at+nv.DevicePtr(offset), unsafe.Pointer(unsafe.SliceData(p)), int64(len(p)), q.stream)
	})
}

func (q *queue) Read(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	defer pin(p)()
	return q.run("read", true, func() error {
		return nv.MemcpyDtoHAsync(unsafe.Pointer(unsafe.SliceData(p)), b.(*buffer).at+nv.DevicePtr(offset), int64(len(p)), q.stream)
	})
}

// pin keeps p where it is until the returned function is called: the driver uses it after the call that names it has returned.
func pin(p []byte) (unpin func()) {
	pinner := &runtime.Pinner{}
	pinner.Pin(unsafe.SliceData(p))
	return pinner.Unpin
}

func (q *queue) Copy(to driver.Buffer, toOffset int, from driver.Buffer, fromOffset, bytes int) (driver.Event, error) {
	return q.run("copy", false, func() error {
		return nv.MemcpyDtoDAsync(to.(*buffer).at+nv.DevicePtr(toOffset), from.(*buffer).at+nv.DevicePtr(fromOffset), int64(bytes), q.stream)
	})
}
