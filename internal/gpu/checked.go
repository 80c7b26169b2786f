package gpu

import (
	"cmp"
	"context"
	"errors"
	"unsafe"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// start gives a launch to the driver; that of a checked kernel with memory of its own for what the kernel reports.
func (k *Kernel) start(ctx context.Context, q *Queue, s Shape, args []driver.Arg) (driver.Event, error) {
	if k.checks == nil {
		return q.driver.Launch(ctx, k.driver, s, args)
	}
	words, err := k.device.alloc(8 * jit.FaultWords)
	if err != nil {
		return nil, err
	}
	e, err := q.driver.Launch(ctx, k.driver, s, append(args, driver.Arg{Buffer: words, Len: jit.FaultWords}))
	if err != nil {
		return nil, errors.Join(err, words.Free())
	}
	return checkedEvent{e, k, q, words}, nil
}

// checkedEvent is the launch of a checked kernel.
type checkedEvent struct {
	driver.Event
	kernel *Kernel
	queue  *Queue
	words  driver.Buffer
}

// Wait waits until the kernel has ended, and reads what it reported. It is called once.
func (e checkedEvent) Wait() error {
	var words [jit.FaultWords]int64
	err := e.Event.Wait()
	if err == nil {
		var read driver.Event
		if read, err = e.queue.driver.Read(e.words, 0, unsafe.Slice((*byte)(unsafe.Pointer(&words)), unsafe.Sizeof(words))); err == nil {
			err = read.Wait()
			read.Free()
		}
	}
	if other := e.words.Free(); err == nil {
		err = other
	}
	if err != nil {
		return err
	}
	err = e.kernel.checks.Fault(e.kernel.info.Name, words[:])
	e.queue.mu.Lock()
	e.queue.fault = cmp.Or(e.queue.fault, err)
	e.queue.mu.Unlock()
	return err
}
