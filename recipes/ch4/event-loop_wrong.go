package ch4

import (
	"context"
	"sync"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

var eventLoopWrong = []catalog.Wrong{
	{Name: "stopped-early", Title: "stops the loop in a call that need not be the last", Run: stopWithTheSecond},
}

// stopWithTheSecond has two threads hand a function each to the loop. The second one comes much later, so it stops the loop.
func stopWithTheSecond(ctx context.Context, out *transcript.Log) error {
	loop := async.NewLoop()
	defer loop.Close()
	var threads sync.WaitGroup
	defer threads.Wait()
	callAfter := func(d time.Duration, f func()) {
		threads.Go(func() {
			if out.Sleep(ctx, d) == nil {
				_ = loop.CallSoonThreadsafe(f) // the loop drops what it is given after its end
			}
		})
	}
	callAfter(1*time.Second, func() { out.Actor("function_1").Printf("function_1 called") })
	callAfter(9*time.Second, func() { out.Actor("function_2").Printf("function_2 called"); loop.Stop() })
	return loop.RunForever(ctx)
}
