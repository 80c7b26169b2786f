package tasks

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// A ServeOption says how [Serve] works.
type ServeOption func(*worker) error

// WithConcurrency is how many calls a worker works on at the same time, each in a goroutine; 1 unless set. Celery:
// --concurrency.
func WithConcurrency(n int) ServeOption {
	return func(w *worker) error {
		if n < 1 {
			return fmt.Errorf("%w: a concurrency of %d", ErrOption, n)
		}
		w.slots = n
		return nil
	}
}

// WithQueues is the queues that a worker serves; [DefaultQueue] unless set. Celery: --queues.
func WithQueues(names ...string) ServeOption {
	return func(w *worker) error {
		for _, name := range names {
			if !validID(name) {
				return fmt.Errorf("%w: a queue cannot be named %q", ErrOption, name)
			}
		}
		w.queues = slices.Compact(slices.Sorted(slices.Values(names)))
		return nil
	}
}

// WithObserver lets f have what happens, in this order and one at a time. The engine has not been told yet: what f has done at
// [Succeeded] comes before the client gets the result. A slow f makes the worker slow.
func WithObserver(f func(Event)) ServeOption {
	return func(w *worker) error { w.observer = f; return nil }
}

// WithWorkerName is the name by which records and answers call the worker; "worker-PID@HOST" unless set. Celery: --hostname.
func WithWorkerName(name string) ServeOption {
	return func(w *worker) error { w.name = name; return nil }
}

// WithGrace is how long a worker that stops waits for the calls that it works on; 10 s unless set. Then their contexts end
// with the cause [ErrStopped], and they are handed back to the queue for another worker.
func WithGrace(d time.Duration) ServeOption {
	return func(w *worker) error { w.grace = d; return nil }
}

// A worker is one call of Serve.
type worker struct {
	app      *App
	name     string
	slots    int
	queues   []string
	observer func(Event)
	grace    time.Duration
	began    time.Time

	observing sync.Mutex
	held      engine.Held
	pipe      pipe
	life      context.Context // ends, with the cause ErrStopped, when the grace is over
	active    activity
	maxLost   int
}

// defaultMaxLost is how often a call is begun, or fetched, without an end before it is given up: it may be what kills its
// workers.
const defaultMaxLost = 20

// Serve is a worker: it does the calls that clients send, until ctx ends. Then it takes no more, hands back what it has
// fetched and not begun, waits for what it works on, and returns nil. It returns an error if its queues cannot be made or have
// been removed.
//
// A call is done at least once. A worker that is killed, or cannot reach the engine for 1.5 s, loses its calls to others; the
// first result of a call stays. A worker fetches ahead no more than it does in 20 ms.
func Serve(ctx context.Context, conn *engine.Conn, options ...ServeOption) error {
	host, _ := os.Hostname()
	w := &worker{
		name: fmt.Sprintf("worker-%d@%s", os.Getpid(), host), slots: 1, queues: []string{DefaultQueue}, observer: func(Event) {},
		grace: 10 * time.Second, began: time.Now(), maxLost: defaultMaxLost,
	}
	for _, o := range options {
		if err := o(w); err != nil {
			return fmt.Errorf("serve tasks: %w", err)
		}
	}
	if err := w.open(ctx, conn); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serve tasks: %w", err)
	}
	return nil
}

// open makes what the worker needs, and serves.
func (w *worker) open(ctx context.Context, conn *engine.Conn) (err error) {
	if w.app, err = NewApp(ctx, conn); err != nil {
		return err
	}
	sources, err := w.sources(ctx)
	if err != nil {
		return err
	}
	for subject, do := range map[string]nats.MsgHandler{w.app.pingSubject(): w.answer, w.app.revokeSubject(): w.revoke} {
		sub, err := conn.NC.Subscribe(subject, do)
		if err != nil {
			return err
		}
		defer sub.Unsubscribe()
	}
	if err := conn.Flush(ctx); err != nil {
		return err
	}
	return w.serve(ctx, sources)
}

// serve fetches and works until ctx ends.
func (w *worker) serve(ctx context.Context, sources []*source) error {
	life, die := context.WithCancelCause(context.Background())
	defer die(nil)
	w.life = life
	var slots, stored, keeper sync.WaitGroup
	end := make(chan struct{})
	w.pipe = make(pipe, maxPending)
	f := newFetcher(w, sources)
	keeper.Go(func() { w.held.Keep(engine.AckWait, end, f.giveBack) })
	stored.Go(func() { w.pipe.run(w) })
	for range w.slots {
		slots.Go(func() {
			for {
				m, ok := f.ready.take()
				if !ok {
					return
				}
				f.ran(w.handle(m))
			}
		})
	}
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(w.grace):
			die(ErrStopped)
		case <-end:
		}
	})
	err := f.run(ctx)
	slots.Wait()
	close(w.pipe)
	stored.Wait()
	close(end)
	keeper.Wait()
	stop()
	return err
}

// sources makes the consumers of the worker's queues, the highest priority first.
func (w *worker) sources(ctx context.Context) (all []*source, err error) {
	for _, p := range priorities() {
		for _, queue := range w.queues {
			var c jetstream.Consumer
			err := w.app.conn.Again(ctx, func(ctx context.Context) (err error) {
				c, err = w.app.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
					Durable: queue + "_" + p.String(), FilterSubject: w.app.taskSubject(queue, p),
					AckPolicy: jetstream.AckExplicitPolicy, AckWait: engine.AckWait, MaxAckPending: -1,
				})
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("make the queue %s: %w", queue, err)
			}
			all = append(all, &source{consumer: c, priority: p})
		}
	}
	return all, nil
}

// say tells the observer.
func (w *worker) say(e Event) {
	w.observing.Lock()
	defer w.observing.Unlock()
	w.observer(e)
}
