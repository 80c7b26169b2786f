package ch2

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// A goroutine is started by go and has no handle to join it by. A program that wants to wait for it gives it something to say its end with: a
// channel for one goroutine, a sync.WaitGroup for several, an errgroup.Group if they may fail.

var errOdd = errors.New("an odd number")

func defineBare(ctx context.Context, out *transcript.Log) error {
	const count = 5

	out.Note("A channel that is closed at the end joins one goroutine. The next starts only then, so no two of them run at once.")
	var order []int
	for i := range count {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			out.Actor(fmt.Sprintf("thread %d", i)).Printf("function called by thread %d", i)
			order = append(order, i) // needs no lock: main sees it after the close, and so does the next goroutine
		}()
		<-ended
	}
	out.Check("joined in the loop, the order is the loop's", order, []int{0, 1, 2, 3, 4})

	out.Note("A WaitGroup joins all that were started. They run in any order.")
	var calls [count]int // needs no lock: each goroutine has an element of its own
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			out.Actor(fmt.Sprintf("thread %d", i)).Printf("function called by thread %d", i)
			calls[i]++
		})
	}
	all.Wait()
	out.Check("joined after the loop, every thread has run once", calls, [count]int{1, 1, 1, 1, 1})

	out.Note("An errgroup joins as well, and returns the first error. A goroutine has no name; give it one as an argument.")
	group, ctx := errgroup.WithContext(ctx)
	for i, name := range []string{"Thread-1", "Thread-2", "Thread-3"} {
		group.Go(func() error {
			out.Actor(name).Printf("function called by thread %d, named %s", i, name)
			if i%2 == 1 {
				return fmt.Errorf("%s: %w", name, errOdd)
			}
			return nil
		})
	}
	err := group.Wait()
	out.Printf("%v", err)
	out.Check("Wait returns the error of the one that failed", errors.Is(err, errOdd), true)
	out.Check("and the group's context has ended", ctx.Err() != nil, true)
	return nil
}
