package ch3

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var queueWrong = []catalog.Wrong{
	{Name: "empty-too-early", Title: "ends when the queue is empty for a moment", Run: stopWhenEmpty},
	{Name: "missing-sentinel", Title: "puts one sentinel for two consumers", Run: putOneSentinel},
}

// stopWhenEmpty takes an empty queue for the end. As long as the producer is faster than the consumer, that goes well.
func stopWhenEmpty(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	numbers, err := process.NewQueue[int](g, "numbers", 0)
	if err != nil {
		return err
	}
	return runAll(ctx,
		process.New(g, putTwo, numbers, process.WithName("producer")),
		process.New(g, takeUntilEmpty, numbers, process.WithName("consumer")))
}

var putTwo = process.Register("ch3.put_two", func(ctx context.Context, q *process.Queue[int]) (struct{}, error) {
	out := process.Log(ctx)
	for number := 1; number <= 2; number++ {
		if err := out.Sleep(ctx, time.Second); err != nil {
			return struct{}{}, err
		}
		out.Actor("producer").Printf("puts %d", number)
		if err := q.Put(ctx, number); err != nil {
			return struct{}{}, err
		}
	}
	return struct{}{}, nil
})

var takeUntilEmpty = process.Register("ch3.take_until_empty", func(ctx context.Context, q *process.Queue[int]) (struct{}, error) {
	out := process.Log(ctx)
	for more := true; more; more = q.Len() > 0 {
		number, err := q.Get(ctx)
		if err != nil {
			return struct{}{}, err
		}
		out.Actor("consumer").Printf("took %d", number)
		if err := out.Sleep(ctx, 2*time.Second); err != nil {
			return struct{}{}, err
		}
	}
	return struct{}{}, nil
})

// putOneSentinel puts one sentinel, as for one consumer. There are two, and the one that does not get it waits without end.
func putOneSentinel(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	numbers, err := process.NewQueue[int](g, "numbers", 0)
	if err != nil {
		return err
	}
	for _, number := range []int{1, 2, sentinel} {
		if err := numbers.Put(ctx, number); err != nil {
			return err
		}
	}
	return runAll(ctx,
		process.New(g, takeUntilSentinel, numbers, process.WithName("consumer-1")),
		process.New(g, takeUntilSentinel, numbers, process.WithName("consumer-2")))
}

const sentinel = -1 // in Python None

var takeUntilSentinel = process.Register("ch3.until_sentinel", func(ctx context.Context, q *process.Queue[int]) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	for {
		number, err := q.Get(ctx)
		if err != nil {
			return struct{}{}, err
		}
		if number == sentinel {
			me.Printf("has come to the end")
			return struct{}{}, nil
		}
		me.Printf("took %d", number)
	}
})
