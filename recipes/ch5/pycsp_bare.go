package ch5

import (
	"context"
	"errors"
	"strings"
	"sync"

	"cookbook/internal/transcript"
)

// Goroutines that share nothing and speak by channels. A writer ends a channel by closing it. A reader that has enough ends the
// context instead: each goroutine that waits to write or to read looks at both.

// put writes a value to a channel, unless ctx ends.
func put(ctx context.Context, to chan<- int, v int) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// take reads a value from a channel that nobody closes, unless ctx ends.
func take(ctx context.Context, from <-chan int) (v int, ok bool) {
	select {
	case v = <-from:
		return v, true
	case <-ctx.Done():
		return 0, false
	}
}

// share lets all writers write to one channel and all readers read from it, and returns what was read, in a
// channel that is closed.
func share(ctx context.Context, writers, readers, each int) <-chan int {
	c, read := make(chan int), make(chan int, writers*each) // read has room for all
	var writing, reading sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for i := 0; i < each && put(ctx, c, i); i++ {
			}
		})
	}
	for range readers {
		reading.Go(func() {
			for v := range c {
				read <- v
			}
		})
	}
	writing.Wait()
	close(c) // only when all have written is there no more to come, so no writer may close it
	reading.Wait()
	close(read)
	return read
}

// prefer takes a value from the first channel if there is one, else from the second. A select alone would take either.
func prefer(first, second <-chan string) string {
	select {
	case v := <-first:
		return v
	default:
		select {
		case v := <-second:
			return v
		default:
			return "skip"
		}
	}
}

var errEnough = errors.New("the printer has enough")

// stopTheStream is counter → a → squares → b → printer. The counter would count for ever.
func stopTheStream(ctx context.Context, out *transcript.Log) {
	a, b := make(chan int), make(chan int)
	ctx, end := context.WithCancelCause(ctx)
	var network sync.WaitGroup
	network.Go(func() {
		for i := 0; put(ctx, a, i); i++ {
		}
		out.Actor("counter").Printf("counter ends: %v", context.Cause(ctx))
	})
	network.Go(func() {
		for i, ok := take(ctx, a); ok && put(ctx, b, i*i); i, ok = take(ctx, a) {
		}
		out.Actor("squares").Printf("squares ends: %v", context.Cause(ctx))
	})
	for range 3 {
		if square, ok := take(ctx, b); ok {
			out.Actor("printer").Printf("%d", square)
		}
	}
	end(errEnough)
	network.Wait()
}

func pycspBare(ctx context.Context, out *transcript.Log) error {
	countInGo(out.Actor("plain Go"), 5)

	got, sum := share(ctx, 3, 3, 20), 0
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("3 writers, 3 readers: %d values", len(got))
	for v := range got {
		sum += v
	}
	out.Check("every value is read once, and their sum", sum, 3*190)

	urgent, routine := make(chan string, 3), make(chan string, 3)
	for range 3 {
		urgent <- "urgent"
		routine <- "routine"
	}
	var order []string
	for range 7 {
		order = append(order, prefer(urgent, routine))
	}
	out.Printf("by priority: %s", strings.Join(order, " "))
	stopTheStream(ctx, out)
	return context.Cause(ctx)
}
