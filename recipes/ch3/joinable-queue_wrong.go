package ch3

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var joinableQueueWrong = []catalog.Wrong{
	{Name: "missing-task-done", Title: "skips an item, and does not mark it as done", Run: skipTaskDone},
	{Name: "task-done-first", Title: "marks an item as done, and then does it", Run: taskDoneFirst},
}

// joinItems puts three items, starts a consumer, and waits until all items are done.
func joinItems(ctx context.Context, out *transcript.Log, c consumer) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	queue, err := process.NewJoinableQueue[int](g, "queue", 0)
	if err != nil {
		return err
	}
	p := process.New(g, c, queue, process.WithName("consumer"))
	if err := p.Start(); err != nil {
		return err
	}
	for item := range 3 {
		if err := queue.Put(ctx, item); err != nil {
			return err
		}
	}
	if err := out.Sleep(ctx, 10*time.Second); err != nil { // meanwhile main does something else
		return err
	}
	if err := queue.Join(ctx); err != nil {
		return err
	}
	out.Printf("joined: all items are done")
	return errors.Join(queue.Close(), p.Join(ctx), p.Err())
}

// A consumer takes items until the queue is closed.
type consumer func(context.Context, *process.JoinableQueue[int]) (struct{}, error)

func skipTaskDone(ctx context.Context, out *transcript.Log) error {
	return joinItems(ctx, out, skipOdd)
}

// skipOdd goes on to the next item where there is nothing to do, and does not mark the item as done.
var skipOdd = process.Register("ch3.skip_odd", func(ctx context.Context, q *process.JoinableQueue[int]) (struct{}, error) {
	me := process.Log(ctx).Actor("consumer")
	for {
		item, err := q.Get(ctx)
		if errors.Is(err, process.ErrClosed) {
			return struct{}{}, nil
		} else if err != nil {
			return struct{}{}, err
		}
		if item%2 == 1 {
			me.Printf("item %d is skipped", item)
			continue
		}
		me.Printf("item %d is done", item)
		if err := q.TaskDone(); err != nil {
			return struct{}{}, err
		}
	}
})

func taskDoneFirst(ctx context.Context, out *transcript.Log) error {
	return joinItems(ctx, out, markFirst)
}

// markFirst marks an item as done when it has taken it, and then does it.
var markFirst = process.Register("ch3.mark_first", func(ctx context.Context, q *process.JoinableQueue[int]) (struct{}, error) {
	out := process.Log(ctx)
	for {
		item, err := q.Get(ctx)
		if errors.Is(err, process.ErrClosed) {
			return struct{}{}, nil
		} else if err != nil {
			return struct{}{}, err
		}
		if err := q.TaskDone(); err != nil {
			return struct{}{}, err
		}
		if err := out.Sleep(ctx, time.Second); err != nil {
			return struct{}{}, err
		}
		out.Actor("consumer").Printf("item %d is done", item)
	}
})
