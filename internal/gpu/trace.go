package gpu

import (
	"context"
	"math"
	"runtime/trace"
	"strconv"
	"sync"
	"time"

	"cookbook/internal/gpu/driver"
	"cookbook/internal/waitfor"
)

// A tracing is what a queue writes into the execution trace, in the words of package waitfor: what it ran, and when. A queue has one
// only if it was made while a trace was being taken; a nil *tracing writes nothing, and costs a comparison.
type tracing struct {
	context.Context
	name string
	task *trace.Task

	began  time.Time // the host's clock counts from here
	mu     sync.Mutex
	behind time.Duration // how much the device's clock is behind the host's, at most
	exact  bool          // no more can be learned of that
}

func newTracing(number int, q driver.Queue) *tracing {
	name := "queue " + strconv.Itoa(number)
	ctx, task := trace.NewTask(context.Background(), name)
	tr := &tracing{Context: ctx, name: name, task: task, began: time.Now(), behind: math.MaxInt64}
	if clock, ok := q.(driver.Clock); ok {
		tr.exact = true
		for least, tries := time.Hour, 0; tries < 8; tries++ { // the one that was interrupted least
			before := time.Since(tr.began)
			now := clock.Now()
			if took := time.Since(tr.began) - before; took < least {
				least, tr.behind = took, before+took/2-now
			}
		}
	}
	return tr
}

// end says that the queue is closed.
func (tr *tracing) end() {
	if tr != nil {
		tr.task.End()
	}
}

// wait says that the goroutine waits for the queue, until the function that it returns is called.
func (tr *tracing) wait(ctx context.Context) (done func()) {
	if tr == nil {
		return func() {}
	}
	return trace.StartRegion(ctx, waitfor.WaitRegion+tr.name).End
}

// did writes when a command ran that has ended. Its times are of the device's clock. A command cannot have been queued after the call
// that did so had returned, nor have ended after it was seen to have: the least difference of the clocks that this leaves is taken.
func (tr *tracing) did(e *Event) {
	if tr == nil || e.times.End == 0 {
		return
	}
	tr.mu.Lock()
	now := time.Since(tr.began)
	if !tr.exact {
		tr.behind = min(tr.behind, e.added.Sub(tr.began)-e.times.Queued, now-e.times.End)
	}
	behind := tr.behind
	tr.mu.Unlock()
	trace.Log(tr, waitfor.LogDid, waitfor.Did(now-behind-e.times.Start, now-behind-e.times.End, e.what))
}
