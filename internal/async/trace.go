package async

import (
	"context"
	"runtime/trace"

	"cookbook/internal/waitfor"
)

// A tracing is what a task writes into the execution trace, in the words of package waitfor. A task has one only if it was
// made while a trace was being taken, so otherwise it costs a comparison with nil.
type tracing struct {
	context.Context
	task *trace.Task
}

func newTracing(name string) *tracing {
	ctx, task := trace.NewTask(context.Background(), name)
	return &tracing{ctx, task}
}

// run has the coroutine known as the one that does the task; at its end, call what run returns.
func (tr *tracing) run() (end func()) {
	r := trace.StartRegion(tr, "task")
	return func() {
		r.End()
		tr.task.End()
	}
}

// ready says that the task waits for its turn.
func (tr *tracing) ready() { trace.Log(tr, waitfor.LogReady, "") }

// yield is t.yield, in a region that says for what the task waits.
func (tr *tracing) yield(t *Task) {
	switch w, waits := t.wait(); {
	case !waits: // but for its turn
	case t.sleeps():
		defer trace.StartRegion(tr, waitfor.SleepRegion).End()
	default:
		defer trace.StartRegion(tr, waitfor.WaitRegion+w.For).End()
	}
	t.yield(struct{}{})
}

// logHold writes into the trace that a task holds something, or no longer does.
func logHold(t *Task, verb, name string) {
	if t == nil {
		return
	}
	if tr := t.trace(); tr != nil {
		trace.Log(tr, verb, name)
	}
}
