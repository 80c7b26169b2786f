package primitive

import (
	"context"
	"runtime"

	"cookbook/internal/async"
	"cookbook/internal/process"
)

// parked counts the bytes of what waits, in a process of its own: only there a stack has the size that Go gives to begin with, and not
// that which the last collection found to be the average.
func parked(what string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) { return process.Call(ctx, park, what) }
}

var park = process.Register("bench.park", func(ctx context.Context, what string) (float64, error) {
	const tasks = 100_000
	before := memory()
	if what == "goroutine" {
		gate, waiting := make(chan struct{}), make(chan struct{})
		for range tasks {
			go func() {
				waiting <- struct{}{}
				<-gate
			}()
			<-waiting
		}
		defer close(gate)
		return float64(memory()-before) / tasks, nil
	}
	l := async.NewLoop()
	gate := async.CreateFuture[int](l)
	for range tasks {
		async.CreateTask(l, func(t *async.Task) (int, error) { return gate.Result(t) })
	}
	l.CallSoon(l.Stop)
	if err := l.RunForever(ctx); err != nil {
		return 0, err
	}
	size := float64(memory()-before) / tasks
	runtime.KeepAlive(l)
	return size, nil
})

// memory is what the runtime has in use, stacks included, after a collection.
func memory() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse + m.GCSys + m.OtherSys + m.MSpanInuse
}
