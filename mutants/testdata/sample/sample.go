// Package sample has a place for every operator.
package sample

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/threading"
)

type log struct{}

func (log) Note(string) {}

type box struct {
	mu      sync.Mutex
	rw      sync.RWMutex
	changed *sync.Cond
	items   int
	inside  atomic.Int64
}

func (b *box) put(out log) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.items > 9 {
		b.changed.Wait()
	}
	b.items++
	out.Note("The note is no step: what moves goes over it.")
	b.changed.Broadcast()
}

func (b *box) take() {
	b.rw.RLock()
	b.items--
	b.rw.RUnlock()
	b.changed.Signal()
	b.inside.Add(1)
	defer b.inside.Add(-1)
	for i := 3; i > 0; i-- { // no counter of threads
		b.items += i
	}
}

func channels() int {
	done, items, places := make(chan struct{}), make(chan int), make(chan struct{}, 2)
	go func() {
		defer close(done)
		for item := range items {
			places <- struct{}{}
			_ = item
		}
	}()
	items <- 1
	close(items)
	select {
	case <-places:
	case <-done:
	}
	<-done
	n, ok := <-items
	if !ok {
		return n
	}
	return <-items
}

func groups(ctx context.Context, n int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var group errgroup.Group
	wg.Add(n)
	for range n {
		group.Go(func() error {
			wg.Done()
			select {
			case <-ctx.Done(): // the end of the whole run
				return ctx.Err()
			default:
			}
			return nil
		})
	}
	wg.Wait()
	cancel()
	f := func() {}
	wg.Go(f)
	return group.Wait()
}

func threads(main *threading.Thread, all []*threading.Thread) error {
	lock, condition, event := threading.NewLock("lock"), threading.NewCondition(nil), threading.NewEvent("event")
	queue := threading.NewQueue[int]("queue", 0)
	barrier, _ := threading.NewBarrier("barrier", 2)
	semaphore, _ := threading.NewSemaphore("semaphore", 0)
	var own threading.Local[int]
	own.Set(main, 1) // nobody waits for it
	for _, t := range all {
		if err := t.Start(); err != nil {
			return err
		}
	}
	err := threading.With(main, lock, func() error {
		condition.Notify(main, 1)
		return condition.NotifyAll(main)
	})
	event.Set()
	event.Clear()
	if err := semaphore.Acquire(main); err != nil {
		return err
	}
	queue.Put(main, 1)
	item, err := queue.Get(main)
	_ = item
	queue.TaskDone()
	queue.Close()
	_, err = barrier.Wait(main)
	for _, t := range all {
		err = t.Join(main)
	}
	return err
}
