package ch2

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A producer hands items to several consumers, so that each item reaches exactly one of them.

// # With a channel

// throughChannel has one sender, which closes the channel after the last item. That ends the consumers' loops.
func throughChannel(out *transcript.Log, items []int, consumers int) {
	ch := make(chan int)
	var (
		all      sync.WaitGroup
		mu       sync.Mutex
		received []int
	)
	for range consumers {
		all.Go(func() {
			for item := range ch {
				mu.Lock()
				received = append(received, item)
				mu.Unlock()
			}
		})
	}
	for _, item := range items {
		ch <- item
	}
	close(ch)
	all.Wait()
	out.Printf("the same through a channel: %d sent, %d received", len(items), len(received))
	out.Check("every item was received exactly once", sameItems(received, items), true)
}

// sameItems reports whether a and b hold the same items equally often.
func sameItems(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// # With a Queue

// throughQueue is the book's program, with an end: the producer is Thread-1, the consumers are the threads after it.
func throughQueue(main *threading.Thread, out *transcript.Log, items, consumers int) (appended []int, err error) {
	queue := threading.NewQueue[int]("queue", 0)
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		random := out.Actor(t.Name()).Rand()
		for range items {
			item := random.IntN(257)
			appended = append(appended, item)
			out.Actor(t.Name()).Printf("Producer notify : item N° %d appended to queue by %s", item, t)
			if err := errors.Join(queue.Put(t, item), out.Sleep(t, time.Second)); err != nil {
				return err
			}
		}
		return nil
	})
	var done atomic.Int64
	popped := make([][]int, consumers) // each consumer has a list of its own, so none needs a lock
	threads := []*threading.Thread{producer}
	for i := range consumers {
		threads = append(threads, threading.NewThread(main, func(t *threading.Thread) error {
			for {
				item, err := queue.Get(t)
				if errors.Is(err, threading.ErrClosed) {
					out.Actor(t.Name()).Printf("no more items: %v", err)
					return nil
				} else if err != nil {
					return err
				}
				out.Actor(t.Name()).Printf("Consumer notify : %d popped from queue by %s", item, t)
				popped[i] = append(popped[i], item)
				done.Add(1)
				if err := queue.TaskDone(); err != nil {
					return err
				}
			}
		}))
	}
	for _, t := range threads {
		if err := t.Start(); err != nil {
			return nil, err
		}
	}
	theirEnd := context.WithoutCancel(main) // if main is told to end, so are they; wait for them even then
	if err = producer.Join(theirEnd); err == nil {
		err = queue.Join(main)
	}
	if err == nil {
		out.Printf("%d of %d items are done", done.Load(), items)
		out.Note("In the book the consumers now wait without end for one more item. Close tells them that none will come.")
	}
	queue.Close()
	for _, consumer := range threads[1:] {
		err = errors.Join(err, consumer.Join(theirEnd))
	}
	if err == nil {
		out.Check("every item was popped exactly once", sameItems(slices.Concat(popped...), appended), true)
	}
	return appended, err
}

// # Three orders

// inTheirOrders has three kinds of queue give back what was put into them. None has a bound, so there is always room.
func inTheirOrders(out *transcript.Log) {
	putAndGet := func(queue *threading.Queue[int]) (got []int) {
		for _, item := range []int{2, 3, 1} {
			_ = queue.TryPut(item)
		}
		for item, err := queue.TryGet(); err == nil; item, err = queue.TryGet() {
			got = append(got, item)
		}
		return got
	}
	oldest := putAndGet(threading.NewQueue[int]("queue", 0))
	newest := putAndGet(threading.NewLIFOQueue[int]("stack", 0))
	least := putAndGet(threading.NewPriorityQueue("heap", 0, cmp.Less[int]))
	out.Printf("put 2 3 1; got oldest first %v, newest first %v, least first %v", oldest, newest, least)
	out.Check("each kind of queue has its order", [][]int{oldest, newest, least}, [][]int{{2, 3, 1}, {1, 3, 2}, {1, 2, 3}})
}

// # Waiting, not waiting, and waiting for a time

// waitOrNot puts and gets in the three ways: waiting, not waiting, and waiting for a time.
func waitOrNot(main *threading.Thread, out *transcript.Log) error {
	ctx := context.WithoutCancel(main) // nothing here takes long enough to be called off
	queue := threading.NewQueue[string]("small queue", 1)
	out.Note("Put waits while the queue is full, and Get while it is empty. Other forms do not wait, or only for a time.")
	errPut := queue.Put(ctx, "first")
	atOnce, inTime := queue.TryPut("second"), queue.PutTimeout(ctx, "second", 10*time.Millisecond)
	out.Printf("at once: %v; within 10 ms: %v", atOnce, inTime)
	both := func(want error) bool { return errors.Is(atOnce, want) && errors.Is(inTime, want) }
	out.Check("a full queue is ErrFull", both(threading.ErrFull), true)

	putter := threading.NewThread(ctx, func(t *threading.Thread) error {
		err := queue.Put(t, "second")
		out.Actor("putter").Printf("put second as soon as there was room")
		return err
	}, threading.WithName("putter"))
	errStart := putter.Start()
	out.Printf("get, which makes room")
	first, errFirst := queue.Get(ctx)
	errPutter := putter.Join(ctx)
	second, errSecond := queue.Get(ctx)
	out.Printf("got %s, then %s", first, second)

	_, atOnce = queue.TryGet()
	_, inTime = queue.GetTimeout(ctx, 10*time.Millisecond)
	out.Printf("at once: %v; within 10 ms: %v", atOnce, inTime)
	out.Check("an empty queue is ErrEmpty", both(threading.ErrEmpty), true)
	return errors.Join(errPut, errStart, errFirst, errPutter, errSecond)
}

var queue = catalog.Recipe{
	ID: "ch2.queue", Section: "2.12", Title: "Hand items to several consumers through a Queue",
	Python: "queue.Queue", Go: "chan, threading.Queue", Wrong: queueWrong, Bare: queueBare,
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 10, 0, 100_000, "items to produce, one a second")
		consumers := catalog.Int(f, "consumers", 3, 1, 1_000, "threads that consume them")
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			appended, err := throughQueue(main, out, *items, *consumers)
			if err != nil {
				return err
			}
			throughChannel(out, appended, *consumers)
			inTheirOrders(out)
			return waitOrNot(main, out)
		}
	},
}
