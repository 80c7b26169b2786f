package gpu

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"cookbook/internal/gpu/driver"
)

// Device is an open device: it hands out buffers, builds kernels and runs them in queues. Many goroutines may use it at once.
type Device struct {
	driver driver.Device
	info   Info
	life   life
	queue  *Queue // for those who do not make one of their own
	waits  life   // of goroutines that wait for commands

	mu      sync.Mutex
	queues  map[*Queue]struct{}
	made    int // queues, ever
	buffers map[freer]struct{}
	unused  []interface{ Free() error } // those of arrays that nobody can reach any more; the next Alloc frees them
	modules []driver.Module

	cacheMu sync.Mutex
	cache   map[string]any // kernels of arrays, by what they compute
}

// freer is a buffer of any type.
type freer interface{ free() error }

func newDevice(d driver.Device) (*Device, error) {
	device := &Device{driver: d, info: d.Info(), queues: map[*Queue]struct{}{}, buffers: map[freer]struct{}{}, cache: map[string]any{}}
	device.life.what = "device " + device.info.Name
	queue, err := device.NewQueue()
	if err != nil {
		return nil, err
	}
	device.queue = queue
	return device, nil
}

// Info returns what is known of the device.
func (d *Device) Info() Info { return d.info }

// String returns the device's name and, in brackets, how --device names it.
func (d *Device) String() string { return fmt.Sprintf("%s (%s)", d.info.Name, d.info.Spec()) }

// Queue returns the queue that launches and copies use when they name no other.
func (d *Device) Queue() *Queue { return d.queue }

// Sync is [Queue.Sync] for all queues of the device. It returns all their errors.
func (d *Device) Sync(ctx context.Context) error {
	done, err := d.life.use()
	if err != nil {
		return err
	}
	defer done()
	var errs []error
	for _, q := range d.allQueues() {
		if err := q.Sync(ctx); !errors.Is(err, ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (d *Device) allQueues() []*Queue {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]*Queue, 0, len(d.queues))
	for q := range d.queues {
		all = append(all, q)
	}
	return all
}

// leave keeps a buffer of which the garbage collector has found that nobody uses it. Freeing it may have to wait for the device, and
// the collector's goroutine must not.
func (d *Device) leave(b interface{ Free() error }) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unused = append(d.unused, b)
}

// freeUnused frees what was left, and returns how many buffers that was.
func (d *Device) freeUnused() int {
	d.mu.Lock()
	unused := d.unused
	d.unused = nil
	d.mu.Unlock()
	for _, b := range unused {
		b.Free()
	}
	return len(unused)
}

// alloc allocates memory. The garbage collector does not see how full the memory of a device is: if it is full, it is made to collect.
func (d *Device) alloc(bytes int) (driver.Buffer, error) {
	m, err := d.driver.Alloc(bytes)
	for tries := 0; errors.Is(err, ErrMemory) && tries < 3; tries++ {
		runtime.GC()
		time.Sleep(time.Millisecond) // until the collector's goroutine has named the buffers
		if d.freeUnused() > 0 {
			m, err = d.driver.Alloc(bytes)
		}
	}
	return m, err
}

// Close waits for what runs on the device, and frees all that was made on it: queues, buffers, kernels. Using them afterwards is
// [ErrClosed]; events can still be asked how their commands ended. It returns the errors of commands that Sync has not returned. A
// second Close does nothing.
func (d *Device) Close() error {
	if !d.life.close() {
		return nil
	}
	var errs []error
	for _, q := range d.allQueues() {
		errs = append(errs, q.close())
	}
	d.waits.close()
	d.mu.Lock()
	buffers, modules := d.buffers, d.modules
	d.buffers, d.modules = nil, nil
	d.mu.Unlock()
	for b := range buffers {
		errs = append(errs, b.free())
	}
	for _, m := range modules {
		errs = append(errs, m.Close())
	}
	return errors.Join(append(errs, d.driver.Close())...)
}

// wait runs a function that waits for the device, and returns earlier with the context's cause if that ends.
func (d *Device) wait(ctx context.Context, f func() error) error {
	if ctx.Done() == nil {
		return f()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	done, err := d.waits.use()
	if err != nil {
		return f() // the queues are closed, so there is nothing to wait for
	}
	ended := make(chan error, 1)
	go func() {
		defer done()
		ended <- f()
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
