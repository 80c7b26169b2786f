package cpu

import (
	"fmt"
	"reflect"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// buffer is a device's memory, which here is Go's. It is made of words, so that numbers of all sizes lie as they must.
type buffer struct{ words []uint64 }

func (d *device) Alloc(bytes int) (b driver.Buffer, err error) {
	if memory := d.info.Memory; memory > 0 && int64(bytes) > memory {
		return nil, fmt.Errorf("%d bytes: %w: the machine has %d", bytes, driver.ErrMemory, memory)
	}
	return &buffer{make([]uint64, (bytes+7)/8)}, nil
}

// Free leaves the memory to the garbage collector.
func (b *buffer) Free() error {
	b.words = nil
	return nil
}

// bytes returns n bytes from offset on.
func (b *buffer) bytes(offset, n int) []byte {
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
	at := a.Buffer.(*buffer).bytes(a.Offset, 1)
	return reflect.SliceAt(p.Elem, unsafe.Pointer(unsafe.SliceData(at)), a.Len)
}

// sliceOf returns n numbers that begin where at does.
func sliceOf[T any](at []byte, n int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(at))), n)
}
