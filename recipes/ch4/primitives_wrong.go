package ch4

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var primitivesWrong = []catalog.Wrong{
	{Name: "lost-update", Title: "reads, awaits, and then writes", Run: awaitBetweenReadAndWrite},
	{Name: "lock-over-await", Title: "holds a lock of threads while it awaits", Run: awaitWithThreadLock},
}

// receive has two visitors come, each a task, one much later than the other. A visitor waits by calling wait.
func receive(ctx context.Context, out *transcript.Log, visitor func(t *async.Task, wait func() error) error) error {
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	pause := func(ctx context.Context, d time.Duration) (any, error) { return nil, out.Sleep(ctx, d) }
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		return nil, async.Group(main, func(g *async.TaskGroup) error {
			for i := range 2 {
				async.CreateTask(g, func(t *async.Task) (any, error) {
					if _, err := executor.RunInExecutor(t, pool, pause, time.Duration(5*i)*time.Second); err != nil {
						return nil, err
					}
					return nil, visitor(t, func() error {
						_, err := executor.RunInExecutor(t, pool, pause, time.Second)
						return err
					})
				}, async.WithName(fmt.Sprintf("task %d", i+1)))
			}
			return nil
		})
	})
	return err
}

// awaitBetweenReadAndWrite counts the visitors. Between the read and the write another task may run.
func awaitBetweenReadAndWrite(ctx context.Context, out *transcript.Log) error {
	visitors := 0
	err := receive(ctx, out, func(t *async.Task, wait func() error) error {
		before := visitors
		if err := wait(); err != nil {
			return err
		}
		visitors = before + 1
		meeting{out: out}.say(t, "is counted")
		return nil
	})
	if err != nil {
		return err
	}
	out.Check("visitors that were counted", visitors, 2)
	return nil
}

// awaitWithThreadLock keeps one visitor out while another one is in the room, with a lock that blocks the thread.
func awaitWithThreadLock(ctx context.Context, out *transcript.Log) error {
	thread, room := threading.Main(ctx), threading.NewLock("room")
	return receive(ctx, out, func(t *async.Task, wait func() error) error {
		if err := room.Acquire(thread); err != nil { // blocks the loop, and the task that would release the lock
			return err
		}
		meeting{out: out}.say(t, "is in the room")
		return errors.Join(wait(), room.Release(thread))
	})
}
