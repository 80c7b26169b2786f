package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/terminal"
	"cookbook/internal/timeline"
	"cookbook/internal/transcript"
)

// maxTrace is how much of a run is traced, in bytes: about a million acquisitions of a lock, which take a second to read.
const maxTrace = 32 << 20

// withTimeline is supervise under Go's execution trace, with the picture of it below the transcript, however the run ends.
func withTimeline(a *app, ctx context.Context, timeout time.Duration, run catalog.Run, cfg transcript.Config) error {
	rec, err := record(maxTrace)
	if err != nil {
		return fmt.Errorf("--timeline needs Go's execution trace, and a process has only one: %w", err)
	}
	sink := &tracedSink{next: cfg.Sink}
	cfg.Sink = sink
	err = command.Supervise(ctx, timeout, asTask(run), cfg)
	sink.close()
	data := rec.stop()
	if usage := new(catalog.UsageError); errors.As(err, &usage) {
		return err // nothing ran
	}
	t, broken := timeline.ReadTrace(bytes.NewReader(data))
	t.Actors = cfg.Promise.Actors()
	t.Draw(a.Out, a.Style())
	if rec.full.Load() {
		fmt.Fprintln(a.Out, a.Paint(terminal.Dim, fmt.Sprintf("  cut after %v, when the trace was %d MiB long", t.End.Round(time.Millisecond), maxTrace>>20)))
	}
	if err == nil && broken != nil {
		return fmt.Errorf("the timeline is incomplete: %w", broken)
	}
	return err
}

// asTask makes the goroutine that runs a recipe known to the trace. The timeline begins here.
func asTask(run catalog.Run) catalog.Run {
	return func(ctx context.Context, out *transcript.Log) error {
		ctx, task := trace.NewTask(ctx, transcript.Main)
		defer task.End()
		return run(ctx, out)
	}
}

// tracedSink notes each line in the trace, too, on the goroutine that says it. Closed, it takes no more events: a recipe that
// was left behind must not write into the picture.
type tracedSink struct {
	mu     sync.Mutex
	next   transcript.Sink
	closed bool
}

// Event passes an event on.
func (s *tracedSink) Event(e transcript.Event) {
	if e.Kind == transcript.Line {
		trace.Log(context.Background(), timeline.LogLine, e.Actor)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.next.Event(e)
	}
}

func (s *tracedSink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// recording is a trace in memory, which ends when it is long enough.
type recording struct {
	limit int
	buf   bytes.Buffer // the runtime's until the trace has ended
	full  atomic.Bool
	end   func()
	ender sync.WaitGroup
}

// record begins a trace of limit bytes at most, and what it takes to end it properly.
func record(limit int) (*recording, error) {
	r := &recording{limit: limit, end: sync.OnceFunc(trace.Stop)}
	return r, trace.Start(r)
}

// stop ends the trace, if that has not happened, and returns it.
func (r *recording) stop() []byte {
	r.end()
	r.ender.Wait()
	return r.buf.Bytes()
}

// Write takes what comes behind the limit, too: a trace can be read only if it is complete.
func (r *recording) Write(p []byte) (int, error) {
	if r.buf.Len()+len(p) > r.limit && r.full.CompareAndSwap(false, true) {
		r.ender.Go(r.end) // not here, since trace.Stop waits for this write
	}
	return r.buf.Write(p)
}
