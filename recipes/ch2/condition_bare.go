package ch2

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A buffer with room for a few items makes its producer wait while it is full, and its consumer while it is empty. With a sync.Cond
// both can wait for any state. A channel with a bound is such a buffer already: there they wait by themselves.

// monitor guards a state that goroutines wait for and change.
type monitor struct {
	mu      sync.Mutex
	changed *sync.Cond // the state, or a context has ended
}

func newMonitor() *monitor {
	m := &monitor{}
	m.changed = sync.NewCond(&m.mu)
	return m
}

// when waits until ready says true, and then makes the change. Both are called with the lock held. A sync.Cond knows nothing of
// contexts, so the end of ctx wakes all that wait.
func (m *monitor) when(ctx context.Context, ready func() bool, change func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		m.mu.Lock() // or the broadcast could come between a look at ctx and the wait
		defer m.mu.Unlock()
		m.changed.Broadcast()
	})
	defer stop()
	for !ready() { // a loop: another may have been here before this one got the lock back
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		m.changed.Wait() // releases the lock, and takes it again
	}
	change()
	m.changed.Broadcast()
	return nil
}

// throughMonitor has a buffer of which only the number of items matters.
func throughMonitor(ctx context.Context, out *transcript.Log, items, capacity int) error {
	buffer, stock := newMonitor(), 0
	both, ctx := errgroup.WithContext(ctx) // an error in one ends the other
	repeat := func(pause time.Duration, ready func() bool, change func()) func() error {
		return func() error {
			for range items {
				if err := out.Sleep(ctx, pause); err != nil {
					return err
				}
				if err := buffer.when(ctx, ready, change); err != nil {
					return err
				}
			}
			return nil
		}
	}
	both.Go(repeat(1*time.Second, func() bool { return stock < capacity }, func() {
		stock++
		out.Actor("producer").Printf("Producer notify : total items produced %d", stock)
	}))
	both.Go(repeat(2*time.Second, func() bool { return stock > 0 }, func() {
		stock--
		out.Actor("consumer").Printf("Consumer notify : items to consume are %d", stock)
	}))
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("%d items are left", stock)
	out.Check("all that was produced is consumed", stock, 0)
	return nil
}

// throughBuffer has a channel in its place.
func throughBuffer(ctx context.Context, out *transcript.Log, items, capacity int) error {
	buffer, received := make(chan int, capacity), 0
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		defer close(buffer) // ends the consumer's loop
		for item := range items {
			out.Actor("producer").Printf("Producer notify : sends item %d", item+1)
			select {
			case buffer <- item + 1:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	both.Go(func() error {
		for item := range buffer {
			received++
			out.Actor("consumer").Printf("Consumer notify : received item %d", item)
		}
		return nil
	})
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("through a channel: %d items", received)
	out.Check("all that was sent is received", received, items)
	return nil
}

func conditionBare(ctx context.Context, out *transcript.Log) error {
	const items, capacity = 5, 2
	if err := throughMonitor(ctx, out, items, capacity); err != nil {
		return err
	}
	return throughBuffer(ctx, out, items, capacity)
}
