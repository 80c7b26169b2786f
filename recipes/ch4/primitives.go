package ch4

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// meeting is n tasks that wait for each other, and main, the task that starts them. Each method shows one primitive.
type meeting struct {
	out  *transcript.Log
	main *async.Task
	n    int
}

func (m meeting) lock() error {
	lock := async.NewLock("desk")
	lock.TryAcquire(m.main) // does not wait: the lock is free
	join, err := m.start(func(t *async.Task) error {
		if err := lock.Acquire(t); err != nil {
			return err
		}
		defer lock.Release()
		m.say(t, "has the lock")
		return t.Sleep(time.Second) // while it sleeps the other tasks run, but none of them gets the lock
	})
	if err != nil {
		return err
	}
	m.out.Printf("main releases the lock and wants it again")
	m.out.Note("A lock goes to the task that has waited longest. So main comes last.")
	begun := m.main.Loop().Time()
	lock.Release()
	m.out.Check("a released lock belongs to the next task at once", lock.Owner().Name(), "task 1")
	m.out.Check("no other task can take it before that task", lock.TryAcquire(m.main), false)
	if err := lock.Acquire(m.main); err != nil {
		return err
	}
	m.out.Printf("main has the lock")
	m.out.Check("before main each task had it, for a second", m.main.Loop().Time()-begun, time.Duration(m.n)*time.Second)
	lock.Release()
	return join()
}

func (m meeting) event() error {
	event := async.NewEvent("start")
	join, err := m.start(func(t *async.Task) error {
		if err := event.Wait(t); err != nil {
			return err
		}
		m.say(t, "goes on")
		return nil
	})
	if err != nil {
		return err
	}
	m.out.Printf("main sets the event and clears it")
	m.out.Note("Set wakes every task that waits, even if the event is cleared before they run.")
	event.Set()
	event.Clear()
	m.out.Check("the event is clear before a task goes on", event.IsSet(), false)
	return join()
}

func (m meeting) semaphore() error {
	room, _ := async.NewSemaphore("room", 2) // the error is for a number below 0
	m.out.Printf("main opens a room for two")
	m.out.Note("A semaphore of 2 lets two tasks in. Another one enters when one of them leaves.")
	inside, most := 0, 0 // plain numbers, because no other task runs between two waits
	join, err := m.start(func(t *async.Task) error {
		if err := room.Acquire(t); err != nil {
			return err
		}
		defer room.Release()
		inside++
		defer func() { inside-- }()
		most = max(most, inside)
		m.say(t, "is in the room")
		return t.Sleep(time.Second)
	})
	if err != nil {
		return err
	}
	m.out.Check("there is no third place", room.TryAcquire(), false)
	if err := join(); err != nil {
		return err
	}
	m.out.Check("the most tasks that were in the room", most, 2)
	m.out.Check("both places are free again", room.Value(), 2)
	return nil
}

func (m meeting) queue() error {
	queue, _ := async.NewQueue[int]("jobs", 2)
	job, done := 1, 0
	for queue.TryPut(job) == nil { // TryPut does not wait: it fails when the queue is full
		job++
	}
	m.out.Printf("main finds no place for job %d", job)
	join, err := m.start(func(t *async.Task) error {
		for {
			job, err := queue.Get(t)
			if errors.Is(err, async.ErrClosed) {
				return nil // no job is left, and none will come
			}
			if err != nil {
				return err
			}
			if err := t.Sleep(time.Second); err != nil {
				return err
			}
			m.say(t, "has done job %d", job)
			done++
			queue.TaskDone()
		}
	})
	for ; err == nil && job <= 2*m.n; job++ {
		err = queue.Put(m.main, job) // waits until a worker has made room
	}
	if err == nil {
		err = queue.Join(m.main)
	}
	if err != nil {
		return err
	}
	m.out.Printf("main knows that all jobs are done")
	m.out.Note("Join returns after the last TaskDone. The queue was empty before that.")
	m.out.Check("jobs done when Join returns", done, 2*m.n)
	m.out.Check("jobs left in the queue", queue.Len(), 0)
	queue.Close() // ends the workers
	return join()
}

// start makes task 1 to task n and lets each run to its first wait. The function it returns waits until all have ended.
func (m meeting) start(body func(t *async.Task) error) (join func() error, err error) {
	all := make([]async.Awaitable[any], m.n)
	for i := range all {
		all[i] = async.CreateTask(m.main, func(t *async.Task) (any, error) { return nil, body(t) },
			async.WithName(fmt.Sprintf("task %d", i+1)))
	}
	join = func() error {
		_, err := async.Await(m.main, async.Gather(m.main, all...))
		return err
	}
	return join, m.main.Sleep(0) // one turn of the loop
}

func (m meeting) say(t *async.Task, format string, args ...any) {
	m.out.Actor(t.Name()).Printf(t.Name()+" "+format, args...)
}

func meet(ctx context.Context, out *transcript.Log, n int) error {
	_, err := async.Run(ctx, func(main *async.Task) (any, error) {
		m := meeting{out, main, n}
		for _, show := range []func() error{m.lock, m.event, m.semaphore, m.queue} {
			if err := show(); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}, async.WithPace(out.Sleep))
	return err
}

var primitives = catalog.Recipe{
	ID: "ch4.primitives", Section: "4.5", Title: "Let tasks wait for each other",
	Python: "asyncio.Lock, Event, Semaphore, Queue", Go: "async.Lock, Event, Semaphore, Queue",
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "tasks", 3, 2, 100, "tasks that wait for each primitive")
		return func(ctx context.Context, out *transcript.Log) error { return meet(ctx, out, *n) }
	},
	Wrong: primitivesWrong,
	Bare:  primitivesBare,
}
