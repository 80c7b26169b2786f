package ch2

import (
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

var queue = catalog.Recipe{
	ID: "ch2.queue", Section: "2.12", Title: "Hand items to several consumers through a Queue",
	Python: "queue.Queue", Go: "chan, threading.Queue",
	New: func(f *pflag.FlagSet) catalog.Run {
		items := f.Int("items", 10, "items to produce, one a second")
		consumers := f.Int("consumers", 3, "threads that consume them")
		return func(ctx context.Context, out *transcript.Log) error {
			if *items < 0 || *consumers < 1 || *consumers > 1000 {
				return catalog.Usagef("--items %d --consumers %d: want 0 or more items and 1 to 1000 consumers", *items, *consumers)
			}
			main := threading.Main(ctx)
			appended, err := queueThreads(main, out, *items, *consumers)
			if err != nil {
				return err
			}
			queueChannel(out, appended, *consumers)
			return queueForms(main, out)
		}
	},
}

// queueThreads is the book's program, with an end: the producer is Thread-1, the consumers are the threads after it.
func queueThreads(main *threading.Thread, out *transcript.Log, items, consumers int) (appended []int, err error) {
	queue := threading.NewQueue[int]("queue", 0)
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		random := out.Actor(t.Name()).Rand()
		for range items {
			item := random.IntN(257)
			appended = append(appended, item)
			out.Actor(t.Name()).Printf("Producer notify : item N° %d appended to queue by %s", item, t)
			if err := queue.Put(t, item); err != nil {
				return err
			}
			if err := out.Sleep(t, time.Second); err != nil {
				return err
			}
		}
		return nil
	})
	var done atomic.Int64
	popped := make([][]int, consumers) // with a list for each consumer none needs a lock
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
	toTheEnd := context.WithoutCancel(main) // a thread is waited for also when the run is called off
	if err = producer.Join(toTheEnd); err == nil {
		err = queue.Join(main)
	}
	if err == nil {
		out.Printf("%d of %d items are done", done.Load(), items)
		out.Note("The book's consumers now wait for ever for one item more. Close tells them that none will come.")
	}
	queue.Close()
	for _, consumer := range threads[1:] {
		err = errors.Join(err, consumer.Join(toTheEnd))
	}
	if err == nil {
		out.Check("every item was popped exactly once", queueSame(slices.Concat(popped...), appended), true)
	}
	return appended, err
}

// queueChannel is the same with a channel: close ends the consumers' loops, and the wait for them stands for Join.
func queueChannel(out *transcript.Log, items []int, consumers int) {
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
	out.Check("every item was received exactly once", queueSame(received, items), true)
}

// queueForms puts and gets in the three ways: waiting, not waiting, and waiting for a time.
func queueForms(main *threading.Thread, out *transcript.Log) error {
	ctx := context.WithoutCancel(main) // nothing here takes long enough to be called off
	queue := threading.NewQueue[string]("small queue", 1)
	out.Note("Put waits while the queue is full and Get while it is empty, unless they are told not to, or not for long.")

	err1 := queue.Put(ctx, "first")
	atOnce, inTime := queue.TryPut("second"), queue.PutTimeout(ctx, "second", 10*time.Millisecond)
	out.Printf("at once: %v; within 10 ms: %v", atOnce, inTime)
	out.Check("a full queue is ErrFull", errors.Is(atOnce, threading.ErrFull) && errors.Is(inTime, threading.ErrFull), true)

	putter := threading.NewThread(ctx, func(t *threading.Thread) error {
		err := queue.Put(t, "second")
		out.Actor("putter").Printf("put second as soon as there was room")
		return err
	}, threading.WithName("putter"))
	err2 := putter.Start()
	out.Printf("get, which makes room")
	first, err3 := queue.Get(ctx)
	err4 := putter.Join(ctx)
	second, err5 := queue.Get(ctx)
	out.Printf("got %s, then %s", first, second)

	_, atOnce = queue.TryGet()
	_, inTime = queue.GetTimeout(ctx, 10*time.Millisecond)
	out.Printf("at once: %v; within 10 ms: %v", atOnce, inTime)
	out.Check("an empty queue is ErrEmpty", errors.Is(atOnce, threading.ErrEmpty) && errors.Is(inTime, threading.ErrEmpty), true)
	return errors.Join(err1, err2, err3, err4, err5)
}

// queueSame reports whether a and b hold the same items equally often.
func queueSame(a, b []int) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
