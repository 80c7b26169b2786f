package mapreduce

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/distributed/engine"
)

// A Role is what a worker does. One process may do both: Mapper | Reducer.
type Role int

// The roles.
const (
	Mapper Role = 1 << iota
	Reducer
)

// A Stage is how far a mapper has come with a split.
type Stage int

// The stages of a split in a mapper. A mapper may die between any two. After Published the split's part of the result
// counts, whatever becomes of the mapper.
const (
	Taken     Stage = iota // Map is about to be called
	Mapped                 // Map has returned
	Published              // what came of it is stored, and the split is about to be acknowledged
)

// A ServeOption changes a worker.
type ServeOption func(*worker)

// WithHook makes a mapper call f at each stage of each split. It waits for f to return.
func WithHook(f func(ctx context.Context, stage Stage, s Split)) ServeOption {
	return func(w *worker) { w.hook = f }
}

// WithConcurrency makes a mapper map n splits at the same time; otherwise it is one. As Map is most of the work, more than
// GOMAXPROCS are of no use.
func WithConcurrency(n int) ServeOption { return func(w *worker) { w.slots = n } }

// Serve works for the jobs of the engine's space until ctx ends: it takes one split after another, or partitions, as many
// as there are when nobody else takes them. It knows the jobs that this program has registered. When ctx ends, what is
// being worked on goes back, and another worker takes it; Serve returns nil when Map and Reduce have returned.
func Serve(ctx context.Context, conn *engine.Conn, role Role, options ...ServeOption) error {
	w := &worker{conn: conn, slots: 1, hook: func(context.Context, Stage, Split) {}, saveAfter: saveAfter, clientTTL: clientTTL}
	for _, o := range options {
		o(w)
	}
	_, mapping, reducing, err := queues(ctx, conn)
	if err != nil {
		return fmt.Errorf("serve MapReduce: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	if role&Mapper != 0 {
		g.Go(func() error {
			// One more split is fetched while one is mapped. It has not begun, so the death of this process is not its fault.
			return w.always(ctx, func() error {
				return conn.Work(ctx, mapping, engine.Work{Slots: w.slots, Prefetch: 1}, func(_ context.Context, m jetstream.Msg) { w.takeSplit(ctx, m) })
			})
		})
	}
	if role&Reducer != 0 {
		g.Go(func() error { return w.always(ctx, func() error { return w.takePartitions(ctx, reducing) }) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("serve MapReduce: %w", err)
	}
	return nil
}

// A worker is one Serve.
type worker struct {
	conn  *engine.Conn
	hook  func(ctx context.Context, stage Stage, s Split)
	slots int
	alone sync.RWMutex // held for writing while a split is mapped that has come before, for reading with any other

	saveAfter int           // see the constant
	clientTTL time.Duration // see the constant
}

// always works, and makes the queues again where an engine that has started again has lost them: they are in its memory. A job's client
// makes them, too, but a worker may ask before.
func (w *worker) always(ctx context.Context, work func() error) error {
	for {
		err := work()
		if !errors.Is(err, jetstream.ErrStreamNotFound) && !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrConsumerDeleted) {
			return err
		}
		if _, _, _, err := queues(ctx, w.conn); err != nil {
			return err
		}
	}
}

// spareWait is how long a reducer that has a partition leaves the next one to others.
const spareWait = 50 * time.Millisecond

// takePartitions takes any number of partitions, because a job goes on only while somebody reads each of them. But it asks
// for one at a time, so that several reducers share them.
func (w *worker) takePartitions(ctx context.Context, c jetstream.Consumer) error {
	g, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	idle := 0 // slots that wait for a partition
	var slot func() error
	slot = func() error {
		slotCtx, leave := context.WithCancel(ctx)
		defer leave()
		return w.conn.Work(slotCtx, c, engine.Work{Slots: 1}, func(_ context.Context, m jetstream.Msg) {
			mu.Lock()
			if idle--; idle == 0 {
				idle++
				g.Go(func() error {
					select {
					case <-ctx.Done():
						return nil
					case <-time.After(spareWait):
					}
					return slot()
				})
			}
			mu.Unlock()
			w.takePartition(ctx, m)
			mu.Lock()
			if idle > 0 {
				leave()
			} else {
				idle++
			}
			mu.Unlock()
		})
	}
	idle = 1
	g.Go(slot)
	return g.Wait()
}

// workers returns how many mappers and reducers wait for work in the engine's space or have some, and the queue that they wait at.
func workers(ctx context.Context, conn *engine.Conn) (queue jetstream.Stream, mappers, reducers int, err error) {
	queue, mapping, reducing, err := queues(ctx, conn)
	if err == nil {
		mappers, err = count(ctx, conn, mapping)
	}
	if err == nil {
		reducers, err = count(ctx, conn, reducing)
	}
	return queue, mappers, reducers, err
}

// count counts who waits at a queue, and what they have from it.
func count(ctx context.Context, conn *engine.Conn, queue jetstream.Consumer) (n int, err error) {
	err = conn.Again(ctx, func(ctx context.Context) error {
		info, err := queue.Info(ctx)
		if err == nil {
			n = info.NumWaiting + info.NumAckPending
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for workers: %w", err)
	}
	return n, nil
}
