package practice

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
	"cookbook/internal/transcript"
)

// Judge says how much a program is tried. The zero value does not try it at all: see [NewJudge].
type Judge struct {
	Budget  time.Duration // of the search
	Trials  int           // runs: one without pauses, the others under stress
	Races   int           // further ones, with the race detector
	Timeout time.Duration // of each of them
	Most    time.Duration // of all trials together, and of those with the race detector

	Patience time.Duration // that a program has to end when it is told to

	Stage func(what string) // is told what is done next, at most Stages times; nil: nobody is
}

// NewJudge is how a solution is judged: it is searched for three seconds at most, run 51 times, and then 10 times with the race detector.
func NewJudge() Judge {
	return Judge{Budget: 3 * time.Second, Trials: 51, Races: 10, Timeout: 5 * time.Second, Most: 20 * time.Second, Patience: 3 * time.Second}
}

// Stages is how many stages a judgement has.
const Stages = 5

func (j Judge) stage(what string) {
	if j.Stage != nil {
		j.Stage(what)
	}
}

// Left is the kind of fault of a program that leaves a process behind.
const Left explore.FaultKind = "left behind"

// Verdict is what a judge says of a program.
type Verdict struct {
	Kind explore.FaultKind // of what is wrong; "": the program is accepted
	Text string            // what is wrong, in a sentence

	Fault  *explore.Fault  // the schedule that shows it; nil: a run does, which is Trial
	Search *explore.Result // nil: there was no search
	Trial  *apart.Trial    // nil: there were no runs
	Raced  int             // runs with the race detector
	Notes  []string        // why a part of the judgement is missing
}

// Passed reports whether the program is accepted.
func (v *Verdict) Passed() bool { return v.Kind == "" }

// Program is a program that is judged. It was built, and answers as [apart.Serve] does.
type Program struct {
	Name    string // under which it answers
	Promise string
	Start   apart.Command

	// Race builds the same with the race detector. The error is ErrNoRace where there is none. nil: races are not looked for.
	Race func(context.Context) (apart.Command, error)

	Clocked string // where it waits for the clock: it is refused once the search finds no fault; "": nowhere
}

// ErrNoRace is that a program cannot be built with the race detector here.
var ErrNoRace = errors.New("the race detector cannot be built into a program here; it needs a C compiler")

// Judge tries a program. It searches its orders first, because a search shows a fault in the fewest steps, and finds a deadlock without
// waiting for it. Then it runs it, once without pauses and then under stress, and at last with the race detector: what two threads do to
// a variable between two lines is no order to a search, and breaks a promise only by bad luck. All that is bounded by time. The error says
// that the program could not be tried, or is context.Cause(ctx).
func (j Judge) Judge(ctx context.Context, program Program) (*Verdict, error) {
	p, err := transcript.ParsePromise(Promise, program.Promise)
	if err != nil {
		return nil, err
	}
	v := &Verdict{}
	g := &group{start: program.Start}
	defer g.end()
	q := &apart.Question{Recipe: program.Name, Seed: 1, Budget: j.Budget, Patience: j.Patience}
	j.stage("searches its orders")
	v.Search, err = apart.Search(ctx, g.command, explore.Program{ID: program.Name, Promise: p, Seed: 1}, q, func(apart.Answer) {})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		v.Notes = append(v.Notes, "its orders could not be searched: "+err.Error())
	}
	if v.searched(); !v.Passed() {
		return v, nil
	}
	if program.Clocked != "" {
		return refused(program.Clocked), nil
	}
	j.stage("runs it")
	if v.Trial, err = v.try(ctx, j, g, program.Name, j.Trials); err != nil || !v.Passed() || program.Race == nil {
		return v, err
	}
	j.stage("builds it with the race detector, which takes long the first time")
	start, err := program.Race(ctx)
	if errors.Is(err, ErrNoRace) {
		v.Notes = append(v.Notes, "data races were not looked for: "+err.Error())
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	j.stage("runs it with the race detector")
	g.start = start
	t, err := v.try(ctx, j, g, program.Name, j.Races)
	if err != nil {
		return nil, err
	}
	if v.Raced = t.Runs; !v.Passed() {
		v.Trial = t
	}
	return v, nil
}

// try has the program run several times, and looks whether it has left processes behind, before and then.
func (v *Verdict) try(ctx context.Context, j Judge, g *group, name string, times int) (*apart.Trial, error) {
	if g.end() > 0 {
		v.left()
		return nil, nil
	}
	t, err := apart.Try(ctx, g.command, &apart.Question{Recipe: name, Trials: times, Timeout: j.Timeout, Budget: j.Most, Patience: j.Patience})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	case t.Kind != "":
		v.is(t.Kind, strings.Replace(t.Text, " (--timeout)", "", 1))
	case g.end() > 0:
		v.left()
	}
	return t, nil
}

// searched takes over what the search has found. A program that strays is not wrong for that.
func (v *Verdict) searched() {
	if v.Search == nil {
		return
	}
	for i := range v.Search.Faults {
		if f := &v.Search.Faults[i]; f.Kind != explore.Strayed {
			v.is(f.Kind, f.Text)
			v.Fault = f
			return
		}
	}
	v.Notes = append(v.Notes, v.Search.Notes...)
}

// is takes over what is wrong. A text need not begin with the kind, which stands before it.
func (v *Verdict) is(kind explore.FaultKind, text string) {
	v.Kind, v.Text = kind, strings.TrimPrefix(ownCalls(text), string(kind)+": ")
}

// ownCalls leaves of a panic's stack, which stands below a message, the calls before those of what has called the program.
func ownCalls(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i > 0 && (strings.Contains(line, "/internal/explore") || strings.Contains(line, "/internal/catalog.")) {
			return strings.Join(lines[:i], "\n")
		}
	}
	return text
}

func (v *Verdict) left() {
	v.Kind, v.Text = Left, "the program has ended, and a process that it started has not; it was killed"
}

// Command makes the command that starts a program for [Judge.Judge].
func Command(exe string, args ...string) apart.Command {
	return func() *exec.Cmd { return exec.Command(exe, args...) }
}

// RaceCommand is [Command] for a program that was built with the race detector: the first race ends it.
func RaceCommand(exe string, args ...string) apart.Command {
	return func() *exec.Cmd {
		cmd := exec.Command(exe, args...)
		cmd.Env = append(cmd.Environ(), "GORACE=halt_on_error=1 atexit_sleep_ms=0")
		return cmd
	}
}

// How says of which run a verdict speaks; "": of none.
func (v *Verdict) How() string {
	switch t := v.Trial; {
	case t == nil || t.Runs == 0 || v.Passed():
		return ""
	case !t.Stress:
		return "in a run without pauses"
	default:
		return fmt.Sprintf("in run %d of those under stress, with random pauses and on %d processors", t.Runs-1, t.Processors)
	}
}
