package gpu

import (
	"cmp"
	"context"
	"errors"
	"runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/gpu/driver"
)

// Queue runs commands in their order; two queues of a device may run theirs at the same time.
type Queue struct {
	device *Device
	driver driver.Queue
	life   life
	trace  *tracing // nil unless the queue was made while an execution trace was taken

	told atomic.Int64 // the number of the last command of which Sync has told the errors, and those of the ones before

	mu     sync.Mutex
	added  int64    // commands
	fault  error    // the first violation that a checked kernel reported and Sync has not returned
	events []*Event // all that have not ended, the oldest first, and some that have
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
	d.made++
	if trace.IsEnabled() {
		queue.trace = newTracing(d.made, q)
	}
	d.mu.Unlock()
	return queue, nil
}

// Sync waits until all that was queued has ended. It returns the first error of a command since the last Sync, also of one whose
// event has told it, or the context's cause if that ends first; the commands then go on.
func (q *Queue) Sync(ctx context.Context) error {
	defer q.trace.wait(ctx)()
	return q.device.wait(ctx, func() error {
		done, err := q.life.use()
		if err != nil {
			return err
		}
		defer done()
		return q.sync()
	})
}

// sync waits for all events.
func (q *Queue) sync() error {
	q.mu.Lock()
	last := q.added
	q.mu.Unlock()
	err := q.driver.Sync()
	q.settle(0)
	q.mu.Lock()
	err, q.fault = cmp.Or(err, q.fault), nil
	q.mu.Unlock()
	if err != nil {
		q.told.Store(last)
	}
	return err
}

// settle waits for the oldest events, so that keep are left, and leaves their errors for Sync. An event stays in the list until it has
// ended: who finds it empty knows that no command is under way.
func (q *Queue) settle(keep int) {
	q.mu.Lock()
	oldest := slices.Clone(q.events[:max(len(q.events)-keep, 0)])
	q.mu.Unlock()
	for _, e := range oldest {
		e.finish()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events = slices.DeleteFunc(q.events, func(e *Event) bool { return e.ended.Load() })
}

// Close waits for what is queued and ends the queue. It returns what Sync would. A second Close does nothing.
func (q *Queue) Close() error {
	done, err := q.device.life.use()
	if err != nil {
		return nil // the device closes it
	}
	defer done()
	return q.close()
}

func (q *Queue) close() error {
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
	q.trace.end()
	return err
}

// add keeps an event until its command has ended. What is the name of the command; after are commands before it on whose results its
// own depend.
func (q *Queue) add(what string, e driver.Event, after ...*Event) *Event {
	event := &Event{queue: q, driver: e, what: what, after: after}
	if q.trace != nil {
		event.added = time.Now()
	}
	q.mu.Lock()
	q.added++
	event.number = q.added
	q.events = append(q.events, event)
	full := len(q.events) > mostEvents
	q.mu.Unlock()
	if full {
		q.settle(mostEvents / 2)
	}
	return event
}

// Event is a command that was queued.
type Event struct {
	queue  *Queue
	driver driver.Event
	number int64 // which one it is in its queue
	what   string
	added  time.Time // only if the queue is traced

	once  sync.Once
	ended atomic.Bool // what stands below is known
	times Times
	err   error
	known atomic.Bool // somebody has been told the error
	cause *Event      // that failed: the command itself or one before it, on whose results its own depend
	after []*Event    // such commands, until it has ended
}

// Wait waits until the command has ended, and returns its error; or the context's cause if that ends first.
func (e *Event) Wait(ctx context.Context) error {
	err := error(nil)
	if e.ended.Load() {
		err = e.err
	} else {
		defer e.queue.trace.wait(ctx)()
		err = e.queue.device.wait(ctx, func() error { e.finish(); return e.err })
	}
	if err != nil && e.ended.Load() && errors.Is(err, e.err) {
		e.known.Store(true)
	}
	return err
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
			e.queue.trace.did(e)
		}
		e.driver.Free()
		for _, before := range e.after {
			before.finish()
			e.cause = cmp.Or(e.cause, before.cause)
		}
		if e.cause == nil && e.err != nil {
			e.cause = e
		}
		e.after = nil
		e.ended.Store(true)
	})
}

// told reports whether the command's result is wrong, and somebody has been told why.
func (e *Event) told() bool {
	return e.ended.Load() && e.cause != nil && (e.cause.known.Load() || e.cause.number <= e.cause.queue.told.Load())
}

// well reports whether the command is known to have ended with a result that is right.
func (e *Event) well() bool { return e.ended.Load() && e.cause == nil }
