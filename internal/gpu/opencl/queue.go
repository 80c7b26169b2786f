package opencl

import (
	"context"
	"fmt"
	"math"
	"sync"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// queue is a queue of OpenCL, whose commands run in order.
type queue struct {
	device *device
	handle uintptr
	plans  map[plan]uintptr // of clFFT, whose lock guards them

	mu     sync.Mutex
	events map[*event]struct{} // not freed
	failed error               // the first error that Sync has not returned
}

func (d *device) NewQueue() (driver.Queue, error) {
	const profiling = 2
	handle, rc := d.newQueue(profiling)
	if rc != success {
		return nil, d.failure(rc, "queue")
	}
	return &queue{device: d, handle: handle, events: map[*event]struct{}{}}, nil
}

func (q *queue) Write(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	d, e := q.device, q.event("write")
	return e.queued(d.call(d.writeBuffer, q.handle, b.(*buffer).handle, 1, uintptr(offset), uintptr(len(p)), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		0, 0, uintptr(unsafe.Pointer(&e.handle))))
}

func (q *queue) Read(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	d, e := q.device, q.event("read")
	return e.queued(d.call(d.readBuffer, q.handle, b.(*buffer).handle, 1, uintptr(offset), uintptr(len(p)), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		0, 0, uintptr(unsafe.Pointer(&e.handle))))
}

func (q *queue) Copy(to driver.Buffer, toOffset int, from driver.Buffer, fromOffset, bytes int) (driver.Event, error) {
	d, e := q.device, q.event("copy")
	rc := d.call(d.copyBuffer, q.handle, from.(*buffer).handle, to.(*buffer).handle, uintptr(fromOffset), uintptr(toOffset), uintptr(bytes),
		0, 0, uintptr(unsafe.Pointer(&e.handle)))
	return q.begin(e, rc)
}

// begin asks the device to begin with what was queued.
func (q *queue) begin(e *event, rc code) (driver.Event, error) {
	if rc == success {
		rc = q.device.call(q.device.flush, q.handle)
	}
	return e.queued(rc)
}

// Launch queues a kernel. It does not look at the context: OpenCL cannot stop a kernel.
func (q *queue) Launch(_ context.Context, kern driver.Kernel, s driver.Shape, args []driver.Arg) (driver.Event, error) {
	d, k, e := q.device, kern.(*kernel), q.event(kern.Info().Name)
	if n := s.Shared + k.shared; d.info.SharedMemory > 0 && n > d.info.SharedMemory {
		return nil, fmt.Errorf("kernel %s on %s: %w: %d bytes of shared memory: the device has %d for a block",
			k.info.Name, d.info.Name, driver.ErrShape, n, d.info.SharedMemory)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := q.arguments(k, e, s, args); err != nil {
		e.Free()
		return nil, err
	}
	dims := uintptr(1)
	for i, n := range [3][2]int{{s.Grid.X, s.Block.X}, {s.Grid.Y, s.Block.Y}, {s.Grid.Z, s.Block.Z}} {
		if n[0] > math.MaxInt/n[1] {
			e.Free()
			return nil, fmt.Errorf("kernel %s on %s: %w: %d blocks of %d threads in one dimension", k.info.Name, d.info.Name, driver.ErrShape, n[0], n[1])
		}
		k.global[i], k.local[i] = uintptr(n[0]*n[1]), uintptr(n[1])
		if n[0]*n[1] > 1 {
			dims = uintptr(i + 1)
		}
	}
	rc := d.call(d.launch, q.handle, k.handle, dims, 0, uintptr(unsafe.Pointer(&k.global)), uintptr(unsafe.Pointer(&k.local)),
		0, 0, uintptr(unsafe.Pointer(&e.handle)))
	if rc == invalidGroupSize {
		e.Free()
		return nil, fmt.Errorf("kernel %s on %s: %w: a block of %v is %d threads: the device says that it takes %d for this kernel",
			k.info.Name, d.info.Name, driver.ErrShape, s.Block, s.Block.Count(), k.maxThreads)
	}
	return q.begin(e, rc)
}

// arguments sets the kernel's arguments: a slice is a buffer and a length. Sub-buffers that it makes are the event's.
func (q *queue) arguments(k *kernel, e *event, s driver.Shape, args []driver.Arg) error {
	d, at := q.device, uintptr(0)
	set := func(size uintptr, value unsafe.Pointer) code {
		rc := d.call(d.setKernelArg, k.handle, at, size, uintptr(value))
		at++
		return rc
	}
	for i, p := range k.info.Params {
		if !p.Slice {
			if rc := set(k.set(args[i].Scalar), unsafe.Pointer(&k.value)); rc != success {
				return d.failure(rc, "kernel %s, argument %s", k.info.Name, p.Name)
			}
			continue
		}
		memory, rc := q.slice(e, args[i], int(p.Elem.Size()))
		if rc == success {
			k.value = uint64(memory)
			if rc = set(unsafe.Sizeof(memory), unsafe.Pointer(&k.value)); rc == success {
				k.value = uint64(args[i].Len)
				rc = set(8, unsafe.Pointer(&k.value))
			}
		}
		if rc != success {
			return d.failure(rc, "kernel %s, argument %s", k.info.Name, p.Name)
		}
	}
	if k.info.Dynamic != nil {
		size := k.info.Dynamic.Size()
		rc := set(max(uintptr(s.Shared), size), nil)
		if rc == success {
			k.value = uint64(s.Shared) / uint64(size)
			rc = set(8, unsafe.Pointer(&k.value))
		}
		if rc != success {
			return d.failure(rc, "kernel %s, shared memory", k.info.Name)
		}
	}
	return nil
}

// slice returns the memory of a slice: the buffer, a part of it, or, for no elements, some buffer that nobody looks into.
func (q *queue) slice(e *event, a driver.Arg, elem int) (uintptr, code) {
	d := q.device
	if a.Len == 0 {
		return d.empty, success
	}
	memory := a.Buffer.(*buffer).handle
	if a.Offset == 0 {
		return memory, success
	}
	const readWrite, createRegion = 1, 0x1220
	var rc code
	region := [2]uintptr{uintptr(a.Offset), uintptr(a.Len * elem)}
	part := d.handle(d.createSubBuffer, memory, readWrite, createRegion, uintptr(unsafe.Pointer(&region)), uintptr(unsafe.Pointer(&rc)))
	if rc == success {
		e.parts = append(e.parts, part)
	}
	return part, rc
}

// Sync waits for all commands.
func (q *queue) Sync() error {
	d := q.device
	q.mu.Lock()
	open := make([]*event, 0, len(q.events))
	for e := range q.events {
		open = append(open, e)
	}
	q.mu.Unlock()
	rc := d.call(d.finish, q.handle)
	for _, e := range open {
		e.Wait() // on rusticl, clFinish does not wait for commands that clFlush has sent to the device
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	err := q.failed
	q.failed = nil
	if err == nil && rc != success {
		err = d.failureAs(driver.ErrLost, rc, "waiting")
	}
	return err
}

// Close gives the queue back, once its commands have ended.
func (q *queue) Close() error {
	q.dropPlans()
	return q.device.failure(q.device.call(q.device.releaseQueue, q.handle), "closing a queue")
}
