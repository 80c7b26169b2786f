//go:build cuda && cgo

package cu

import (
	"slices"
	"sync"
	"time"

	nv "gorgonia.org/cu"

	"cookbook/internal/gpu/driver"
)

// event is a command of a queue, between two events of CUDA.
type event struct {
	queue      *queue
	what       string // write, read, copy, or the name of a kernel
	begin, end nv.Event
	base       nv.Event      // of package cuda's clock
	at, queued time.Duration // on that clock: of base, and when the command was queued

	once sync.Once
	err  error
}

// Wait waits until the command has ended.
func (e *event) Wait() error { return e.finish(false) }

// finish finds out how the command ended; it waits for that unless it is known to have gone well.
func (e *event) finish(well bool) error {
	e.once.Do(func() {
		if well {
			return
		}
		// The driver does not say which command it was. Such a failure stays: all calls return it from now on.
		d, what := e.queue.device, e.what+", or a command before it,"
		e.err = d.do(what, func() error { return d.failure(e.end.Synchronize(), driver.ErrLost, what) })
		e.queue.mu.Lock()
		if e.queue.failed == nil {
			e.queue.failed = e.err
		}
		e.queue.mu.Unlock()
	})
	return e.err
}

// Times asks the device. Queued is of the host's clock, laid on the device's.
func (e *event) Times() (driver.Times, error) {
	var before, took float64 // milliseconds
	err := e.queue.device.do("times of "+e.what, func() (err error) {
		if before, err = e.base.Elapsed(e.begin); err == nil {
			took, err = e.begin.Elapsed(e.end)
		}
		return err
	})
	if err != nil {
		return driver.Times{}, err
	}
	start := e.at + time.Duration(before*float64(time.Millisecond))
	return driver.Times{Queued: min(e.queued, start), Start: start, End: start + time.Duration(took*float64(time.Millisecond))}, nil
}

// Free forgets the command.
func (e *event) Free() {
	q := e.queue
	q.mu.Lock()
	if i := slices.Index(q.open, e); i >= 0 {
		q.open = slices.Delete(q.open, i, i+1)
	}
	q.mu.Unlock()
	q.device.do("freeing "+e.what, func() error {
		for _, event := range []*nv.Event{&e.begin, &e.end} {
			if *event != (nv.Event{}) {
				nv.DestroyEvent(event)
			}
		}
		return nil
	})
}
