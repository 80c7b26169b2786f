package apart

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// Trial is what came of runs that were judged. If one failed, it was the last.
type Trial struct {
	Runs       int
	Kept       int               // promises, in the last run
	Kind       explore.FaultKind // of what is wrong with it; "": nothing
	Text       string            // what is wrong
	Stress     bool              // it was one with random pauses,
	Processors int               // on so many processors,
	Seed       uint64            // with these random numbers
	Stuck      bool              // it did not end when it was told to
	Events     string            // what it said, as run --json prints it
}

// Try has a child run a program as often as q.Trials says. The first run is without pauses, those behind it are under stress. A child
// that dies of the program is a result, too. Try waits for the child's end. The errors are those of [Search].
func Try(ctx context.Context, start Command, q *Question) (*Trial, error) {
	last, err := ask(ctx, start, q, func(Answer) {})
	if died := new(crash); errors.As(err, &died) {
		t := &Trial{Kind: explore.Panicked, Text: died.Error()}
		if died.late {
			t.Kind = explore.Endless
		}
		if message, stack := died.panicked(); message != "" {
			t.Text = strings.TrimRight(message+"\n"+stack, "\n")
		} else if race := raced(died.said); race != "" {
			t.Kind, t.Text = Raced, race
		}
		return t, nil
	}
	return last.Trial, err
}

// try makes the runs.
func try(ctx context.Context, q *Question, prepare Prepare) (Answer, error) {
	begun := time.Now()
	t := &Trial{}
	for t.Runs < q.Trials && t.Kind == "" && (t.Runs == 0 || time.Since(begun) < q.Budget) {
		s, err := prepare(q.Recipe, q.Args)
		if err != nil {
			return Answer{}, err
		}
		var said events
		trial := command.Trial{Recipe: q.Recipe, Speed: transcript.SpeedMax, Stress: t.Runs > 0, Timeout: q.Timeout, Sink: transcript.JSON(&said)}
		r, err := trial.Run(ctx, t.Runs, func() (catalog.Run, *transcript.Promise, error) { return s.Run, s.Promise, nil })
		if cause := context.Cause(ctx); cause != nil {
			return Answer{}, cause
		}
		t.Runs++
		t.Kept, t.Processors, t.Seed, t.Stress, t.Events = r.Kept, r.Processors, r.Seed, trial.Stress, said.String()
		if err != nil {
			t.Kind, t.Stuck = kindOf(err)
			t.Text = err.Error()
		}
	}
	return Answer{Trial: t}, nil
}

// events keeps what is written. A run that was left behind may still write.
type events struct {
	mu   sync.Mutex
	text strings.Builder
}

func (e *events) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.Write(b)
}

func (e *events) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.String()
}

// kindOf says what is wrong with a run that ended with err. stuck: it did not end when it was told to.
func kindOf(err error) (kind explore.FaultKind, stuck bool) {
	panicked, late := new(catalog.PanicError), new(command.TimeoutError)
	switch {
	case errors.As(err, &late):
		return explore.Endless, late.Stuck
	case errors.As(err, &panicked):
		return explore.Panicked, false
	case errors.Is(err, waitfor.ErrDeadlock):
		return explore.Deadlock, false
	}
	return explore.Broken, false
}
