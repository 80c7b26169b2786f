package ch3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Main waits until every item of a queue is done: not until the queue is empty, and not until the consumers end.

// # Waiting for the work

// joinWork hands the items to several processes and waits for the work, not for the processes.
func joinWork(ctx context.Context, out *transcript.Log, g *process.Group, items, consumers int) error {
	queue, err1 := process.NewJoinableQueue[int](g, "queue", 0)
	done, err2 := process.NewValue[int64](g, 0)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	t := toConsume{Queue: queue, Done: done}
	started, put := make([]*process.Process, consumers), make([]int, items)
	for i := range started {
		started[i] = process.New(g, consume, t, process.WithName(fmt.Sprintf("consumer-%d", i+1)))
		if err := started[i].Start(); err != nil {
			return err
		}
	}
	for item := range put {
		put[item] = item
		if err := t.Queue.Put(ctx, item); err != nil {
			return err
		}
	}
	if err := t.Queue.Join(ctx); err != nil {
		return err
	}
	out.Printf("joined: %d of %d items are done", t.Done.Load(), items)
	out.Note("The consumers still wait for more. Close tells them that nothing will come.")
	t.Queue.Close()
	var did []int
	for _, p := range started {
		ended := p.Join(ctx)
		its, err := process.Result[[]int](p)
		if err := errors.Join(ended, err); err != nil {
			return err
		}
		did = append(did, its...)
	}
	out.Check("every item was done once", slices.Equal(slices.Sorted(slices.Values(did)), put), true)
	return nil
}

// consume works on items until the queue is closed and empty, and returns those it has done.
var consume = process.Register("ch3.consume", func(ctx context.Context, t toConsume) (did []int, err error) {
	out := process.Log(ctx)
	for {
		item, err := t.Queue.Get(ctx)
		if errors.Is(err, process.ErrClosed) {
			return did, nil
		} else if err != nil {
			return did, err
		}
		if err := out.Sleep(ctx, time.Second); err != nil {
			return did, err
		}
		out.Actor(process.Current(ctx).Name()).Printf("item %d is done", item)
		did = append(did, item)
		t.Done.Add(1)
		if err := t.Queue.TaskDone(); err != nil { // last of all: from here on Join may return
			return did, err
		}
	}
})

// toConsume names what the processes share. The items are copied; the queue, the number and the events are not.
type toConsume struct {
	Queue         *process.JoinableQueue[int]
	Done          *process.Value[int64]
	Taken, Finish *process.Event
}

// # What Join waits for

// joinTaken shows what Join waits for: not for an empty queue, and not for a process that died.
func joinTaken(ctx context.Context, out *transcript.Log, g *process.Group) error {
	queue, err1 := process.NewJoinableQueue[int](g, "queue", 0)
	taken, err2 := process.NewEvent(g, "taken")
	finish, err3 := process.NewEvent(g, "finish")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	t := toConsume{Queue: queue, Taken: taken, Finish: finish}
	out.Note("An item that was taken is not done yet. The queue is empty now, but Join still waits.")
	if _, err := letTake(ctx, g, t, "slow", 100); err != nil {
		return err
	}
	out.Printf("in the queue: %d, unfinished: %d", t.Queue.Len(), t.Queue.Unfinished())
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	early := t.Queue.Join(short)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("%v", early)
	out.Check("Join waits for an item that was taken", errors.Is(early, context.DeadlineExceeded), true)
	t.Finish.Set()
	if err := t.Queue.Join(ctx); err != nil {
		return err
	}
	out.Printf("joined, unfinished: %d", t.Queue.Unfinished())
	out.Note("No process will mark the item of a dead process as done. Python's join waits for ever, this one tells.")
	unlucky, err := letTake(ctx, g, t, "unlucky", 101)
	if err != nil {
		return err
	}
	if err := unlucky.Kill(); err != nil {
		return err
	}
	lost := t.Queue.Join(ctx)
	out.Printf("%v", lost)
	out.Check("Join tells of an item whose process was killed", errors.Is(lost, process.ErrDied), true)
	tooMany := t.Queue.TaskDone()
	out.Printf("%v", tooMany)
	out.Check("a process that took nothing has nothing to mark as done", errors.Is(tooMany, process.ErrTooManyDone), true)
	return context.Cause(ctx)
}

// letTake puts an item and starts a process. When letTake returns, the process has taken the item.
func letTake(ctx context.Context, g *process.Group, t toConsume, name string, item int) (*process.Process, error) {
	t.Taken.Clear()
	t.Finish.Clear()
	p := process.New(g, hold, t, process.WithName(name))
	if err := p.Start(); err != nil {
		return nil, err
	}
	if err := t.Queue.Put(ctx, item); err != nil {
		return nil, err
	}
	return p, t.Taken.Wait(ctx)
}

// hold takes an item, and marks it as done only after the event Finish.
var hold = process.Register("ch3.hold", func(ctx context.Context, t toConsume) (struct{}, error) {
	out := process.Log(ctx).Actor(process.Current(ctx).Name())
	item, err := t.Queue.Get(ctx)
	if err != nil {
		return struct{}{}, err
	}
	out.Printf("item %d is taken", item)
	t.Taken.Set()
	if err := t.Finish.Wait(ctx); err != nil {
		return struct{}{}, err
	}
	out.Printf("item %d is done", item)
	return struct{}{}, t.Queue.TaskDone()
})

var joinableQueue = catalog.Recipe{
	ID: "ch3.joinable-queue", Section: "3.7.4", Title: "Wait until every item of a queue is done",
	Python: "multiprocessing.JoinableQueue", Go: "process.JoinableQueue, TaskDone, Join",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory},
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 10, 0, 1000, "items to put into the queue")
		consumers := catalog.Int(f, "consumers", 3, 1, 50, "processes that take them, one second each")
		return func(ctx context.Context, out *transcript.Log) (err error) {
			g, err := process.NewGroup(ctx, process.WithLog(out))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, g.Close()) }()
			if err := joinWork(ctx, out, g, *items, *consumers); err != nil {
				return err
			}
			return joinTaken(ctx, out, g)
		}
	},
	Wrong: joinableQueueWrong,
	Bare:  joinableQueueBare,
}
