package cpu

import (
	"fmt"
	"reflect"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// buffer is a device's memory, which here is Go's. It is made of words, so that numbers of all sizes lie as they must.
type buffer struct {
	device *device
	bytes  int64
	words  []uint64
}

// Alloc does not give out more than the machine has: the system would end the process when the memory is used.
func (d *device) Alloc(bytes int) (b driver.Buffer, err error) {
	size := int64(bytes)
	if used, most := d.used.Add(size), d.info.Memory; most > 0 && used > most {
		d.used.Add(-size)
		return nil, fmt.Errorf("a buffer of %d bytes: %w: %d of the %d bytes of %s are in use", bytes, driver.ErrMemory, used-size, most, d.info.Name)
	}
	return &buffer{d, size, make([]uint64, (bytes-1)/8+1)}, nil
}

// Free leaves the memory to the garbage collector.
func (b *buffer) Free() error {
	b.device.used.Add(-b.bytes)
	b.words = nil
	return nil
}

// part returns n bytes from offset on.
func (b *buffer) part(offset, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b.words)), offset)), n)
}

// value returns an argument as the kernel takes it.
func value(p driver.Param, a driver.Arg) reflect.Value {
	switch {
	case !p.Slice:
		return reflect.ValueOf(a.Scalar)
	case a.Len == 0:
		return reflect.Zero(reflect.SliceOf(p.Elem))
	}
	at := a.Buffer.(*buffer).part(a.Offset, 1)
	return reflect.SliceAt(p.Elem, unsafe.Pointer(unsafe.SliceData(at)), a.Len)
}

// sliceOf returns n numbers that begin where at does.
func sliceOf[T any](at []byte, n int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(at))), n)
}
