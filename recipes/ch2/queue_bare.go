package ch2

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A producer hands items to several consumers through a channel, so that each item reaches exactly one of them. The only sender
// closes the channel after the last item, which ends the consumers' loops.

// shareItems returns what the consumers received, in no particular order.
func shareItems(ctx context.Context, out *transcript.Log, items, consumers int) (received []int, err error) {
	queue := make(chan int) // without a bound in make, a send waits for its receiver
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error {
		defer close(queue)
		for item := range items {
			out.Actor("producer").Printf("Producer notify : item N° %d appended to queue", item)
			select {
			case queue <- item:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := out.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	for n := range consumers {
		name := fmt.Sprintf("consumer %d", n+1)
		all.Go(func() error {
			for item := range queue {
				out.Actor(name).Printf("Consumer notify : %d popped from queue by %s", item, name)
				mu.Lock()
				received = append(received, item)
				mu.Unlock()
			}
			out.Actor(name).Printf("no more items for %s", name)
			return nil
		})
	}
	err = all.Wait()
	return received, err
}

// intHeap is the queue that a channel is not: its least item comes first.
type intHeap struct{ sort.IntSlice }

func (h *intHeap) Push(x any) { h.IntSlice = append(h.IntSlice, x.(int)) }

func (h *intHeap) Pop() any {
	last := len(h.IntSlice) - 1
	x := h.IntSlice[last]
	h.IntSlice = h.IntSlice[:last]
	return x
}

func queueBare(ctx context.Context, out *transcript.Log) error {
	const items, consumers = 4, 2
	received, err := shareItems(ctx, out, items, consumers)
	if err != nil {
		return err
	}
	slices.Sort(received)
	out.Printf("%d of %d items are done", len(received), items)
	out.Check("every item was popped exactly once", received, []int{0, 1, 2, 3})

	out.Note("A send waits while the channel is full. With a default it does not, and with a time-out only for a while.")
	small := make(chan string, 1)
	small <- "first"
	select {
	case small <- "second":
		out.Printf("at once: sent")
	default:
		out.Printf("at once: full")
	}
	select {
	case small <- "second":
		out.Printf("within 1 ms: sent")
	case <-time.After(time.Millisecond):
		out.Printf("within 1 ms: full")
	case <-ctx.Done():
		return context.Cause(ctx)
	}

	out.Note("A channel gives the oldest item first. The least first is a heap, and a stack is a slice.")
	inOrder, least := make(chan int, 3), &intHeap{}
	for _, item := range []int{2, 3, 1} {
		inOrder <- item
		heap.Push(least, item)
	}
	close(inOrder)
	var oldestFirst, leastFirst []int
	for item := range inOrder {
		oldestFirst, leastFirst = append(oldestFirst, item), append(leastFirst, heap.Pop(least).(int))
	}
	out.Printf("put 2 3 1; got oldest first %v, least first %v", oldestFirst, leastFirst)
	out.Check("each kind of queue has its order", [][]int{oldestFirst, leastFirst}, [][]int{{2, 3, 1}, {1, 2, 3}})
	return nil
}
