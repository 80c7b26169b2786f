package record

import (
	"bytes"
	"runtime/trace"
	"sync"
	"sync/atomic"
)

// tracing is a trace in memory, which ends when it is long enough.
type tracing struct {
	limit int
	buf   bytes.Buffer // the runtime's until the trace has ended
	full  atomic.Bool
	end   func()
	ender sync.WaitGroup
}

// start begins a trace of about limit bytes at most.
func start(limit int) (*tracing, error) {
	t := &tracing{limit: limit, end: sync.OnceFunc(trace.Stop)}
	return t, trace.Start(t)
}

// stop ends the trace, if that has not happened, and returns it.
func (t *tracing) stop() []byte {
	t.end()
	t.ender.Wait()
	return t.buf.Bytes()
}

// Write takes what comes behind the limit, too: a trace can be read only if it is complete.
func (t *tracing) Write(p []byte) (int, error) {
	if t.buf.Len()+len(p) > t.limit && t.full.CompareAndSwap(false, true) {
		t.ender.Go(t.end) // not here, since trace.Stop waits for this write
	}
	return t.buf.Write(p)
}
