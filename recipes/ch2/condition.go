package ch2

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

// A buffer with room for a few items makes its producer wait while it is full and its consumer while it is empty.

// # With a condition

// A stock is a buffer of which only the number of items matters.
type stock struct {
	mu                    sync.Mutex
	changed               *sync.Cond // an item came or went, or the run is to end
	items, most, capacity int
}

func (s *stock) put(ctx context.Context, producer transcript.Actor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.items == s.capacity && ctx.Err() == nil {
		producer.Printf("Producer notify : items produced are %d", s.items)
		producer.Printf("Producer notify : stop the production!!")
		s.changed.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.items++
	s.most = max(s.most, s.items)
	producer.Printf("Producer notify : total items produced %d", s.items)
	s.changed.Broadcast() // with several of each kind a Signal could wake another producer, and no consumer
	return nil
}

func (s *stock) take(ctx context.Context, consumer transcript.Actor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.items == 0 && ctx.Err() == nil {
		consumer.Printf("Consumer notify : no item to consume")
		s.changed.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.items--
	consumer.Printf("Consumer notify : consumed 1 item")
	consumer.Printf("Consumer notify : items to consume are %d", s.items)
	s.changed.Broadcast()
	return nil
}

func produceAndConsume(ctx context.Context, out *transcript.Log, items, capacity int) error {
	s := &stock{capacity: capacity}
	s.changed = sync.NewCond(&s.mu)
	both, ctx := errgroup.WithContext(ctx) // an error in one ends the other
	// A wait at a sync.Cond does not end with its context. So the end of the context wakes both, as a change does.
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	work := func(pause time.Duration, name string, step func(context.Context, transcript.Actor) error) func() error {
		return func() error {
			for range items {
				if err := out.Sleep(ctx, pause); err != nil {
					return err
				}
				if err := step(ctx, out.Actor(name)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out.Note("Both call Wait with the lock held: Wait releases it while it waits, and takes it again before it returns.")
	both.Go(work(1*time.Second, "producer", s.put))
	both.Go(work(2*time.Second, "consumer", s.take))
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("%d items are left", s.items)
	out.Check("all that was produced is consumed", s.items, 0)
	out.Check("the buffer never held more than it can", s.most <= capacity, true)
	return nil
}

// # Why the wait stands in a loop

// wakeTwoForOneItem has two consumers wait and notifies both of a single item: the first takes it away from the second.
func wakeTwoForOneItem(main *threading.Thread, out *transcript.Log, loop bool) error {
	buffer := threading.NewCondition(threading.NewLock("buffer"))
	var items []int
	waits := make(chan struct{}, 3) // a consumer that sent here is in Wait once the lock is free
	consumer := func(t *threading.Thread) error {
		say := out.Actor(t.Name())
		return threading.With(t, buffer, func() error {
			for len(items) == 0 {
				say.Printf("%s finds no item and waits", t.Name())
				waits <- struct{}{}
				if err := buffer.Wait(t); err != nil {
					return err
				}
				if !loop {
					break // an if does not look again
				}
			}
			items = items[:len(items)-1]
			say.Printf("%s takes the item", t.Name())
			return nil
		})
	}
	oneWaits := func() error {
		select {
		case <-waits:
		case <-main.Done():
		}
		return context.Cause(main)
	}
	put := func() error {
		return threading.With(main, buffer, func() error {
			out.Printf("main puts 1 item and notifies all")
			items = append(items, 1)
			return buffer.NotifyAll(main)
		})
	}
	first := threading.NewThread(main, consumer, threading.WithName("consumer 1"))
	second := threading.NewThread(main, consumer, threading.WithName("consumer 2"))
	steps := []func() error{first.Start, oneWaits, second.Start, oneWaits, put}
	if loop {
		steps = append(steps, oneWaits, put)
	}
	var err error
	for i := 0; i < len(steps) && err == nil; i++ {
		err = steps[i]()
	}
	theirEnd := context.WithoutCancel(main) // if main is told to end, so are they; wait for them even then
	err = errors.Join(err, first.Join(theirEnd))
	fault := second.Join(theirEnd)
	if panicked, ok := errors.AsType[*threading.PanicError](fault); ok && !loop {
		out.Printf("%v", panicked)
		out.Check("with an if one takes from an empty buffer", panicked.Thread, "consumer 2")
		return err
	}
	if err := errors.Join(err, fault); err != nil {
		return err
	}
	out.Check("with a loop each takes an item that is there", len(items), 0)
	return nil
}

var condition = catalog.Recipe{
	ID: "ch2.condition", Section: "2.9", Title: "Wait until a buffer has an item, or room for one",
	Python: "threading.Condition", Go: "sync.Cond, threading.Condition",
	New: func(f *pflag.FlagSet) catalog.Run {
		items := catalog.Int(f, "items", 20, 1, 100_000, "items to produce and to consume")
		capacity := catalog.Int(f, "capacity", 10, 1, 100_000, "items that the buffer can hold")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := produceAndConsume(ctx, out, *items, *capacity); err != nil {
				return err
			}
			main := threading.Main(ctx)
			out.Printf("two consumers, one item, and an if around the wait")
			out.Note("Both are woken, the second when the first has left. The item is gone then, and an if does not look again.")
			if err := wakeTwoForOneItem(main, out, false); err != nil {
				return err
			}
			out.Printf("two consumers, one item, and a loop around the wait")
			return wakeTwoForOneItem(main, out, true)
		}
	},
	Wrong: conditionWrong,
	Bare:  conditionBare,
}
