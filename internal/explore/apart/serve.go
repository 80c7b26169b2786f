package apart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// Subject is a program that the child is asked for.
type Subject struct {
	Run     catalog.Run
	Promise *transcript.Promise
	Command string // the recipe with its flags, as one types them: the ID of the program
	Text    string // of the promise file, to suggest a tighter one
}

// A Prepare returns the recipe of that name with its arguments. The error is one of its flags.
type Prepare func(recipe string, args []string) (*Subject, error)

// ErrNotAsked is the error of a process that has the variable, but was not started by a search.
var ErrNotAsked = errors.New(Variable + " is a variable by which cookbook explore starts itself again: unset it")

// ErrTold is the error of a search whose error its parent was told.
var ErrTold = errors.New("the search has failed, and has said why")

// Serve answers the question on in, which is the standard input of a process that has the secret in [Variable]. Such a process does nothing
// else. The error is ErrNotAsked or ErrTold.
func Serve(secret string, in io.Reader, prepare Prepare) error {
	os.Unsetenv(Variable)
	// Ctrl-C goes to the parent as well, which tells this process to end. What this process starts shall heed the signals.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	out := os.Stdout
	os.Stdout = os.Stderr // whatever the recipe's libraries print is no answer
	var q Question
	if err := json.NewDecoder(in).Decode(&q); err != nil || q.Secret != secret {
		return ErrNotAsked
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		io.Copy(io.Discard, in)
		cancel(errors.New("told to end"))
		time.Sleep(grace / 2) // the rest is the parent's
		os.Exit(1)
	}()
	var mu sync.Mutex
	enc := json.NewEncoder(out)
	say := func(r Answer) {
		mu.Lock()
		defer mu.Unlock()
		enc.Encode(r) // if nobody reads, the input ends, too
	}
	var last Answer
	var err error
	if q.Trials > 0 {
		last, err = try(ctx, &q, prepare)
	} else {
		runtime.GOMAXPROCS(1)
		last, err = answer(ctx, &q, prepare, say)
	}
	if err != nil {
		usage := new(catalog.UsageError)
		say(Answer{Error: err.Error(), Misused: errors.As(err, &usage)})
		return fmt.Errorf("%w: %w", ErrTold, err)
	}
	say(last)
	return nil
}

// answer searches, and says meanwhile how far it is.
func answer(ctx context.Context, q *Question, prepare Prepare, say func(Answer)) (last Answer, err error) {
	s, err := prepare(q.Recipe, q.Args)
	if err != nil {
		return last, err
	}
	var misused error // which a run says before its first line
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	checked := func(ctx context.Context, out *transcript.Log) error {
		err := s.Run(ctx, out)
		if usage := new(catalog.UsageError); errors.As(err, &usage) {
			misused = usage
			cancel()
		}
		return err
	}
	p := explore.Program{ID: s.Command, Run: checked, Promise: s.Promise, Seed: max(q.Seed, 1)}
	if q.Schedule != nil {
		cfg := transcript.Config{Recipe: q.Recipe, Sink: transcript.SinkFunc(func(ev transcript.Event) {
			ev.Err = nil // no value for JSON
			say(Answer{Line: &ev})
		})}
		explore.Replay(ctx, p, *q.Schedule, cfg)
		return Answer{Result: &explore.Result{}}, nil
	}
	o := explore.Options{
		Budget: q.Budget, Most: q.Most, Seed: max(q.Seed, 1), From: q.From, Skip: q.Skip,
		Progress: func(p explore.Progress) { say(Answer{Progress: &p}) },
	}
	if q.Ledger != "" {
		ledger, err := openLedger(q.Ledger)
		if err != nil {
			return last, err
		}
		defer ledger.Close()
		o.Before = func(s *explore.Schedule) { note(ledger, s) }
	}
	r, err := explore.Search(ctx, p, o)
	switch {
	case misused != nil:
		return last, misused
	case err != nil:
		return last, err
	}
	last = Answer{Result: r, State: r.State}
	if q.Suggest {
		if last.Promise = s.Text; r.Shown != nil {
			last.Promise = r.Shown.Suggest(s.Text)
		}
	}
	return last, nil
}
