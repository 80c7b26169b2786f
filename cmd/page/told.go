package main

import (
	"context"
	"fmt"
	"runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/site/live"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// told is what the page tells a run while it goes on. No timer of Go's sees to that: as long as one is set, nobody can tell a run that
// waits for the clock from one that waits for nothing.
type told struct {
	mu      sync.Mutex
	recipe  string
	timeout time.Duration
	board   *waitfor.Board
	cancel  context.CancelCauseFunc

	pauses atomic.Int64 // that go on
}

// config is how a run is recorded, its pauses counted.
func (t *told) config(r *live.Run, sink transcript.Sink) transcript.Config {
	cfg := r.Config(sink)
	cfg.Scheduler = &counting{transcript.Pace(r.Speed), &t.pauses}
	return cfg
}

// counting is a Scheduler that counts the pauses that go on.
type counting struct {
	transcript.Scheduler
	pauses *atomic.Int64
}

// Pause pauses.
func (c *counting) Pause(ctx context.Context, d time.Duration) error {
	c.pauses.Add(1)
	defer c.pauses.Add(-1)
	return c.Scheduler.Pause(ctx, d)
}

// supervise runs a recipe to its end. The page sees to it that there is one.
func (t *told) supervise(ctx context.Context, r *live.Run, run catalog.Run, cfg transcript.Config) error {
	ctx, board := waitfor.NewContext(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.mu.Lock()
	t.recipe, t.timeout, t.board, t.cancel = r.Entry.ID, r.Timeout, board, cancel
	t.mu.Unlock()
	cfg.Stopped = ctx.Done()
	return catalog.Start(ctx, run, cfg)
}

// hear takes a word of the page: stop, timeout, stuck (nothing can go on) or quiet (only the trace goes on, as far as is known).
func (t *told) hear(word string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel == nil {
		return
	}
	switch word {
	case "stop":
		t.cancel(command.InterruptedError{})
	case "timeout":
		t.cancel(command.Late(t.recipe, t.timeout, t.board))
	case "stuck":
		t.cancel(&stuckError{t.recipe, waitfor.Report(t.board.Waits())})
	case "quiet":
		if t.pauses.Load() == 0 {
			go trace.Stop() // it has a timer; the page sees without it whether there is another one
		}
	}
}

// stuckError is a run in which nothing can go on.
type stuckError struct {
	recipe string
	waits  []string
}

func (e *stuckError) Error() string {
	msg := e.recipe + " cannot go on: all its goroutines wait for each other"
	if len(e.waits) == 0 {
		return msg
	}
	return fmt.Sprintf("%s:\n  %s", msg, strings.Join(e.waits, "\n  "))
}
