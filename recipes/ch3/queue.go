package ch3

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A producer hands numbers to a consumer in another process, and Close tells the consumer that no more will come.

// # A producer and a consumer

var produce = process.Register("ch3.producer", func(ctx context.Context, task supply) (struct{}, error) {
	name := process.Current(ctx).Name()
	me := process.Log(ctx).Actor(name)
	random := me.Rand()
	for range task.Items {
		item := random.IntN(257)
		if err := task.Queue.Put(ctx, item); err != nil {
			return struct{}{}, err
		}
		me.Printf("Process Producer : item %d appended to queue %s", item, name)
		if err := process.Log(ctx).Sleep(ctx, time.Second); err != nil {
			return struct{}{}, err
		}
		me.Printf("The size of queue is %d", task.Queue.Len())
	}
	return struct{}{}, task.Queue.Close() // tells the consumer that nothing more will come
})

// consumeAll takes items until the queue says that there will be no more, and returns how many.
var consumeAll = process.Register("ch3.consumer", func(ctx context.Context, task supply) (int, error) {
	name := process.Current(ctx).Name()
	me := process.Log(ctx).Actor(name)
	for n := 0; ; n++ {
		if err := process.Log(ctx).Sleep(ctx, 2*time.Second); err != nil {
			return n, err
		}
		item, err := task.Queue.Get(ctx)
		if errors.Is(err, process.ErrClosed) {
			me.Printf("the queue is empty and closed")
			return n, nil
		} else if err != nil {
			return n, err
		}
		me.Printf("Process Consumer : item %d popped from by %s", item, name)
		if err := process.Log(ctx).Sleep(ctx, time.Second); err != nil {
			return n, err
		}
	}
})

// supply is the argument of a producer or a consumer. The queue that arrives in the other process is the same queue.
type supply struct {
	Queue *process.Queue[int]
	Items int
}

// # Taking empty for the end

// consumeHastily is the book's: it ends as soon as it finds the queue empty.
var consumeHastily = process.Register("ch3.hasty_consumer", func(ctx context.Context, task supply) (int, error) {
	n := 0
	for ; task.Queue.Len() > 0; n++ {
		if _, err := task.Queue.Get(ctx); err != nil {
			return n, err
		}
	}
	process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("the queue is empty")
	return n, nil
})

// # Anything but a number

// sendOrder sends a value with a slice and a map to another process, which changes its copy and sends that back.
func sendOrder(ctx context.Context, out *transcript.Log, g *process.Group) error {
	there, err1 := process.NewQueue[order](g, "there", 1, process.WithRoom(64<<10)) // bytes: an order has no fixed size
	back, err2 := process.NewQueue[order](g, "back", 1)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	sent := order{"Rashmi", "", []string{"Go", "Python"}, map[string]float64{"Go": 37, "Python": 42}}
	if err := there.Put(ctx, sent); err != nil {
		return err
	}
	clerk := process.New(g, returnOrder, [2]*process.Queue[order]{there, back}, process.WithName("clerk"))
	if err := runAll(ctx, clerk); err != nil {
		return err
	}
	returned, err := back.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("an order went to another process and came back: %v", returned)
	out.Check("ours is as it was: the other had a copy", sent.Books, []string{"Go", "Python"})
	return nil
}

// returnOrder signs an order, turns its books around, and sends it back.
var returnOrder = process.Register("ch3.returner", func(ctx context.Context, q [2]*process.Queue[order]) (struct{}, error) {
	got, err := q[0].Get(ctx)
	if err != nil {
		return struct{}{}, err
	}
	got.Clerk = process.Current(ctx).Name()
	slices.Reverse(got.Books)
	return struct{}{}, q[1].Put(ctx, got)
})

// An order is an item that is not a number.
type order struct {
	Customer, Clerk string // the clerk is the process that returns it
	Books           []string
	Prices          map[string]float64
}

// # The run

func moveItems(ctx context.Context, out *transcript.Log, items, capacity int) (err error) {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	numbers, err := process.NewQueue[int](g, "numbers", capacity)
	if err != nil {
		return err
	}
	task := supply{numbers, items}
	out.Note("The book's consumer ends when it finds the queue empty. This one runs before the producer has begun.")
	hasty := process.New(g, consumeHastily, task, process.WithName("hasty"))
	if err := runAll(ctx, hasty); err != nil {
		return err
	}
	taken, err := process.Result[int](hasty)
	if err != nil {
		return err
	}
	out.Printf("it took %d of %d items", taken, items)
	out.Check("a consumer that takes empty for the end gets nothing", taken, 0)
	out.Note("Empty means: not yet. Closed and empty means: never again. So the producer closes the queue.")
	consumer := process.New(g, consumeAll, task, process.WithName("consumer-2"))
	if err := runAll(ctx, process.New(g, produce, task, process.WithName("producer-1")), consumer); err != nil {
		return err
	}
	if taken, err = process.Result[int](consumer); err != nil {
		return err
	}
	out.Printf("it took %d of %d items", taken, items)
	out.Check("a consumer that waits for the end gets every item", taken, items)
	return sendOrder(ctx, out, g)
}

// runAll starts the processes and waits for all of them.
func runAll(ctx context.Context, all ...*process.Process) error {
	for _, p := range all {
		if err := p.Start(); err != nil {
			return err
		}
	}
	for _, p := range all {
		if err := errors.Join(p.Join(ctx), p.Err()); err != nil {
			return err
		}
	}
	return nil
}

var queue = catalog.Recipe{
	ID: "ch3.queue", Section: "3.7.1", Title: "Hand items to another process through a Queue",
	Python: "multiprocessing.Queue", Go: "process.Queue",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory},
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 10, 1, 10_000, "numbers that the producer makes")
		capacity := catalog.Int(f, "capacity", 0, 0, 10_000, "numbers that the queue has room for; 0 stands for 1024")
		return func(ctx context.Context, out *transcript.Log) error { return moveItems(ctx, out, *items, *capacity) }
	},
	Wrong: queueWrong,
	Bare:  queueBare,
}
