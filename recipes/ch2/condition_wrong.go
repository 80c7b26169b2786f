package ch2

import (
	"context"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var conditionWrong = []catalog.Wrong{
	{Name: "if-around-wait", Title: "has an if around the wait, and no loop", Run: waitOnceIf},
	{Name: "notify-first", Title: "notifies before it changes the state", Run: notifyFirst},
	{Name: "unlocked-look", Title: "looks at the state without the lock", Run: lookUnlocked},
	{Name: "notify-one", Title: "notifies one thread where two wait", Run: notifyOne},
}

// waitOnceIf has two consumers for two items. A consumer that was woken does not look again.
func waitOnceIf(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	buffer := threading.NewCondition(threading.NewLock("buffer"))
	var items []int
	consume := func(t *threading.Thread) error {
		return threading.With(t, buffer, func() error {
			if len(items) == 0 {
				if err := buffer.Wait(t); err != nil {
					return err
				}
			}
			items = items[:len(items)-1]
			out.Actor(t.Name()).Printf("%s takes an item", t.Name())
			return nil
		})
	}
	produce := func(t *threading.Thread) error {
		for range 2 {
			err := threading.With(t, buffer, func() error {
				out.Actor(t.Name()).Printf("%s puts an item", t.Name())
				items = append(items, 1)
				return buffer.Notify(t, 1)
			})
			if err != nil {
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

// notifyFirst has a reader wait until a page is there. The writer notifies it, and writes after that.
func notifyFirst(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	page := threading.NewCondition(threading.NewLock("page"))
	written := false
	writer := threading.NewThread(main, func(t *threading.Thread) error {
		if err := threading.With(t, page, func() error { return page.NotifyAll(t) }); err != nil {
			return err
		}
		out.Actor("writer").Printf("writer has notified")
		return threading.With(t, page, func() error {
			written = true
			return nil
		})
	}, threading.WithName("writer"))
	reader := threading.NewThread(main, func(t *threading.Thread) error {
		if err := out.Sleep(t, time.Second); err != nil {
			return err
		}
		return threading.With(t, page, func() error {
			err := page.WaitUntil(t, func() bool { return written })
			if err == nil {
				out.Actor("reader").Printf("reader has the page")
			}
			return err
		})
	}, threading.WithName("reader"))
	return threading.Run(main, writer, reader)
}

// lookUnlocked has a reader take the lock only if it has to wait.
func lookUnlocked(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	page := threading.NewCondition(threading.NewLock("page"))
	var written atomic.Bool
	reader := threading.NewThread(main, func(t *threading.Thread) error {
		if written.Load() {
			return nil
		}
		out.Actor("reader").Printf("reader has to wait")
		return threading.With(t, page, func() error { return page.Wait(t) })
	}, threading.WithName("reader"))
	writer := threading.NewThread(main, func(t *threading.Thread) error {
		out.Actor("writer").Printf("writer writes")
		return threading.With(t, page, func() error {
			written.Store(true)
			return page.NotifyAll(t)
		})
	}, threading.WithName("writer"))
	return threading.Run(main, reader, writer)
}

// notifyOne has two guests wait for a door, and a host that opens it for one.
func notifyOne(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	door := threading.NewCondition(threading.NewLock("door"))
	open := false
	host := threading.NewThread(main, func(t *threading.Thread) error {
		return threading.With(t, door, func() error {
			out.Actor("host").Printf("host opens the door")
			open = true
			return door.Notify(t, 1)
		})
	}, threading.WithName("host"))
	enter := func(t *threading.Thread) error {
		return threading.With(t, door, func() error {
			err := door.WaitUntil(t, func() bool { return open })
			if err == nil {
				out.Actor(t.Name()).Printf("%s comes in", t.Name())
			}
			return err
		})
	}
	return threading.Run(main, host,
		threading.NewThread(main, enter, threading.WithName("guest 1")),
		threading.NewThread(main, enter, threading.WithName("guest 2")),
	)
}
