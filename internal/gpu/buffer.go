package gpu

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// Buffer is memory of a device for n numbers of type T.
//
// Where a command fails that writes to a buffer, or one on whose numbers that command depends, what the buffer holds is no result: reading
// it returns the error, until Write or CopyTo has written it as a whole, or a kernel or a library writes to it that was queued after
// somebody had been told of the failure.
type Buffer[T Number] struct {
	device *Device
	n      int
	memory driver.Buffer // nil for no numbers
	life   life
	wrote  writers
}

// Alloc makes a buffer of n numbers, all 0. A buffer of none is allowed. The error is [ErrMemory] if the device has not so much.
func Alloc[T Number](d *Device, n int) (*Buffer[T], error) {
	size := sizeOf[T]()
	if n < 0 || n > math.MaxInt/size {
		return nil, fmt.Errorf("a buffer of %d numbers: %w", n, ErrArgument)
	}
	if most := d.info.MaxAlloc; most > 0 && int64(n)*int64(size) > most {
		return nil, fmt.Errorf("a buffer of %d bytes: %w: %s allows %d", n*size, ErrMemory, d.info.Name, most)
	}
	d.freeUnused()
	done, err := d.life.use()
	if err != nil {
		return nil, err
	}
	defer done()
	b := &Buffer[T]{device: d, n: n, life: life{what: "buffer"}}
	if n == 0 {
		return b, nil
	}
	if b.memory, err = d.alloc(n * size); err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.buffers[b] = struct{}{}
	d.mu.Unlock()
	return b, nil
}

// Upload makes a buffer with a copy of s.
func Upload[T Number](d *Device, s []T) (*Buffer[T], error) {
	b, err := Alloc[T](d, len(s))
	if err != nil {
		return nil, err
	}
	if _, err := b.Write(d.queue, 0, s); err != nil {
		b.Free()
		return nil, err
	}
	return b, nil
}

// Len returns how many numbers the buffer has.
func (b *Buffer[T]) Len() int { return b.n }

// Device returns where the buffer is.
func (b *Buffer[T]) Device() *Device { return b.device }

// Download returns a copy of all numbers, after what has been queued in the device's own queue.
func (b *Buffer[T]) Download() ([]T, error) {
	s := make([]T, b.n)
	if _, err := b.Read(b.device.queue, 0, s); err != nil {
		return nil, err
	}
	return s, nil
}

// Write copies s into the buffer from number at on. It waits until what was queued before, and the copy, have ended.
func (b *Buffer[T]) Write(q *Queue, at int, s []T) (*Event, error) {
	e, err := b.copy(q, "write", at, s, driver.Queue.Write)
	if err == nil && len(s) == b.n {
		b.wrote.forget()
	}
	return e, err
}

// Read copies the numbers from number at on into s. It waits until what was queued before, and the copy, have ended. The error is also
// that of a command that was to compute the numbers.
func (b *Buffer[T]) Read(q *Queue, at int, s []T) (*Event, error) {
	e, err := b.copy(q, "read", at, s, driver.Queue.Read)
	if err == nil && len(s) > 0 {
		err = b.wrote.failure(q)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (b *Buffer[T]) copy(q *Queue, what string, at int, s []T, run func(driver.Queue, driver.Buffer, int, []byte) (driver.Event, error)) (*Event, error) {
	done, err := b.use(q)
	if err != nil {
		return nil, err
	}
	defer done()
	switch {
	case at < 0 || at > b.n || len(s) > b.n-at:
		return nil, fmt.Errorf("copy of %d numbers at %d: %w: the buffer has %d", len(s), at, ErrArgument, b.n)
	case len(s) == 0:
		return q.add("", nothing{}), nil
	}
	size := sizeOf[T]()
	waited := q.trace.wait(context.Background())
	e, err := run(q.driver, b.memory, at*size, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*size))
	waited()
	if err != nil {
		return nil, err
	}
	return q.add(what, e), nil
}

// CopyTo queues a copy of n numbers from number at on to number toAt of another buffer of the same device, without the host.
func (b *Buffer[T]) CopyTo(q *Queue, to *Buffer[T], toAt, at, n int) (*Event, error) {
	done, err := b.use(q)
	if err != nil {
		return nil, err
	}
	defer done()
	toDone, err := to.use(q)
	if err != nil {
		return nil, err
	}
	defer toDone()
	switch {
	case n < 0 || at < 0 || toAt < 0 || n > b.n-at || n > to.n-toAt:
		return nil, fmt.Errorf("copy of %d numbers from %d of %d to %d of %d: %w", n, at, b.n, toAt, to.n, ErrArgument)
	case b == to && at < toAt+n && toAt < at+n:
		return nil, fmt.Errorf("copy of %d numbers from %d to %d in one buffer: %w: they overlap", n, at, toAt, ErrArgument)
	case n == 0:
		return q.add("", nothing{}), nil
	}
	size := sizeOf[T]()
	e, err := q.driver.Copy(to.memory, toAt*size, b.memory, at*size, n*size)
	if err != nil {
		return nil, err
	}
	reads := []*writers{&b.wrote}
	if n == to.n {
		to.wrote.forget()
	} else { // the rest stays as it is
		reads = append(reads, &to.wrote)
	}
	return q.command("copy", e, reads, []*writers{&to.wrote}), nil
}

// use says that the buffer, its device and a queue are used until the function that it returns is called.
func (b *Buffer[T]) use(q *Queue) (done func(), err error) {
	switch {
	case b == nil:
		return nil, fmt.Errorf("nil is no buffer: %w", ErrArgument)
	case q == nil:
		return nil, fmt.Errorf("nil is no queue: %w", ErrArgument)
	case q.device != b.device:
		return nil, fmt.Errorf("buffer of %s in a queue of %s: %w", b.device.info.Name, q.device.info.Name, ErrArgument)
	}
	queueDone, err := q.life.use()
	if err != nil {
		return nil, err
	}
	bufferDone, err := b.life.use()
	if err != nil {
		queueDone()
		return nil, err
	}
	return func() { bufferDone(); queueDone() }, nil
}

// Free waits for what is queued on the device and gives the memory back. A second Free does nothing.
func (b *Buffer[T]) Free() error {
	done, err := b.device.life.use()
	if err != nil {
		return nil // the device has freed it
	}
	defer done()
	if !b.life.close() {
		return nil
	}
	for _, q := range b.device.allQueues() { // nothing new can be queued for the buffer
		if done, err := q.life.use(); err == nil {
			q.settle(0)
			done()
		}
	}
	b.device.mu.Lock()
	delete(b.device.buffers, b)
	b.device.mu.Unlock()
	return b.release()
}

// free ends the buffer's life with its device, whose queues are closed.
func (b *Buffer[T]) free() error {
	if !b.life.close() {
		return nil
	}
	return b.release()
}

func (b *Buffer[T]) release() error {
	if b.memory == nil {
		return nil
	}
	return b.memory.Free()
}

// written returns the commands that write to the buffer.
func (b *Buffer[T]) written() *writers { return &b.wrote }

// argument returns the buffer as an argument of a kernel.
func (b *Buffer[T]) argument(q *Queue) (arg driver.Arg, elem reflect.Type, done func(), err error) {
	if done, err = b.use(q); err != nil {
		return arg, nil, nil, err
	}
	return driver.Arg{Buffer: b.memory, Len: b.n}, elemType[T](), done, nil
}

func sizeOf[T Number]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// elemType returns T as a driver takes it.
func elemType[T Number]() reflect.Type { return reflect.TypeFor[T]() }

// nothing is a command that has nothing to do.
type nothing struct{}

func (nothing) Wait() error                  { return nil }
func (nothing) Times() (driver.Times, error) { return driver.Times{}, nil }
func (nothing) Free()                        {}
