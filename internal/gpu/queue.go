package gpu

import (
	"context"
	"sync"
	"sync/atomic"

	"cookbook/internal/gpu/driver"
)

// Queue runs commands in their order; two queues of a device may run theirs at the same time.
type Queue struct {
	device *Device
	driver driver.Queue
	life   life

	mu     sync.Mutex
	events []*Event // not yet finished, the oldest first
}

// mostEvents is how many commands of a queue may be under way; a further one first waits for the oldest half.
const mostEvents = 256

// NewQueue makes a queue. It is closed with its device, or before.
func (d *Device) NewQueue() (*Queue, error) {
	done, err := d.life.use()
	if err != nil {
		return nil, err
	}
	defer done()
	q, err := d.driver.NewQueue()
	if err != nil {
		return nil, err
	}
	queue := &Queue{device: d, driver: q, life: life{what: "queue of " + d.info.Name}}
	d.mu.Lock()
	d.queues[queue] = struct{}{}
	d.mu.Unlock()
	return queue, nil
}

// Sync waits until all that was queued has ended. It returns the first error of a command that nobody has waited for, or the
// context's cause if that ends first; the commands then go on.
func (q *Queue) Sync(ctx context.Context) error {
	return q.device.wait(ctx, func() error {
		done, err := q.life.use()
		if err != nil {
			return err
		}
		defer done()
		return q.sync()
	})
}

// sync waits for all events. Those that a caller waits for at the same time are his.
func (q *Queue) sync() error {
	err := q.driver.Sync()
	for _, e := range q.take(0) {
		e.finish()
	}
	return err
}

// settle waits for all events, and leaves their errors for Sync.
func (q *Queue) settle() {
	q.mu.Lock()
	events := append([]*Event(nil), q.events...)
	q.mu.Unlock()
	for _, e := range events {
		e.finish()
	}
}

// Close waits for what is queued and ends the queue. A second Close does nothing.
func (q *Queue) Close() error {
	if !q.life.close() {
		return nil
	}
	err := q.sync()
	q.device.mu.Lock()
	delete(q.device.queues, q)
	q.device.mu.Unlock()
	if other := q.driver.Close(); err == nil {
		err = other
	}
	return err
}

// add keeps an event until somebody has waited for it.
func (q *Queue) add(e driver.Event) *Event {
	event := &Event{queue: q, driver: e}
	q.mu.Lock()
	q.events = append(q.events, event)
	full := len(q.events) > mostEvents
	q.mu.Unlock()
	if full {
		for _, old := range q.take(mostEvents / 2) {
			old.finish()
		}
	}
	return event
}

// take removes the oldest events and returns them, so that keep are left.
func (q *Queue) take(keep int) []*Event {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := max(len(q.events)-keep, 0)
	taken := q.events[:n:n]
	q.events = append([]*Event(nil), q.events[n:]...)
	return taken
}

// Event is a command that was queued.
type Event struct {
	queue  *Queue
	driver driver.Event

	once  sync.Once
	ended atomic.Bool // times and err are known
	times Times
	err   error
}

// Wait waits until the command has ended, and returns its error; or the context's cause if that ends first.
func (e *Event) Wait(ctx context.Context) error {
	return e.queue.device.wait(ctx, func() error { e.finish(); return e.err })
}

// Times waits until the command has ended, and returns when it was queued, began and ended, on a clock of the device: only
// differences mean something. On a device whose Info.Times is false it is the host's clock.
func (e *Event) Times(ctx context.Context) (Times, error) {
	err := e.Wait(ctx)
	return e.times, err
}

// finish waits for the command and lets the driver forget it.
func (e *Event) finish() {
	e.once.Do(func() {
		e.err = e.driver.Wait()
		if times, err := e.driver.Times(); err == nil {
			e.times = times
		}
		e.driver.Free()
		e.ended.Store(true)
	})
}

// well reports whether the command is known to have ended without an error.
func (e *Event) well() bool { return e.ended.Load() && e.err == nil }
