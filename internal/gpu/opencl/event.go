package opencl

import (
	"sync"
	"time"
	"unsafe"

	"cookbook/internal/gpu/driver"
)

// What events are asked.
const (
	eventStatus = 0x11D3
	timeQueued  = 0x1280
	timeStart   = 0x1282
	timeEnd     = 0x1283
)

// event is a command of a queue.
type event struct {
	queue  *queue
	what   string // write, read, copy, or the name of a kernel
	handle uintptr
	parts  []uintptr // sub-buffers that are its arguments
	times  driver.Times
	status code

	once sync.Once
	err  error
}

// event begins a command.
func (q *queue) event(what string) *event {
	return &event{queue: q, what: what, times: driver.Times{Queued: since()}}
}

// since is the host's clock.
func since() time.Duration { return time.Since(start()) }

// start returns when the host's clock began.
var start = sync.OnceValue(time.Now)

// queued returns the event to the caller, if its command could be queued.
func (e *event) queued(rc code) (driver.Event, error) {
	if rc != success {
		e.Free()
		if rc == commandFailed || rc == outOfResources {
			return nil, e.queue.device.failureAs(driver.ErrLost, rc, "%s", e.what)
		}
		return nil, e.queue.device.failure(rc, "%s", e.what)
	}
	e.queue.mu.Lock()
	e.queue.events[e] = struct{}{}
	e.queue.mu.Unlock()
	return e, nil
}

// Wait waits until the command has ended, and finds out how.
func (e *event) Wait() error {
	e.once.Do(func() {
		d := e.queue.device
		rc := d.call(d.waitForEvents, 1, uintptr(unsafe.Pointer(&e.handle)))
		e.times.End = since()
		if rc == success || rc == commandFailed {
			rc = d.call(d.getEventInfo, e.handle, eventStatus, unsafe.Sizeof(e.status), uintptr(unsafe.Pointer(&e.status)), 0)
			if rc == success && e.status < 0 {
				rc = e.status
			}
		}
		if rc == success {
			return
		}
		kind := rc.kind()
		if rc == outOfResources || kind == driver.ErrArgument {
			kind = driver.ErrLost
		}
		e.err = d.failureAs(kind, rc, "%s", e.what)
		e.queue.mu.Lock()
		if e.queue.failed == nil {
			e.queue.failed = e.err
		}
		e.queue.mu.Unlock()
	})
	return e.err
}

// Times asks the device, or, where its clock stands still, says when the host queued the command and first saw it ended.
func (e *event) Times() (driver.Times, error) {
	d := e.queue.device
	if !d.info.Times {
		return driver.Times{Queued: e.times.Queued, Start: e.times.Queued, End: e.times.End}, nil
	}
	return e.deviceTimes()
}

// deviceTimes asks the device.
func (e *event) deviceTimes() (driver.Times, error) {
	d := e.queue.device
	var t [3]uint64
	for i, what := range []uintptr{timeQueued, timeStart, timeEnd} {
		if rc := d.call(d.getEventProfilingInfo, e.handle, what, 8, uintptr(unsafe.Pointer(&t[i])), 0); rc != success {
			return driver.Times{}, d.failureAs(driver.ErrUnsupported, rc, "times of %s", e.what)
		}
	}
	return driver.Times{Queued: time.Duration(t[0]), Start: time.Duration(t[1]), End: time.Duration(t[2])}, nil
}

// Free forgets the command.
func (e *event) Free() {
	d := e.queue.device
	e.queue.mu.Lock()
	delete(e.queue.events, e)
	e.queue.mu.Unlock()
	for _, part := range e.parts {
		d.call(d.releaseMemObject, part)
	}
	if e.handle != 0 {
		d.call(d.releaseEvents, e.handle)
	}
	e.parts, e.handle = nil, 0
}
