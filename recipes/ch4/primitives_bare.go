package ch4

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"cookbook/internal/transcript"
)

// Goroutines wait for each other: for a lock (sync.Mutex), for an event (a channel that is closed), for a place
// (semaphore.Weighted), for work (a channel with a bound). Which of several goroutines is the first is not decided.

// A crew is n goroutines that wait for main.
type crew struct {
	out *transcript.Log
	n   int
}

func taskName(i int) string { return fmt.Sprintf("task %d", i) }

// start runs task 1 to task n. The context that they are given ends when one of them fails.
func (c crew) start(ctx context.Context, task func(ctx context.Context, name string) error) (wait func() error) {
	group, ctx := errgroup.WithContext(ctx)
	for i := range c.n {
		group.Go(func() error { return task(ctx, taskName(i+1)) })
	}
	return group.Wait
}

func (c crew) lock(ctx context.Context) error {
	var desk sync.Mutex
	desk.Lock()
	wait := c.start(ctx, func(ctx context.Context, name string) error {
		desk.Lock()
		defer desk.Unlock()
		c.out.Actor(name).Printf("%s has the lock", name) // and does not wait while it has it: a mutex cannot be given up
		return nil
	})
	c.out.Printf("main releases the lock")
	desk.Unlock()
	return wait()
}

func (c crew) event(ctx context.Context) error {
	start := make(chan struct{})
	wait := c.start(ctx, func(ctx context.Context, name string) error {
		select {
		case <-start:
			c.out.Actor(name).Printf("%s goes on", name)
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	c.out.Printf("main sets the event")
	close(start) // wakes all that wait, and whoever waits later does not wait at all
	return wait()
}

func (c crew) semaphore(ctx context.Context) error {
	room := semaphore.NewWeighted(2)
	c.out.Printf("main opens a room for two")
	err := c.start(ctx, func(ctx context.Context, name string) error {
		if err := room.Acquire(ctx, 1); err != nil {
			return err
		}
		defer room.Release(1)
		c.out.Actor(name).Printf("%s is in the room", name)
		return c.out.Sleep(ctx, time.Second)
	})()
	c.out.Check("both places are free again", room.TryAcquire(2), true)
	return err
}

func (c crew) queue(ctx context.Context) error {
	jobs, next := make(chan int, 2), 1
	for ; len(jobs) < cap(jobs); next++ { // only main sends, so there is room until then
		jobs <- next
	}
	c.out.Printf("main finds no place for job %d", next)
	var done atomic.Int64
	working, ctx := errgroup.WithContext(ctx)
	working.Go(func() error {
		defer close(jobs)
		for ; next <= 2*c.n; next++ {
			select {
			case jobs <- next: // waits until a worker has made room
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	for i := range c.n {
		working.Go(func() error {
			for job := range jobs { // ends when the channel is closed and empty
				if err := c.out.Sleep(ctx, time.Second); err != nil {
					return err
				}
				c.out.Actor(taskName(i+1)).Printf("%s has done job %d", taskName(i+1), job)
				done.Add(1)
			}
			return nil
		})
	}
	if err := working.Wait(); err != nil {
		return err
	}
	c.out.Printf("main knows that all %d jobs are done", done.Load())
	return nil
}

func primitivesBare(ctx context.Context, out *transcript.Log) error {
	c := crew{out, 3}
	for _, show := range []func(context.Context) error{c.lock, c.event, c.semaphore, c.queue} {
		if err := show(ctx); err != nil {
			return err
		}
	}
	return nil
}
