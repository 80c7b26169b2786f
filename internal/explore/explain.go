package explore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cookbook/internal/transcript"
)

// How much is spent on making one fault clear.
const (
	clearRuns = 2000
	clearTime = time.Second / 2
	slowRuns  = 16 // that the time does not cut short, unless they are deadlocks, which take longest: runs of processes are slow
)

// explain makes the fault's schedule as short as it can, and finds the nearest one that passes.
func (s *search) explain(f *Fault) {
	if f.Trace != nil {
		return // it ends the process, and another one has told its steps
	}
	end := time.Now().Add(s.clearTime())
	if f.Preemptions < 0 {
		s.shorten(f, end)
	}
	f.Decisive = -1
	path, out, ok := s.record(f.Schedule, f.Kind)
	if !ok {
		s.result.Notes = append(s.result.Notes, fmt.Sprintf("the fault of kind %s came once, and not again with the same choices", f.Kind))
		return
	}
	f.Token, _ = f.Schedule.Token(s.program)
	f.Trace, f.Text = out.trace, out.text
	s.nearest(f, path, end)
	if f.Passes == nil && f.passed != nil {
		s.passedBefore(f)
	}
	if f.Passes == nil && f.Kind != Deadlock {
		s.passesByChance(f, end)
	}
}

// passesByChance takes the one that has most in common with the fault's of a few random schedules that pass. It is for a fault that
// comes at once, and that more than one choice would have to be another for.
func (s *search) passesByChance(f *Fault, end time.Time) {
	const tries = 200
	for n := 1; n <= tries && (n <= slowRuns || time.Now().Before(end)) && s.ctx.Err() == nil; n++ {
		out := s.run(s.ctx, newRandom(Schedule{Seed: s.options.Seed, Number: n, Length: f.Steps}).choose, transcript.Config{}, true)
		if out.kind != "" || out.gaveUp {
			continue
		}
		if at := firstDifference(f.Trace.Steps, out.trace.Steps); at > f.Decisive {
			f.Passes, f.Decisive = out.trace, at
		}
	}
}

// passedBefore takes the run that passed last before the fault was found for the nearest one. They have much in common, because the
// search goes depth-first.
func (s *search) passedBefore(f *Fault) {
	for range again {
		strays := false
		out := s.run(s.ctx, func(step int, c *chooser) int {
			if step >= len(f.passed) {
				usual, _ := c.usual()
				return usual
			}
			i := indexOf(c, int(f.passed[step]))
			strays = strays || i < 0
			return i
		}, transcript.Config{}, true)
		if strays {
			continue
		}
		if out.kind == "" && !out.gaveUp {
			f.Passes, f.Decisive = out.trace, firstDifference(f.Trace.Steps, out.trace.Steps)
		}
		return
	}
}

// firstDifference is the index of the first step in which the two differ.
func firstDifference(a, b []TraceStep) int {
	for i := range min(len(a), len(b)) {
		if a[i].Actor != b[i].Actor || a[i].Kind != b[i].Kind {
			return i
		}
	}
	return min(len(a), len(b)) - 1
}

// record runs a schedule that has a fault of that kind, and keeps its choices and its trace. If the fault does not show, it tries again.
func (s *search) record(schedule Schedule, kind FaultKind) (*tree, outcome, bool) {
	for range s.tries() {
		path := &tree{limit: limit{-1, -1}}
		choose, strayed := schedule.pick()
		path.begin()
		out := s.run(s.ctx, func(step int, c *chooser) int {
			path.choose(step, c)
			i := choose(step, c)
			if i >= 0 {
				path.take(step, c.held[i].id)
			}
			return i
		}, transcript.Config{}, true)
		if !strayed() && out.kind == kind {
			return path, out, true
		}
		s.strayed = true // the runtime decides something itself
	}
	return nil, outcome{}, false
}

// take makes the actor's call the one that was taken at the step.
func (t *tree) take(step, actor int) {
	n := &t.nodes[step]
	n.taken = slices.IndexFunc(n.options, func(o option) bool { return int(o.actor) == actor })
}

// nearest finds the passing schedule that has the most steps in common with the fault's.
func (s *search) nearest(f *Fault, path *tree, end time.Time) {
	runs, least := 0, slowRuns
	if f.Kind == Deadlock {
		least = 0
	}
	for k := min(len(path.nodes), f.Steps) - 1; k >= 0; k-- {
		was := path.nodes[k].taken
		for i := range path.nodes[k].options {
			if i == was {
				continue
			}
			if runs++; runs > clearRuns || runs > least && time.Now().After(end) || s.ctx.Err() != nil {
				return
			}
			path.skip(k + 1)
			path.nodes[k].taken = i
			var out outcome
			for range again {
				path.begin()
				if out = s.run(s.ctx, path.choose, transcript.Config{}, true); path.stray < 0 {
					break
				}
				path.skip(k + 1)
			}
			if path.stray < 0 && out.kind == "" && !out.gaveUp {
				f.Passes, f.Decisive = out.trace, k
				if extra := timeOuts(f.Trace, k); extra >= 0 {
					f.Decisive = extra
				}
				return
			}
		}
		path.skip(k + 1)
		path.nodes[k].taken = was
	}
}

// timeOuts turns the index of a choice into the index of its step in the trace, in which time-outs are steps as well.
func timeOuts(t *Trace, choice int) int {
	for i, step := range t.Steps {
		if step.Kind == TimeOut {
			continue
		}
		if choice == 0 {
			return i
		}
		choice--
	}
	return -1
}

// shorten drops departures of a schedule that was found by chance for as long as the fault still shows.
func (s *search) shorten(f *Fault, end time.Time) {
	path, out, ok := s.record(f.Schedule, f.Kind)
	if !ok {
		return
	}
	path.skip(out.steps)
	best, cost, steps := path.schedule().Switches, path.spent(), out.steps
	try := func(switches []Switch) bool {
		follow := &follower{switches: slices.Clone(switches)}
		t := &tree{limit: limit{-1, -1}}
		t.begin()
		out := s.run(s.ctx, func(step int, c *chooser) int {
			t.choose(step, c)
			i := follow.choose(step, c)
			t.take(step, c.held[i].id)
			return i
		}, transcript.Config{}, false)
		if out.kind != f.Kind {
			return false
		}
		t.skip(out.steps)
		if c := t.spent(); c.preemptions > cost.preemptions || len(t.schedule().Switches) >= len(best) {
			return false
		}
		best, cost, steps = t.schedule().Switches, t.spent(), out.steps
		return true
	}
	for shorter := true; shorter; {
		shorter = false
		for i := len(best) - 1; i >= 0 && time.Now().Before(end) && s.ctx.Err() == nil; i-- {
			if i < len(best) && try(slices.Delete(slices.Clone(best), i, i+1)) {
				shorter = true
			}
		}
	}
	short := Schedule{Switches: best}
	if _, fits := short.Token(s.program); fits || f.Schedule.Number == 0 {
		f.Schedule = short
	}
	f.Preemptions, f.Steps = cost.preemptions, steps
	f.Fewest = cost.preemptions == 0 || s.result.Bound.Preemptions >= cost.preemptions-1
}

// StrayedError says that a program did not go the way that its schedule says.
type StrayedError struct{ Schedule Schedule }

func (e *StrayedError) Error() string {
	return "the run went another way than its schedule: the recipe has changed since, or it is not deterministic"
}

// Replay runs the program once by the schedule, and returns what it did. cfg.Sink watches; an event's time is its step, in
// milliseconds. The error is a *[StrayedError] if the schedule cannot be followed, and the context's cause if ctx ends. What the
// run comes to is in the trace. It sets GOMAXPROCS to 1 meanwhile, as [Search] does.
func Replay(ctx context.Context, p Program, schedule Schedule, cfg transcript.Config) (*Trace, error) {
	defer alone()()
	r := runner{program: p, quiet: newQuietness(true), grace: grace}
	defer r.quiet.others.close()
	choose, strayed := schedule.pick()
	out := r.run(ctx, choose, cfg, true)
	switch {
	case ctx.Err() != nil:
		return out.trace, context.Cause(ctx)
	case strayed():
		return out.trace, &StrayedError{schedule}
	case out.kind != "":
		return out.trace, &FaultError{out.kind, out.text}
	}
	return out.trace, nil
}

// FaultError is a run that has a fault.
type FaultError struct {
	Kind FaultKind
	Text string
}

func (e *FaultError) Error() string {
	if e.Kind == Broken {
		return e.Text
	}
	return fmt.Sprintf("%s: %s", e.Kind, e.Text)
}
