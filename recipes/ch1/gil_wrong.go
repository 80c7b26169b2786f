package ch1

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

var gilWrong = []catalog.Wrong{
	{Name: "check-then-act", Title: "looks for an item and then takes it, as if one processor were a lock", Run: takeTheLastItem},
}

// takeTheLastItem lets two threads, of which one runs at a time, take the only item.
func takeTheLastItem(ctx context.Context, out *transcript.Log) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var threads sync.WaitGroup
	var items atomic.Int64
	items.Store(1)
	for i := range 2 {
		say := out.Actor(fmt.Sprintf("thread %d", i+1))
		threads.Go(func() {
			say.Begin()
			if items.Load() == 0 {
				say.Printf("finds nothing")
				return
			}
			say.Printf("has found an item") // now the other thread may run, and find the same item
			items.Add(-1)
		})
	}
	threads.Wait()
	out.Check("items left", items.Load(), int64(0))
	return context.Cause(ctx)
}
