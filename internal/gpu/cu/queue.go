//go:build cuda && cgo

package cu

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	nv "gorgonia.org/cu"

	"cookbook/internal/gpu/cuda"
	"cookbook/internal/gpu/driver"
)

// queue is a stream of CUDA.
type queue struct {
	device    *device
	stream    nv.Stream
	libraries cuda.SharedQueue
	order     sync.Mutex // held while a command and the events around it are queued

	mu     sync.Mutex
	open   []*event // not freed, the oldest first
	failed error    // the first error that Sync has not returned
}

func (d *device) NewQueue() (driver.Queue, error) {
	q := &queue{device: d}
	err := d.do("queue", func() (err error) {
		q.stream, err = nv.MakeStream(nv.NonBlocking)
		return err
	})
	if err != nil {
		return nil, err
	}
	q.libraries = d.shared.Queue(uintptr(unsafe.Pointer(q.stream.C())))
	return q, nil
}

// run queues what f queues, with the context current. If wait is set it returns once that has ended.
func (q *queue) run(what string, wait bool, f func() error) (driver.Event, error) {
	e := &event{queue: q, what: what}
	err := q.device.do(what, func() error {
		err := q.enqueue(e, f)
		if err == nil && wait {
			err = q.stream.Synchronize()
		}
		return err
	})
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
	base, at, host, err := q.device.shared.Clock()
	if err != nil {
		return err
	}
	e.base, e.at, e.queued = *(*nv.Event)(unsafe.Pointer(&base)), at, at+time.Since(host)
	if e.begin, err = nv.MakeEvent(nv.DefaultEvent); err != nil {
		return err
	}
	if e.end, err = nv.MakeEvent(nv.DefaultEvent); err != nil {
		return err
	}
	if err := e.begin.Record(q.stream); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return e.end.Record(q.stream)
}

// Launch queues a kernel. It does not look at the context: CUDA cannot stop a kernel.
func (q *queue) Launch(_ context.Context, kern driver.Kernel, s driver.Shape, args []driver.Arg) (driver.Event, error) {
	k, d := kern.(*kernel), q.device
	values, err := d.shared.Arguments(k.info, k.maxThreads, k.shared, s, d.lend(args))
	if err != nil {
		return nil, err
	}
	pointers := make([]unsafe.Pointer, len(values))
	for i := range values {
		pointers[i] = unsafe.Pointer(&values[i]) // of which nv.Function.Launch reads 8 bytes, whatever the parameter's size
	}
	return q.run("kernel "+k.info.Name, false, func() error {
		err := k.nv.Launch(s.Grid.X, s.Grid.Y, s.Grid.Z, s.Block.X, s.Block.Y, s.Block.Z, s.Shared, q.stream, pointers)
		if err == error(nv.InvalidValue) {
			return d.failure(err, driver.ErrShape, fmt.Sprintf("kernel %s with %v blocks of %v threads", k.info.Name, s.Grid, s.Block))
		}
		return err
	})
}

// lend returns the arguments with buffers of package cuda in place of ours.
func (d *device) lend(args []driver.Arg) []driver.Arg {
	args = slices.Clone(args)
	for i := range args {
		if b, ok := args[i].Buffer.(*buffer); ok {
			args[i].Buffer = d.memory(b)
		}
	}
	return args
}

// Sync waits for all commands.
func (q *queue) Sync() error {
	q.mu.Lock()
	open := slices.Clone(q.open)
	q.mu.Unlock()
	err := q.device.do("waiting", q.stream.Synchronize)
	for _, e := range open {
		e.finish(err == nil)
	}
	lent := q.libraries.Sync()
	q.mu.Lock()
	defer q.mu.Unlock()
	first := q.failed
	q.failed = nil
	for _, e := range []error{lent, err} {
		if first == nil {
			first = e
		}
	}
	return first
}

// Close gives the stream back, once its commands have ended.
func (q *queue) Close() error {
	err := q.libraries.Close()
	if e := q.device.do("closing a queue", q.stream.Destroy); err == nil {
		err = e
	}
	return err
}
