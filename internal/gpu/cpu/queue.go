package cpu

import (
	"cmp"
	"context"
	"sync"
	"time"

	"cookbook/internal/gpu/driver"
)

// queue runs its commands one after the other in a goroutine of its own, which ends with Close.
type queue struct {
	commands chan *event
	ended    sync.WaitGroup

	mu     sync.Mutex
	failed error // the first error that Sync has not returned
}

// event is a command: what it does, and once it has ended, when and how.
type event struct {
	do    func() error
	ended chan struct{}
	times driver.Times
	err   error
}

func newQueue() *queue {
	q := &queue{commands: make(chan *event, 64)}
	q.ended.Go(func() {
		for e := range q.commands {
			e.times.Start = since()
			e.err = e.do()
			e.times.End = since()
			if e.err != nil {
				q.mu.Lock()
				q.failed = cmp.Or(q.failed, e.err)
				q.mu.Unlock()
			}
			close(e.ended)
		}
	})
	return q
}

// since is the device's clock, which only goes forward.
func since() time.Duration { return time.Since(start()) }

// Now returns the device's time.
func (q *queue) Now() time.Duration { return since() }

// start returns when the device's clock began.
var start = sync.OnceValue(time.Now)

// add queues a command. It waits while 64 are waiting.
func (q *queue) add(do func() error) *event {
	e := &event{do: do, ended: make(chan struct{}), times: driver.Times{Queued: since()}}
	q.commands <- e
	return e
}

func (q *queue) Write(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	e := q.add(func() error { copy(b.(*buffer).part(offset, len(p)), p); return nil })
	return e, e.Wait()
}

func (q *queue) Read(b driver.Buffer, offset int, p []byte) (driver.Event, error) {
	e := q.add(func() error { copy(p, b.(*buffer).part(offset, len(p))); return nil })
	return e, e.Wait()
}

func (q *queue) Copy(to driver.Buffer, toOffset int, from driver.Buffer, fromOffset, n int) (driver.Event, error) {
	return q.add(func() error {
		copy(to.(*buffer).part(toOffset, n), from.(*buffer).part(fromOffset, n))
		return nil
	}), nil
}

func (q *queue) Launch(ctx context.Context, k driver.Kernel, s driver.Shape, args []driver.Arg) (driver.Event, error) {
	return q.add(func() error { return run(ctx, k.(kernel), s, args) }), nil
}

func (q *queue) Sync() error {
	q.add(func() error { return nil }).Wait() // commands end in their order
	q.mu.Lock()
	defer q.mu.Unlock()
	err := q.failed
	q.failed = nil
	return err
}

func (q *queue) Close() error {
	close(q.commands)
	q.ended.Wait()
	return nil
}

func (e *event) Wait() error {
	<-e.ended
	return e.err
}

func (e *event) Times() (driver.Times, error) { return e.times, nil }

func (e *event) Free() {}
