package ch2

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var semaphoreWrong = []catalog.Wrong{
	{Name: "s1-s2", Title: "takes the mutex s2 before it waits for the item s1", Run: waitWithMutex},
	{Name: "lost-permit", Title: "leaves by an early return, and keeps its place", Run: losePermit},
}

// waitWithMutex has a consumer wait for an item in s1 while it holds s2, which the producer needs to make one.
func waitWithMutex(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	s1, err1 := threading.NewSemaphore("s1", 0) // items
	s2, err2 := threading.NewSemaphore("s2", 1) // mutex
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	var items []int
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		err := threading.With(t, s2, func() error {
			items = append(items, 1)
			out.Actor("producer").Printf("producer has put an item")
			return nil
		})
		return errors.Join(err, s1.Release(t))
	}, threading.WithName("producer"))
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		return threading.With(t, s2, func() error {
			if err := s1.Acquire(t); err != nil {
				return err
			}
			items = items[1:]
			out.Actor("consumer").Printf("consumer has taken it")
			return nil
		})
	}, threading.WithName("consumer"))
	return threading.Run(main, producer, consumer)
}

// losePermit has two guests enter a room with one place, unless the room has been closed before.
func losePermit(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	room, err := threading.NewSemaphore("room", 1)
	if err != nil {
		return err
	}
	closed := make(chan struct{})
	visit := func(t *threading.Thread) error {
		if err := room.Acquire(t); err != nil {
			return err
		}
		select {
		case <-closed:
			return nil
		default:
		}
		out.Actor(t.Name()).Printf("%s is inside", t.Name())
		return room.Release(t)
	}
	janitor := func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		out.Actor("janitor").Printf("janitor closes the room")
		close(closed)
		return nil
	}
	return threading.Run(main,
		threading.NewThread(main, visit, threading.WithName("guest 1")),
		threading.NewThread(main, visit, threading.WithName("guest 2")),
		threading.NewThread(main, janitor, threading.WithName("janitor")),
	)
}
