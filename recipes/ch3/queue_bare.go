package ch3

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A producer hands numbers to a consumer in another goroutine, and close tells the consumer that no more will come.

// takeHastily takes what is there, and takes an empty channel for the end.
func takeHastily(numbers <-chan int) (taken int) {
	for {
		select {
		case _, open := <-numbers:
			if !open {
				return taken
			}
			taken++
		default:
			return taken
		}
	}
}

func produceNumbers(ctx context.Context, out *transcript.Log, numbers chan<- int, items int) error {
	defer close(numbers) // only the sender closes
	for range items {
		item := rand.IntN(257)
		out.Actor("producer").Printf("Producer : item %d appended to queue", item)
		select {
		case numbers <- item: // waits while the channel is full
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := out.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

func consumeNumbers(ctx context.Context, out *transcript.Log, numbers <-chan int) (taken int, err error) {
	for item := range numbers { // ends when the channel is closed and empty
		out.Actor("consumer").Printf("Consumer : item %d popped from queue", item)
		taken++
		if err := out.Sleep(ctx, time.Second); err != nil {
			return taken, err
		}
	}
	out.Actor("consumer").Printf("the queue is empty and closed")
	return taken, nil
}

// A parcel is more than a number: a channel copies it, but not what its slice and its map refer to.
type parcel struct {
	customer string
	books    []string
	prices   map[string]float64
}

func (p parcel) clone() parcel {
	return parcel{p.customer, slices.Clone(p.books), maps.Clone(p.prices)}
}

// sendParcel lets another goroutine turn the books of a parcel around, and returns them as they are here after that.
func sendParcel(send func(parcel) parcel) []string {
	ours := parcel{"Rashmi", []string{"Go", "Python"}, map[string]float64{"Go": 37, "Python": 42}}
	there, back := make(chan parcel), make(chan struct{})
	go func() {
		defer close(back)
		slices.Reverse((<-there).books)
	}()
	there <- send(ours)
	<-back
	return ours.books
}

func queueBare(ctx context.Context, out *transcript.Log) error {
	const items = 10
	numbers := make(chan int, items)
	taken := takeHastily(numbers)
	out.Printf("the hasty consumer took %d of %d items", taken, items)
	out.Check("a consumer that takes empty for the end gets nothing", taken, 0)

	out.Note("Empty means: not yet. Closed and empty means: never again. So the producer closes the queue.")
	both, group := errgroup.WithContext(ctx)
	both.Go(func() error { return produceNumbers(group, out, numbers, items) })
	both.Go(func() (err error) { taken, err = consumeNumbers(group, out, numbers); return err })
	if err := both.Wait(); err != nil {
		return err
	}
	out.Printf("the other one took %d of %d items", taken, items)
	out.Check("a consumer that waits for the end gets every item", taken, items)

	out.Note("Between goroutines nothing is copied deeply. What is sent belongs to the receiver. To keep it, send a clone.")
	shared, kept := sendParcel(func(p parcel) parcel { return p }), sendParcel(parcel.clone)
	out.Printf("books after the other has reversed them: %v, and of a clone: %v", shared, kept)
	out.Check("the slice itself was shared", shared, []string{"Python", "Go"})
	out.Check("a clone leaves ours as it is", kept, []string{"Go", "Python"})
	return nil
}
