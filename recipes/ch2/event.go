package ch2

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// An event tells waiting threads that something has happened. In Go it is a channel: to close it is to set it.

// # With a channel

// An eventList is a list with an event. The event is a channel: it is closed to set it, and replaced to clear it.
type eventList struct {
	mu      sync.Mutex
	items   []int
	ended   bool
	changed chan struct{}
}

// change lets f change the list, sets the event and clears it.
func (l *eventList) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.changed)
	l.changed = make(chan struct{})
}

// pop looks at the list and takes the present channel in one step, so that no change falls between its look and its wait.
func (l *eventList) pop(ctx context.Context) (item int, ok bool, err error) {
	for {
		l.mu.Lock()
		changed, ended := l.changed, l.ended
		if len(l.items) > 0 {
			item, ok, l.items = l.items[0], true, l.items[1:]
		}
		l.mu.Unlock()
		if ok || ended {
			return item, ok, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, false, context.Cause(ctx)
		}
	}
}

// consumeAll is the book's program without its faults.
func consumeAll(main *threading.Thread, out *transcript.Log, items int) error {
	list := eventList{changed: make(chan struct{})}
	var appended, popped []int
	producer := threading.NewThread(main, func(t *threading.Thread) error {
		defer list.change(func() { list.ended = true })
		return produceAndPulse(t, out, items, func(item int) {
			appended = append(appended, item)
			list.change(func() { list.items = append(list.items, item) })
		})
	})
	consumer := threading.NewThread(main, func(t *threading.Thread) error {
		for {
			if err := out.Sleep(t, 2*time.Second); err != nil {
				return err
			}
			item, ok, err := list.pop(t)
			if err != nil || !ok {
				return err
			}
			popped = append(popped, item)
			out.Actor(t.Name()).Printf("Consumer notify : %d popped from list by %s", item, t)
		}
	})
	out.Note("The consumer looks before it waits. It then waits for the event that was there when it looked.")
	if err := threading.Run(main, producer, consumer); err != nil {
		return err
	}
	out.Printf("%d items appended, %d popped", len(appended), len(popped))
	out.Check("every item was popped exactly once, in order", slices.Equal(popped, appended), true)
	return nil
}

// produceAndPulse makes a random item every two seconds; pulse appends it, sets the event and clears it.
func produceAndPulse(t *threading.Thread, out *transcript.Log, items int, pulse func(item int)) error {
	say, random := out.Actor(t.Name()).Printf, out.Actor(t.Name()).Rand()
	for range items {
		if err := out.Sleep(t, 2*time.Second); err != nil {
			return err
		}
		item := random.IntN(257)
		say("Producer notify : item N° %d appended to list by %s", item, t)
		say("Producer notify : event set by %s", t)
		pulse(item)
		say("Producer notify : event cleared by %s", t)
	}
	return nil
}

// # With an Event, as in the book

// pulseAsInBook is the book's program without the consumer's pause. Its turns are arranged so that its two faults show.
func pulseAsInBook(main *threading.Thread, out *transcript.Log, items int) error {
	event := threading.NewEvent("event")
	errEmpty := errors.New("pop from an empty list")
	var list []int // Start, Join or Set stands between one thread's use and the other's
	consumer := func(t *threading.Thread) error {
		for {
			if err := event.Wait(t); err != nil {
				return err
			}
			if len(list) == 0 {
				return errEmpty
			}
			out.Actor(t.Name()).Printf("Consumer notify : %d popped from list by %s", list[len(list)-1], t)
			list = list[:len(list)-1]
		}
	}
	produce := func(count int, beforeClear func()) error {
		return threading.Run(main, threading.NewThread(main, func(t *threading.Thread) error {
			return produceAndPulse(t, out, count, func(item int) {
				list = append(list, item)
				event.Set()
				beforeClear()
				event.Clear()
			})
		}))
	}
	out.Note("A pulse reaches only threads that wait when it comes. This consumer sleeps until all pulses are over.")
	if err := produce(items, func() {}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(main, 10*time.Millisecond, errors.New("called off, or it would wait without end"))
	defer cancel()
	out.Printf("Thread-2: %v", threading.Run(main, threading.NewThread(ctx, consumer)))
	out.Check("items left behind by pulses that nobody saw", len(list), items)
	out.Note("While an event is set no thread waits for it. This consumer pops twice before the event is cleared.")
	list = nil
	return produce(1, func() {
		end := threading.Run(main, threading.NewThread(main, consumer))
		out.Printf("Thread-4: %v", end)
		out.Check("the second pop found an empty list", errors.Is(end, errEmpty), true)
	})
}

var event = catalog.Recipe{
	ID: "ch2.event", Section: "2.10", Title: "Tell a waiting thread with an Event",
	Python: "threading.Event", Go: "close(chan), threading.Event",
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 10, 1, 100_000, "items to append, one every two seconds; the book has 100")
		book := f.Bool("book", false, "run the book's program and force its faults")
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			if *book {
				return pulseAsInBook(main, out, *items)
			}
			return consumeAll(main, out, *items)
		}
	},
	Wrong: eventWrong,
	Bare:  eventBare,
}
