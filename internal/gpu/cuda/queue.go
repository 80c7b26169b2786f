package cuda

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// queue is a stream of CUDA.
type queue struct {
	device    *device
	stream    uintptr
	order     sync.Mutex // held while a command and the events around it are queued, and while handles of libraries are used
	libraries libraries

	mu     sync.Mutex
	open   []*event // not freed, the oldest first
	failed error    // the first error that Sync has not returned
}

func (d *device) NewQueue() (driver.Queue, error) {
	q := &queue{device: d}
	if rc := d.do(d.newStream, uintptr(unsafe.Pointer(&q.stream)), streamNonBlocking); rc != success {
		return nil, d.failure(rc, "queue")
	}
	return q, nil
}

// run queues what f queues, with the context current. If wait is set it returns once that has ended.
func (q *queue) run(what string, wait bool, f func() error) (driver.Event, error) {
	d, e := q.device, &event{queue: q, what: what}
	var err error
	rc := d.use(d.context, func() code {
		if err = q.enqueue(e, f); err != nil || !wait {
			return success
		}
		return d.call(d.syncStream, q.stream)
	})
	if err == nil {
		err = d.failure(rc, "%s", what)
	}
	if err != nil {
		e.Free()
		return nil, err
	}
	q.mu.Lock()
	q.open = append(q.open, e)
	q.mu.Unlock()
	return e, nil
}

// enqueue puts a command into the stream, between the two events.
func (q *queue) enqueue(e *event, f func() error) error {
	q.order.Lock()
	defer q.order.Unlock()
	d := q.device
	e.base = d.clock.current(d)
	e.queued = e.base.at + time.Since(e.base.host)
	for _, at := range []*uintptr{&e.begin, &e.end} {
		if rc := d.call(d.newEvent, uintptr(unsafe.Pointer(at)), 0); rc != success {
			return d.failure(rc, "%s", e.what)
		}
	}
	if rc := d.call(d.recordEvent, e.begin, q.stream); rc != success {
		return d.failure(rc, "%s", e.what)
	}
	if err := f(); err != nil {
		return err
	}
	return d.failure(d.call(d.recordEvent, e.end, q.stream), "%s", e.what)
}

// prepare runs f, which makes handles of libraries, with the context current, before the command itself: what that takes is not the
// command's time.
func (q *queue) prepare(what string, f func() error) error {
	q.order.Lock()
	defer q.order.Unlock()
	var err error
	rc := q.device.use(q.device.context, func() code {
		err = f()
		return success
	})
	if err == nil {
		err = q.device.failure(rc, "%s", what)
	}
	return err
}

func (q *queue) Write(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	d := q.device
	defer runtime.KeepAlive(p)
	return q.run("write", true, func() error {
		return d.failure(d.call(d.copyIn, b.(*buffer).at+uintptr(offset), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), q.stream), "write")
	})
}

func (q *queue) Read(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	d := q.device
	defer runtime.KeepAlive(p)
	return q.run("read", true, func() error {
		return d.failure(d.call(d.copyOut, uintptr(unsafe.Pointer(unsafe.SliceData(p))), b.(*buffer).at+uintptr(offset), uintptr(len(p)), q.stream), "read")
	})
}

func (q *queue) Copy(to driver.Buffer, toOffset int, from driver.Buffer, fromOffset, bytes int) (driver.Event, error) {
	d := q.device
	return q.run("copy", false, func() error {
		return d.failure(d.call(d.copyInside, to.(*buffer).at+uintptr(toOffset), from.(*buffer).at+uintptr(fromOffset), uintptr(bytes), q.stream), "copy")
	})
}

// Launch queues a kernel. It does not look at the context: CUDA cannot stop a kernel.
func (q *queue) Launch(_ context.Context, kern driver.Kernel, s driver.Shape, args []driver.Arg) (driver.Event, error) {
	launch, err := q.launcher(kern.(*kernel), s, args)
	if err != nil {
		return nil, err
	}
	return q.run(kern.Info().Name, false, launch)
}

// launcher returns the function that queues a kernel, with the context current.
func (q *queue) launcher(k *kernel, s driver.Shape, args []driver.Arg) (func() error, error) {
	d := q.device
	if err := k.fits(d, s); err != nil {
		return nil, err
	}
	values := k.values(s, args)
	pointers := make([]unsafe.Pointer, len(values)+1) // one more, so that there is a first
	for i := range values {
		pointers[i] = unsafe.Pointer(&values[i])
	}
	size := func(n int) uintptr { return uintptr(n) }
	return func() error {
		rc := d.call(d.launch, k.handle, size(s.Grid.X), size(s.Grid.Y), size(s.Grid.Z), size(s.Block.X), size(s.Block.Y), size(s.Block.Z),
			size(s.Shared), q.stream, uintptr(unsafe.Pointer(&pointers[0])), 0)
		if rc == invalidValue {
			return d.failureAs(driver.ErrShape, rc, "kernel %s with %v blocks of %v threads", k.info.Name, s.Grid, s.Block)
		}
		return d.failure(rc, "kernel %s", k.info.Name)
	}, nil
}

// fits refuses a launch that this kernel cannot have although the device could.
func (k *kernel) fits(d *device, s driver.Shape) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("kernel %s on %s: %w: %s", k.info.Name, d.info.Name, driver.ErrShape, fmt.Sprintf(format, args...))
	}
	if n := s.Shared + k.shared; d.info.SharedMemory > 0 && n > d.info.SharedMemory {
		return wrong("%d bytes of shared memory: the device has %d for a block", n, d.info.SharedMemory)
	}
	if n := s.Block.Count(); n > k.maxThreads {
		return wrong("a block of %v is %d threads: the device takes %d for this kernel", s.Block, n, k.maxThreads)
	}
	for _, n := range []int{s.Grid.X, s.Grid.Y, s.Grid.Z} {
		if n > math.MaxInt32 {
			return wrong("%d blocks in one dimension", n)
		}
	}
	return nil
}

// values returns the arguments as the kernel takes them, each at the beginning of its own 8 bytes: a slice is an address and a length.
func (k *kernel) values(s driver.Shape, args []driver.Arg) []uint64 {
	var values []uint64
	for i, p := range k.info.Params {
		switch {
		case !p.Slice:
			values = append(values, bits(args[i].Scalar))
		case args[i].Len == 0:
			values = append(values, 0, 0) // nobody looks behind the address
		default:
			values = append(values, uint64(args[i].Buffer.(*buffer).at)+uint64(args[i].Offset), uint64(args[i].Len))
		}
	}
	if k.info.Dynamic != nil {
		values = append(values, uint64(s.Shared)/uint64(k.info.Dynamic.Size()))
	}
	return values
}

// bits returns a scalar in the low bytes of 8, which are the first: machines with such devices are little-endian.
func bits(scalar any) uint64 {
	switch v := reflect.ValueOf(scalar); {
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case v.Kind() == reflect.Float32:
		return uint64(math.Float32bits(float32(v.Float())))
	case v.CanFloat():
		return math.Float64bits(v.Float())
	case v.CanInt():
		return uint64(v.Int())
	default:
		return v.Uint()
	}
}

// Sync waits for all commands.
func (q *queue) Sync() error {
	d := q.device
	q.mu.Lock()
	open := append([]*event(nil), q.open...)
	q.mu.Unlock()
	rc := d.do(d.syncStream, q.stream)
	for _, e := range open {
		e.finish(rc == success)
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

// Close gives the stream back, once its commands have ended.
func (q *queue) Close() error {
	d := q.device
	return d.failure(d.use(d.context, func() code {
		q.libraries.close()
		return d.call(d.destroyStream, q.stream)
	}), "closing a queue")
}
