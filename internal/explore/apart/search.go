package apart

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
)

// StartError is a child that could not be started.
type StartError struct{ Err error }

func (e *StartError) Error() string { return "start the search: " + e.Err.Error() }

// Unwrap returns Err.
func (e *StartError) Unwrap() error { return e.Err }

// A Command makes the command that starts a child. Its streams and the variable are added to it.
type Command func() *exec.Cmd

// Search has a child explore the program: its ID and its Seed are used here, the child prepares the rest. hear is told
// of progress and of the result. If the child dies of the program, that is what was found. Search waits for the child's end. The error is
// a *[StartError], one of the search itself, or context.Cause(ctx) if it ended before anything was known.
func Search(ctx context.Context, start Command, p explore.Program, q *Question, hear func(Answer)) (*explore.Result, error) {
	ledger, err := newLedger()
	if err != nil {
		return nil, err
	}
	defer ledger.remove()
	q.Ledger = ledger.Name()
	var last explore.Progress
	result, err := ask(ctx, start, q, func(r Answer) {
		if r.Progress != nil {
			last = *r.Progress
		}
		hear(r)
	})
	var died *crash
	if !errors.As(err, &died) {
		return result.Result, err
	}
	schedule, known := ledger.last()
	if !known {
		return nil, fmt.Errorf("the search of %s ended before it ran a schedule: %w", p.ID, died)
	}
	return afterCrash(ctx, start, p, q, last, schedule, died), nil
}

// ask starts a child, passes on what it says, and returns its last answer. It waits for the child's end. The error is a *[crash],
// or context.Cause(ctx), or what the child could not do.
func ask(ctx context.Context, start Command, q *Question, hear func(Answer)) (last Answer, err error) {
	q.Secret = rand.Text()
	cmd := start()
	cmd.Env = append(cmd.Environ(), Variable+"="+q.Secret)
	cmd.WaitDelay = time.Second // for what the recipe has started
	errs := &tail{}
	cmd.Stderr = errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return last, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return last, err
	}
	if err := cmd.Start(); err != nil {
		return last, &StartError{err}
	}
	stop := sync.OnceFunc(func() { in.Close() })
	var watch sync.WaitGroup
	ended, late := make(chan struct{}), false
	watch.Go(func() {
		overdue := time.NewTimer(q.Budget + cmp.Or(q.Patience, patience))
		defer overdue.Stop()
		select {
		case <-ctx.Done():
		case <-overdue.C:
			late = true
		case <-ended:
			return
		}
		stop()
		select {
		case <-time.After(grace):
			cmd.Process.Kill()
		case <-ended:
		}
	})
	var failed error
	if err := json.NewEncoder(in).Encode(q); err == nil {
		for answers := json.NewDecoder(out); ; {
			var r Answer
			if answers.Decode(&r) != nil {
				break
			}
			switch {
			case r.Result != nil:
				r.Result.State = r.State
				fallthrough
			case r.Trial != nil:
				last = r
				hear(r)
				stop()
			case r.Misused:
				failed = &catalog.UsageError{Msg: r.Error}
			case r.Error != "":
				failed = errors.New(r.Error)
			default:
				hear(r)
			}
		}
	}
	stop()
	err = cmd.Wait()
	close(ended)
	watch.Wait()
	switch {
	case last.Result != nil || last.Trial != nil || failed != nil:
		return last, failed
	case ctx.Err() != nil:
		return last, context.Cause(ctx)
	}
	return last, &crash{err, errs.String(), late}
}
