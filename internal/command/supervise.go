package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// Grace is how long a recipe that was told to end may take to do so.
const Grace = 2 * time.Second

// TimeoutError is a run that --timeout ended.
type TimeoutError struct {
	Recipe string
	After  time.Duration
	waits  []string // who waits for what, as far as is known
	Stuck  bool     // it did not end when it was told to
}

// Late is the error of a run that has not ended in its time, and that has not been told to end yet.
func Late(recipe string, after time.Duration, board *waitfor.Board) *TimeoutError {
	return &TimeoutError{Recipe: recipe, After: after, waits: waitfor.Report(board.Waits())}
}

func (e *TimeoutError) Error() string {
	msg := fmt.Sprintf("%s did not end within %v (--timeout)", e.Recipe, e.After)
	if e.Stuck {
		msg += ", nor when it was told to"
	}
	if len(e.waits) == 0 {
		return msg + "; no thread is known to wait for a lock or another thread: it may need more time"
	}
	return msg + ":\n  " + strings.Join(e.waits, "\n  ")
}

// Stopped says that the run was told to end.
func (e *TimeoutError) Stopped() bool { return true }

// Supervise runs a recipe and sees to its end: when it returns, when timeout has passed, or when ctx ends, whichever is
// first. A recipe that was told to end and does not within [Grace] is left behind, which the error says.
func Supervise(ctx context.Context, timeout time.Duration, run catalog.Run, cfg transcript.Config) error {
	ctx, board := waitfor.NewContext(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cfg.Stopped = ctx.Done()
	done := make(chan error, 1)
	go func() { done <- catalog.Start(ctx, run, cfg) }()

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var late *TimeoutError
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	case <-timer.C:
		late = Late(cfg.Recipe, timeout, board)
		cancel(late)
	}
	timer.Reset(Grace)
	select {
	case err := <-done:
		if err == nil {
			return nil // it was about to end anyway
		}
	case <-timer.C:
		if late != nil {
			late.Stuck = true
		}
	}
	return context.Cause(ctx)
}
