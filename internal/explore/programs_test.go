package explore

import (
	"context"
	"sync"

	"cookbook/internal/transcript"
)

// lostUpdate is a program in which two add 1 to a number, each with a pause between its read and its write.
func lostUpdate() Program {
	return Program{ID: "lost update", Run: func(ctx context.Context, out *transcript.Log) error {
		var mu sync.Mutex
		shared := 0
		var both sync.WaitGroup
		for _, name := range []string{"A", "B"} {
			both.Go(func() {
				say := out.Actor(name)
				say.Begin()
				mu.Lock()
				read := shared
				mu.Unlock()
				say.Printf("read")
				mu.Lock()
				shared = read + 1
				mu.Unlock()
			})
		}
		both.Wait()
		out.Check("no update is lost", shared, 2)
		return nil
	}}
}

// noisy is a program of which no order is like another: four actors, each with lines, pauses and a lock.
func noisy() Program {
	return Program{ID: "noisy", Run: func(ctx context.Context, out *transcript.Log) error {
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, name := range []string{"A", "B", "C", "D"} {
			all.Go(func() {
				say := out.Actor(name)
				for n := range 3 {
					out.Sleep(ctx, 1)
					mu.Lock()
					say.Printf("%d of mine", n)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		out.Printf("the end")
		return nil
	}}
}
