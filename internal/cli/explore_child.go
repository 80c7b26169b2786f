package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/machine"
	"cookbook/internal/transcript"
)

// A search runs in a process of its own, with one processor: a panic in a goroutine of the recipe ends a process, and one that never
// ends cannot be ended otherwise. This program starts itself again. What the child is to do it reads from its standard input, which
// stays open as long as it is to go on: if the parent closes it, or is killed, the child ends. It answers in JSON, a record a line.

// exploreVariable holds the secret that makes a process such a child. The question has to hold it, too, so that the variable alone,
// wherever it may come from, does nothing.
const exploreVariable = "COOKBOOK_EXPLORE_CHILD"

// patience is how long a child may take beyond its budget.
const patience = 10 * time.Second

// question is what the child is asked.
type question struct {
	Secret   string
	Recipe   string
	Args     []string
	Seed     uint64 // of the recipe and of random schedules
	Budget   time.Duration
	Most     int
	From     *explore.State
	Suggest  bool              // the tight promise
	Skip     []explore.Fault   // whose schedules end the process
	Ledger   string            // a file for the schedule that is run
	Schedule *explore.Schedule // run this one alone, and tell of each line
}

// answer is a record that the child writes; one of its fields is set.
type answer struct {
	Progress *explore.Progress `json:",omitempty"`
	Line     *transcript.Event `json:",omitempty"` // of the one schedule
	Result   *explore.Result   `json:",omitempty"`
	State    *explore.State    `json:",omitempty"` // of the result
	Promise  string            `json:",omitempty"` // that is tight
	Error    string            `json:",omitempty"`
	Misused  bool              `json:",omitempty"` // the error is one of the recipe's flags
}

// search has a child explore a recipe. If the child dies of the recipe, that is what was found. The error is one of the search itself,
// or context.Cause(ctx) if it ended before anything was known.
func (a *app) search(ctx context.Context, s *subject, q *question, hear func(answer)) (*explore.Result, error) {
	if err := machine.Check(ctx, catalog.Processes); err != nil {
		return nil, lacks(ctx, exploreName, catalog.Processes, err)
	}
	ledger, err := newLedger()
	if err != nil {
		return nil, err
	}
	defer ledger.remove()
	q.Ledger = ledger.Name()
	var last explore.Progress
	result, err := a.ask(ctx, q, func(r answer) {
		if r.Progress != nil {
			last = *r.Progress
		}
		hear(r)
	})
	var died *crash
	if !errors.As(err, &died) {
		return result, err
	}
	schedule, known := ledger.last()
	if !known {
		return nil, fmt.Errorf("the search of %s ended before it ran a schedule: %w", s.command(), died)
	}
	return a.afterCrash(ctx, s, q, last, schedule, died), nil
}

// ask starts a child, passes on what it says, and returns its result. It waits for the child's end. The error is a *[crash],
// or context.Cause(ctx), or what the child could not do.
func (a *app) ask(ctx context.Context, q *question, hear func(answer)) (*explore.Result, error) {
	q.Secret = rand.Text()
	cmd := exec.Command(a.Exe)
	cmd.Args = []string{"cookbook"}
	cmd.Env = append(os.Environ(), exploreVariable+"="+q.Secret)
	cmd.WaitDelay = time.Second // for what the recipe has started
	errs := &tail{}
	cmd.Stderr = errs
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, missingError{exploreName, catalog.Processes, err}
	}
	stop := sync.OnceFunc(func() { in.Close() })
	var watch sync.WaitGroup
	ended, late := make(chan struct{}), false
	watch.Go(func() {
		overdue := time.NewTimer(q.Budget + patience)
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
	var result *explore.Result
	var failed error
	if err := json.NewEncoder(in).Encode(q); err == nil {
		for answers := json.NewDecoder(out); ; {
			var r answer
			if answers.Decode(&r) != nil {
				break
			}
			switch {
			case r.Result != nil:
				result = r.Result
				result.State = r.State
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
	case result != nil || failed != nil:
		return result, failed
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, &crash{err, errs.String(), late}
}

// searchFor is what the child does in place of a command: it answers the question on its standard input.
func (a *app) searchFor(secret string) error {
	os.Unsetenv(exploreVariable)
	runtime.GOMAXPROCS(1)
	// Ctrl-C goes to the parent as well, which tells this process to end. What this process starts shall heed the signals.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	out := os.Stdout
	os.Stdout = os.Stderr // whatever the recipe's libraries print is no answer
	var q question
	questions := json.NewDecoder(a.In)
	if err := questions.Decode(&q); err != nil || q.Secret != secret {
		return usagef("%s is a variable by which cookbook explore starts itself again: unset it", exploreVariable)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		io.Copy(io.Discard, a.In)
		cancel(errors.New("told to end"))
		time.Sleep(grace / 2) // the rest is the parent's
		os.Exit(exitFailed)
	}()
	var mu sync.Mutex
	enc := json.NewEncoder(out)
	say := func(r answer) {
		mu.Lock()
		defer mu.Unlock()
		enc.Encode(r) // if nobody reads, the input ends, too
	}
	r, err := a.answer(ctx, &q, say)
	promise := ""
	if err == nil && q.Suggest {
		promise, err = a.tightPromise(&q, r)
	}
	if err != nil {
		usage := new(catalog.UsageError)
		say(answer{Error: err.Error(), Misused: errors.As(err, &usage)})
		return silentError{err}
	}
	say(answer{Result: r, State: r.State, Promise: promise})
	return nil
}

// tightPromise is the promise file without what never came.
func (a *app) tightPromise(q *question, r *explore.Result) (string, error) {
	e, err := a.catalog.Find(q.Recipe)
	if err != nil {
		return "", err
	}
	text, err := fileOf(e, catalog.Promise)
	if err != nil || r.Shown == nil {
		return string(text), err
	}
	return r.Shown.Suggest(string(text)), nil
}

func (a *app) answer(ctx context.Context, q *question, say func(answer)) (*explore.Result, error) {
	e, err := a.catalog.Find(q.Recipe)
	if err != nil {
		return nil, err
	}
	run, promise, err := e.Prepare(q.Args...)
	if err != nil {
		return nil, err
	}
	var misused error // which a run says before its first line
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	checked := func(ctx context.Context, out *transcript.Log) error {
		err := run(ctx, out)
		if usage := new(catalog.UsageError); errors.As(err, &usage) {
			misused = usage
			cancel()
		}
		return err
	}
	s := &subject{Entry: e, args: q.Args}
	p := explore.Program{ID: s.command(), Run: checked, Promise: promise, Seed: max(q.Seed, 1)}
	if q.Schedule != nil {
		cfg := transcript.Config{Recipe: e.ID, Sink: transcript.SinkFunc(func(ev transcript.Event) {
			ev.Err = nil // no value for JSON
			say(answer{Line: &ev})
		})}
		explore.Replay(ctx, p, *q.Schedule, cfg)
		return &explore.Result{}, nil
	}
	o := explore.Options{
		Budget: q.Budget, Most: q.Most, Seed: max(q.Seed, 1), From: q.From, Skip: q.Skip,
		Progress: func(p explore.Progress) { say(answer{Progress: &p}) },
	}
	if q.Ledger != "" {
		ledger, err := openLedger(q.Ledger)
		if err != nil {
			return nil, err
		}
		defer ledger.Close()
		o.Before = func(s *explore.Schedule) { note(ledger, s) }
	}
	r, err := explore.Search(ctx, p, o)
	if misused != nil {
		return nil, misused
	}
	return r, err
}
