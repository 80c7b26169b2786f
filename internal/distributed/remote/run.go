package remote

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

const (
	stride      = 1000                  // steps between two looks at the depth of the calls
	memoryEvery = 10 * time.Millisecond // between two looks at the heap
	callsShown  = 20                    // of a back trace; of more, the middle is left out
)

// A run is one request that runs. It has a thread of the interpreter of its own, so no request inherits from the last one its steps
// or that it was cancelled.
type run struct {
	ctx     context.Context // ends at the request's limits, too
	end     context.CancelCauseFunc
	session *session
	thread  *starlark.Thread
	stop    []func() bool
}

const runKey = "run"

func newRun(ctx context.Context, x *session) *run {
	r := &run{session: x, thread: &starlark.Thread{}}
	r.ctx, r.end = context.WithCancelCause(ctx)
	th, limits := r.thread, x.server.limits
	th.SetLocal(runKey, r)
	th.Load = func(_ *starlark.Thread, name string) (starlark.StringDict, error) {
		m, err := x.module(name)
		if err != nil {
			return nil, err
		}
		return m.all(), nil
	}
	th.OnMaxSteps = func(th *starlark.Thread) {
		switch {
		case th.Steps >= limits.Steps:
			r.end(fmt.Errorf("%w: the limit is %d", ErrSteps, limits.Steps))
			th.Cancel(ErrSteps.Error()) // now, and not when the context's end is noticed: the same step in every run
		case th.CallStackDepth() > limits.Calls:
			r.end(fmt.Errorf("%w: the limit is %d", ErrRecursion, limits.Calls))
			th.Cancel(ErrRecursion.Error())
		}
		th.SetMaxExecutionSteps(min(th.Steps+stride, max(limits.Steps, th.Steps+1)))
	}
	th.SetMaxExecutionSteps(min(stride, limits.Steps))
	r.stop = append(r.stop, context.AfterFunc(r.ctx, func() { th.Cancel(context.Cause(r.ctx).Error()) }))
	if limits.Time > 0 {
		timer := time.AfterFunc(limits.Time, func() { r.end(fmt.Errorf("%w: the limit is %v", ErrTime, limits.Time)) })
		r.stop = append(r.stop, timer.Stop)
	}
	if limits.Memory > 0 {
		r.watchMemory(limits.Memory)
	}
	return r
}

// watchMemory looks at the heap from time to time.
func (r *run) watchMemory(limit uint64) {
	var watch *time.Timer
	armed := make(chan struct{})
	watch = time.AfterFunc(memoryEvery, func() {
		<-armed
		switch {
		case r.ctx.Err() != nil:
		case heap() > limit && liveHeap() > limit:
			r.end(fmt.Errorf("%w: the limit is %d bytes", ErrMemory, limit))
		default:
			watch.Reset(memoryEvery)
		}
	})
	close(armed)
	r.stop = append(r.stop, watch.Stop)
}

// heap returns the size of the heap in bytes, with what the garbage collector has not taken yet.
func heap() uint64 {
	var s runtime.MemStats // not runtime/metrics, whose descriptions take 0.1 ms at every start of the program
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// liveHeap is heap without garbage.
func liveHeap() uint64 {
	runtime.GC()
	return heap()
}

func (r *run) close() {
	for _, stop := range r.stop {
		stop()
	}
	r.end(nil)
}

// wait lets other threads run while f waits.
func (r *run) wait(f func() (any, error)) (any, error) {
	r.session.turn <- struct{}{}
	defer func() { <-r.session.turn }()
	return f()
}

// explain makes an [Error] of what went wrong: with the limit, if one has ended it, and with its place in the text.
func (r *run) explain(err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Message: err.Error(), code: codeOf(err)}
	if cause := context.Cause(r.ctx); cause != nil {
		e.Message, e.code = cause.Error(), codeOf(cause)
	}
	var at *starlark.EvalError
	var syntactic syntax.Error
	var names resolve.ErrorList
	switch {
	case errors.As(err, &at):
		e.Position, e.Backtrace = position(at.CallStack), backtrace(at.CallStack)
	case errors.As(err, &syntactic):
		e.Message, e.Position = syntactic.Msg, syntactic.Pos.String()
	case errors.As(err, &names) && len(names) > 0:
		e.Message, e.Position = names[0].Msg, names[0].Pos.String()
	}
	return e
}

// position returns where in a text the innermost call stands, "" if there is none.
func position(calls starlark.CallStack) string {
	for i := range calls {
		if pos := calls.At(i).Pos; pos.Line > 0 {
			return pos.String()
		}
	}
	return ""
}

func backtrace(calls starlark.CallStack) string {
	var b strings.Builder
	for i, c := range calls {
		switch half := callsShown / 2; {
		case len(calls) > callsShown && i == half:
			fmt.Fprintf(&b, "… %d more calls …\n", len(calls)-callsShown)
		case len(calls) <= callsShown || i < half || i >= len(calls)-half:
			fmt.Fprintf(&b, "%s: in %s\n", c.Pos, c.Name)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
