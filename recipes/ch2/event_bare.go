package ch2

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// An event that happens once is a channel that is closed: all that wait go on, and all that come later. One that happens again and again
// is a channel with room for one value. It keeps the pulse until the other looks, so none is lost.

// inbox is a list with such an event, for one reader.
type inbox struct {
	mu      sync.Mutex
	items   []int
	changed chan struct{}
}

func newInbox() *inbox { return &inbox{changed: make(chan struct{}, 1)} }

func (b *inbox) put(item int) {
	b.mu.Lock()
	b.items = append(b.items, item)
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default: // the last pulse has not been seen yet, and serves for this item, too
	}
}

// take waits until there are items, and returns all of them.
func (b *inbox) take(ctx context.Context) ([]int, error) {
	for {
		b.mu.Lock()
		items := b.items
		b.items = nil
		b.mu.Unlock()
		if len(items) > 0 {
			return items, nil
		}
		select { // a pulse that came since the look is still there
		case <-b.changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// setOnce has three runners wait for an event that happens once.
func setOnce(out *transcript.Log) {
	event := make(chan struct{})
	var runners sync.WaitGroup
	for n := range 3 {
		runners.Go(func() {
			<-event
			out.Actor(fmt.Sprintf("runner %d", n+1)).Printf("runner %d goes on", n+1)
		})
	}
	out.Printf("main sets the event")
	close(event)
	runners.Wait()
}

// setAgain has a producer set the event after each item. The consumer looks into the list before it waits.
func setAgain(ctx context.Context, out *transcript.Log, items int) error {
	list := newInbox()
	var appended, popped []int
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		for item := range items {
			if err := out.Sleep(ctx, 2*time.Second); err != nil {
				return err
			}
			out.Actor("producer").Printf("Producer notify : item N° %d appended to list", item)
			appended = append(appended, item)
			list.put(item)
		}
		return nil
	})
	both.Go(func() error {
		for len(popped) < items {
			fresh, err := list.take(ctx)
			if err != nil {
				return err
			}
			for _, item := range fresh {
				out.Actor("consumer").Printf("Consumer notify : %d popped from list", item)
			}
			popped = append(popped, fresh...)
		}
		return nil
	})
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("%d items appended, %d popped", len(appended), len(popped))
	out.Check("every item was popped exactly once, in order", popped, appended)
	return nil
}

func eventBare(ctx context.Context, out *transcript.Log) error {
	setOnce(out)
	return setAgain(ctx, out, 4)
}
