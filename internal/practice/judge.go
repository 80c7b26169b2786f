package practice

import (
	"context"
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
	Timeout time.Duration // of each of them
	Most    time.Duration // of all trials together

	Patience time.Duration // that a program has to end when it is told to

	Hear func(explore.Progress) // is told how far the search is; nil: nobody is
}

// NewJudge is how a solution is judged: it is searched for three seconds at most, and run 51 times.
func NewJudge() Judge {
	return Judge{Budget: 3 * time.Second, Trials: 51, Timeout: 5 * time.Second, Most: 20 * time.Second, Patience: 3 * time.Second}
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
	Notes  []string        // why a part of the judgement is missing
}

// Passed reports whether the program is accepted.
func (v *Verdict) Passed() bool { return v.Kind == "" }

// Judge tries a program, which was built and answers as [apart.Serve] does under the exercise's name. It searches its orders first,
// because a search shows a fault in the fewest steps, and finds a deadlock without waiting for it. Then it runs it, once without pauses
// and then under stress. All that is bounded by time. The error says that the program could not be tried, or is context.Cause(ctx).
func (j Judge) Judge(ctx context.Context, name, promise string, start apart.Command) (*Verdict, error) {
	p, err := transcript.ParsePromise(Promise, promise)
	if err != nil {
		return nil, err
	}
	v := &Verdict{}
	g := &group{start: start}
	defer g.end()
	program := explore.Program{ID: name, Promise: p, Seed: 1}
	q := &apart.Question{Recipe: name, Seed: 1, Budget: j.Budget, Patience: j.Patience}
	v.Search, err = apart.Search(ctx, g.command, program, q, func(a apart.Answer) {
		if j.Hear != nil && a.Progress != nil {
			j.Hear(*a.Progress)
		}
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		v.Notes = append(v.Notes, "its orders could not be searched: "+err.Error())
	}
	if v.searched(); !v.Passed() {
		return v, nil
	}
	if g.end() > 0 {
		v.left()
		return v, nil
	}
	v.Trial, err = apart.Try(ctx, g.command, &apart.Question{Recipe: name, Trials: j.Trials, Timeout: j.Timeout, Budget: j.Most, Patience: j.Patience})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	case v.Trial.Kind != "":
		v.Kind, v.Text = v.Trial.Kind, ownCalls(strings.Replace(v.Trial.Text, " (--timeout)", "", 1))
	case g.end() > 0:
		v.left()
	}
	return v, nil
}

// searched takes over what the search has found. A program that strays is not wrong for that.
func (v *Verdict) searched() {
	if v.Search == nil {
		return
	}
	for i := range v.Search.Faults {
		if f := &v.Search.Faults[i]; f.Kind != explore.Strayed {
			v.Kind, v.Text, v.Fault = f.Kind, ownCalls(f.Text), f
			return
		}
	}
	v.Notes = append(v.Notes, v.Search.Notes...)
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
