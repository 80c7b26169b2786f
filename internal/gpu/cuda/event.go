package cuda

import (
	"slices"
	"sync"
	"time"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// event is a command of a queue, between two events of CUDA.
type event struct {
	queue      *queue
	what       string // write, read, copy, or the name of a kernel
	begin, end uintptr
	base       *base
	queued     time.Duration

	once sync.Once
	err  error
}

// Wait waits until the command has ended.
func (e *event) Wait() error { return e.finish(false) }

// finish finds out how the command ended; it waits for that unless it is known to have gone well.
func (e *event) finish(well bool) error {
	e.once.Do(func() {
		d := e.queue.device
		if well {
			return
		}
		rc := d.do(d.syncEvent, e.end)
		if rc == success {
			return
		}
		// The driver does not say which command it was. Such a failure stays: all calls return it from now on.
		e.err = d.failureAs(driver.ErrLost, rc, "%s, or a command before it,", e.what)
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
	d := e.queue.device
	var before, took time.Duration
	rc := d.use(d.context, func() code {
		rc := d.between(e.base.event, e.begin, &before)
		if rc == success {
			rc = d.between(e.begin, e.end, &took)
		}
		return rc
	})
	if rc != success {
		return driver.Times{}, d.failure(rc, "times of %s", e.what)
	}
	start := e.base.at + before
	return driver.Times{Queued: min(e.queued, start), Start: start, End: start + took}, nil
}

// Free forgets the command.
func (e *event) Free() {
	q := e.queue
	q.mu.Lock()
	if i := slices.Index(q.open, e); i >= 0 {
		q.open = slices.Delete(q.open, i, i+1)
	}
	q.mu.Unlock()
	q.device.use(q.device.context, func() code {
		for _, event := range []uintptr{e.begin, e.end} {
			if event != 0 {
				q.device.call(q.device.destroyEvent, event)
			}
		}
		return success
	})
}

// between measures the time from one event to another. It has half a microsecond's precision if it is short: CUDA counts
// milliseconds in a float32.
func (d *device) between(from, to uintptr, took *time.Duration) code {
	var ms float32
	rc := d.call(d.elapsed, uintptr(unsafe.Pointer(&ms)), from, to)
	*took = time.Duration(float64(ms) * float64(time.Millisecond))
	return rc
}

// clock is the device's time: events from which others are measured. A new one is made when the last one is old, so that the time
// between is short.
type clock struct {
	mu    sync.Mutex
	bases []*base
}

// base is an event of a known time.
type base struct {
	event uintptr
	at    time.Duration // since the first one
	host  time.Time
}

// renewAfter is when a base is old: float32 then still tells microseconds apart.
const renewAfter = 8 * time.Second

// current returns a base that is not old. The context is current.
func (c *clock) current(d *device) *base {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.bases[len(c.bases)-1]
	if time.Since(last.host) > renewAfter && c.renewLocked(d) == success {
		last = c.bases[len(c.bases)-1]
	}
	return last
}

// renew makes a base. The context is current.
func (c *clock) renew(d *device) code {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.renewLocked(d)
}

func (c *clock) renewLocked(d *device) code {
	b := &base{}
	if rc := d.call(d.newEvent, uintptr(unsafe.Pointer(&b.event)), 0); rc != success {
		return rc
	}
	rc := d.call(d.recordEvent, b.event, d.stream)
	if rc == success {
		rc = d.call(d.syncEvent, b.event)
	}
	b.host = time.Now()
	if rc == success && len(c.bases) > 0 {
		last := c.bases[len(c.bases)-1]
		rc = d.between(last.event, b.event, &b.at)
		b.at += last.at
	}
	if rc != success {
		d.call(d.destroyEvent, b.event)
		return rc
	}
	c.bases = append(c.bases, b)
	return success
}

// end destroys the events. The context is current.
func (c *clock) end(d *device) {
	for _, b := range c.bases {
		d.call(d.destroyEvent, b.event)
	}
}
