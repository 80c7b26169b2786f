package ch3

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"cookbook/internal/transcript"
)

// Main waits until every item of a channel is done: not until the channel is empty, and not until the goroutines end. A sync.WaitGroup
// counts what is unfinished.

// workQueue is a channel of items, and the number of those that are not done.
type workQueue struct {
	items      chan int
	unfinished sync.WaitGroup
}

func (q *workQueue) put(item int) {
	q.unfinished.Add(1) // before it can be taken, or a wait could see 0 although there is work
	q.items <- item
}

// join waits until all that was put is done, or ctx ends.
func (q *workQueue) join(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.unfinished.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func joinableQueueBare(ctx context.Context, out *transcript.Log) error {
	const items, consumers = 10, 3
	queue := workQueue{items: make(chan int, items)}
	var mu sync.Mutex
	var did []int
	var all sync.WaitGroup
	for n := range consumers {
		name := fmt.Sprintf("consumer-%d", n+1)
		all.Go(func() {
			for item := range queue.items { // ends when the channel is closed and empty
				if out.Sleep(ctx, time.Second) == nil {
					out.Actor(name).Printf("%s: item %d is done", name, item)
					mu.Lock()
					did = append(did, item)
					mu.Unlock()
				}
				queue.unfinished.Done() // last of all, and also if ctx has ended: from here on join may return
			}
		})
	}
	defer all.Wait()
	defer close(queue.items) // which comes before that wait, and ends the loops

	for item := range items {
		queue.put(item)
	}
	if err := queue.join(ctx); err != nil {
		return err
	}
	mu.Lock()
	slices.Sort(did)
	out.Printf("joined: %d of %d items are done", len(did), items)
	out.Check("every item was done once", slices.Equal(did, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), true)
	mu.Unlock()
	return joinTakenBare(ctx, out)
}

// joinTakenBare shows that an item that was taken is not done yet.
func joinTakenBare(ctx context.Context, out *transcript.Log) error {
	queue, taken, finish := workQueue{items: make(chan int, 1)}, make(chan struct{}), make(chan struct{})
	queue.put(100)
	go func() {
		item := <-queue.items
		out.Actor("slow").Printf("item %d is taken", item)
		close(taken)
		<-finish
		out.Actor("slow").Printf("item %d is done", item)
		queue.unfinished.Done()
	}()
	<-taken
	out.Printf("in the queue: %d", len(queue.items))
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	early := queue.join(short)
	out.Printf("join: %v", early)
	out.Check("join waits for an item that was taken", early != nil, true)
	close(finish)
	queue.unfinished.Wait()
	out.Printf("joined")
	return context.Cause(ctx)
}
