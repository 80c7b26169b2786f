package explore

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"cookbook/internal/transcript"
)

// How the budget is shared: the part of it that has passed when each kind of search ends.
const (
	partLevels     = 0.6  // all schedules of so many preemptions
	partDepartures = 0.85 // all of so many departures, if not even 2 preemptions were done

	partLook = 0.05 // of one level, after which it is given up if it looks far too large
	tooLarge = 0.05 // what must be done of it by then
)

// enough is the number of preemptions after which chance finds more than the next level.
const enough = 2

// softMemory is what the process should take, in bytes, as long as that is possible: the hashes of two million schedules.
const softMemory = 64 << 20

// shorter is how long a search goes on in the level of its first fault, for one that shows after fewer steps.
const shorter = 600 * time.Millisecond

// again is how often a schedule whose replay strays is tried.
const again = 20

// A search goes through the schedules of a program.
type search struct {
	runner
	ctx     context.Context
	options Options
	start   time.Time
	found   time.Time     // the first fault
	before  time.Duration // spent by the searches that this one goes on from

	seen   set // schedules
	orders set // printed orders
	shown  *transcript.Orders
	result *Result

	phase    phase
	level    int
	tree     tree
	random   int // schedules at random so far
	runs     int
	longest  int // steps of a run that passed
	drawn    time.Time
	weights  float64 // sum of the estimates of how many schedules there are
	walks    int
	passed   []int32 // the choices of the last run that passed, by actor
	strayed  bool
	straying string
	cutShort bool // not every schedule of the level could be run
}

type phase int

const (
	levels phase = iota
	departures
	chance
	over
)

// Search runs the program in as many orders as the budget allows, and says what it has covered. It stops at the end of the budget
// or of ctx, which are no errors, and at the end of the level in which it finds a fault, or half a second later. It sets GOMAXPROCS
// to 1 until it returns; other goroutines of the process should do nothing meanwhile. The memory it takes grows by about 32 bytes
// a schedule.
func Search(ctx context.Context, p Program, o Options) (*Result, error) {
	defer alone()()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a run's garbage is little
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(softMemory))
	o.Budget = cmp.Or(o.Budget, DefaultBudget)
	o.Seed = cmp.Or(o.Seed, 1)
	s := &search{
		runner: runner{program: p, quiet: newQuietness(o.grace() > 0), grace: o.grace()}, ctx: ctx, options: o, start: time.Now(),
		result: &Result{Verdict: Bounded, Bound: Bound{Preemptions: -1, Departures: -1}},
	}
	if p.Promise != nil {
		s.shown = p.Promise.Orders()
	}
	if o.Unordered {
		s.level = -1 // no bound
	}
	defer s.quiet.others.close()
	if err := s.resume(o.From); err != nil {
		return nil, err
	}
	for s.phase != over && !s.stopped(1) {
		switch s.phase {
		case levels:
			s.searchLevel()
		case departures:
			s.searchDepartures()
		case chance:
			s.searchAtRandom()
		}
	}
	s.finish()
	return s.result, nil
}

// stopped reports whether that part of the budget has passed, or the search was told to end.
func (s *search) stopped(part float64) bool {
	return s.ctx.Err() != nil || s.options.Most > 0 && s.runs >= s.options.Most ||
		len(s.result.Faults) > 0 && time.Since(s.found) > shorter ||
		time.Since(s.start) > time.Duration(part*float64(s.options.Budget))
}

// announce tells those that want to know what is run next, and how far the search is.
func (s *search) announce(next func() Schedule) {
	s.runs++
	if s.options.Before != nil {
		schedule := next()
		s.options.Before(&schedule)
	}
	if s.options.Progress != nil && time.Since(s.drawn) > 100*time.Millisecond {
		s.drawn = time.Now()
		s.options.Progress(Progress{s.seen.len(), s.orders.len(), s.levelName(), s.before + time.Since(s.start)})
	}
}

func (s *search) levelName() string {
	switch {
	case s.phase == chance:
		return "at random"
	case s.phase == departures:
		return fmt.Sprintf("%d departures", s.level)
	case s.level == 1:
		return "1 preemption"
	}
	return fmt.Sprintf("%d preemptions", s.level)
}

// count notes a run that came to its end.
func (s *search) count(schedule uint64, out *outcome) (fresh bool) {
	fresh = s.seen.add(schedule)
	s.longest = max(s.longest, out.steps)
	switch {
	case !fresh: // a level runs those of the level before once more
	case s.orders.add(out.order) && out.kind == "" && s.shown != nil:
		s.shown.Add(out.places)
	}
	return fresh
}

// fault notes a fault, if none of its kind is known that is shown sooner.
func (s *search) fault(out *outcome, f Fault) {
	if len(s.result.Faults) == 0 {
		s.found = time.Now()
	}
	f.Kind, f.Text, f.Steps = out.kind, out.text, out.steps
	f.passed = slices.Clone(s.passed)
	s.brief = s.brief || out.kind == Deadlock
	i := slices.IndexFunc(s.result.Faults, func(old Fault) bool { return old.Kind == f.Kind })
	switch {
	case i < 0:
		s.result.Faults = append(s.result.Faults, f)
	case f.Steps < s.result.Faults[i].Steps:
		s.result.Faults[i] = f
	}
	slices.SortStableFunc(s.result.Faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Preemptions, b.Preemptions), cmp.Compare(a.Steps, b.Steps))
	})
}

// finish says what was found.
func (s *search) finish() {
	r := s.result
	r.Schedules, r.Orders = s.seen.len(), s.orders.len()
	r.Elapsed = s.before + time.Since(s.start)
	if s.free || s.quiet.others.guesses > 0 {
		r.Bound.Whole = false // other processes do as they like
	}
	if r.Bound.Whole && !s.strayed {
		r.Verdict, r.Share = Complete, 1
	} else if s.walks > 0 && !s.free {
		r.Share = min(1, float64(r.Schedules)/(s.weights/float64(s.walks)))
	}
	if s.shown != nil && len(r.Faults) == 0 {
		r.Shown = s.shown
		if r.Verdict == Complete || max(r.Bound.Preemptions, r.Bound.Departures) > 0 { // else what did not come may well do so
			r.Loose = s.shown.Loose()
		}
	}
	r.State = s.state()
	if s.clock {
		r.Notes = append(r.Notes, "time-outs of the clock came only when nothing else was left to choose")
	}
	if s.ctx.Err() == nil {
		for i := range r.Faults {
			s.explain(&r.Faults[i])
		}
	}
	r.Elapsed = s.before + time.Since(s.start)
	if s.quiet.others.met {
		r.Notes = append(r.Notes, s.farNotes()...)
	} else if s.straying != "" {
		r.Faults = append(r.Faults, Fault{Kind: Strayed, Text: s.straying, Decisive: -1})
	} else if s.strayed {
		r.Notes = append(r.Notes, "some schedules had to be run again: the runtime decided something itself, such as a select with two ready cases")
	}
}
