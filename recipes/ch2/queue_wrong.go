package ch2

import (
	"context"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var queueWrong = []catalog.Wrong{
	{Name: "empty-pop", Title: "looks whether there is an item, and then gets it", Run: lookThenGet},
	{Name: "empty-too-early", Title: "ends when the queue is empty for a moment", Run: endWhenEmpty},
	{Name: "missing-sentinel", Title: "puts a sentinel only for the consumers that have begun", Run: endThoseThatBegan},
}

// lookThenGet has two consumers for one item. Each gets it only if there is one.
func lookThenGet(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	queue := threading.NewQueue[int]("queue", 0)
	if err := queue.Put(main, 7); err != nil {
		return err
	}
	consume := func(t *threading.Thread) error {
		say := out.Actor(t.Name()).Printf
		if queue.Len() == 0 {
			say("%s finds nothing", t.Name())
			return nil
		}
		say("%s finds an item", t.Name())
		_, err := queue.Get(t)
		return err
	}
	err := threading.Run(main,
		threading.NewThread(main, consume, threading.WithName("consumer 1")),
		threading.NewThread(main, consume, threading.WithName("consumer 2")),
	)
	if err != nil {
		return err
	}
	out.Printf("items left in the queue: %d", queue.Len())
	return nil
}

// endWhenEmpty has a consumer take items until there is none.
func endWhenEmpty(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	queue := threading.NewQueue[int]("queue", 0)
	const items = 2
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		for item := range items {
			out.Actor("producer").Printf("producer puts %d", item)
			if err := queue.Put(t, item); err != nil {
				return err
			}
		}
		return nil
	}, threading.WithName("producer"))
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		for item, err := queue.TryGet(); err == nil; item, err = queue.TryGet() {
			out.Actor("consumer").Printf("consumer gets %d", item)
		}
		return nil
	}, threading.WithName("consumer"))
	if err := threading.Run(main, producer, consumer); err != nil {
		return err
	}
	out.Printf("items left in the queue: %d", queue.Len())
	return nil
}

// endThoseThatBegan has the producer put a sentinel into the queue for each consumer that it knows of.
func endThoseThatBegan(ctx context.Context, out *transcript.Log) error {
	const sentinel = -1
	main := threading.Main(ctx)
	queue := threading.NewQueue[int]("queue", 0)
	if err := queue.Put(main, 7); err != nil {
		return err
	}
	var consumers atomic.Int64
	consume := func(t *threading.Thread) error {
		consumers.Add(1)
		for {
			item, err := queue.Get(t)
			if err != nil {
				return err
			}
			if item == sentinel {
				out.Actor(t.Name()).Printf("%s ends", t.Name())
				return nil
			}
		}
	}
	produce := func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		out.Actor("producer").Printf("producer has nothing more to put")
		for range consumers.Load() {
			if err := queue.Put(t, sentinel); err != nil {
				return err
			}
		}
		return nil
	}
	return threading.Run(main,
		threading.NewThread(main, consume, threading.WithName("consumer 1")),
		threading.NewThread(main, consume, threading.WithName("consumer 2")),
		threading.NewThread(main, produce, threading.WithName("producer")),
	)
}
