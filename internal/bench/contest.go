package bench

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
	"cookbook/internal/terminal"
)

// Contest is a recipe and its Python twin, which take turns.
type Contest struct {
	Entry      catalog.Entry
	Args       []string // that both get
	Python, Go *Side

	// OtherWork says why the two sides do not do the same work, so that there is no ratio. "" if they do.
	OtherWork string
	// Untimed says that this was seen in their lines, and that they were not timed therefore.
	Untimed bool

	moreWork string
	timeout  time.Duration
}

// Side is one side of a contest: a program that is started, and one of its kind that starts and does nothing.
type Side struct {
	Name    string // python or go
	Path    string
	Version string
	Kind    string   // the version and more, for people
	Empty   string   // what starts and does nothing, as one would type it
	Lines   []string // of the first run

	Start float64 // the median of that start-up, in nanoseconds
	Times Spread  // of all that counts, from its start to its end

	who     string // in messages
	startup []string
	argv    []string
	env     []string      // beside this process's own
	timeout time.Duration // of one run
	cut     bool          // the lines are not all, because it wrote too much
}

// Runner runs contests.
type Runner struct {
	Rounds int
	// Progress is told what runs now, and how much of the contest is done. Nil: nobody wants to know.
	Progress func(what string, done, total int)

	starts map[string]float64 // of commands whose start-up is known, in nanoseconds
}

// Steps is how many programs Run starts for a contest at most.
func (r *Runner) Steps() int { return 2 + 2*(1+r.Rounds) + 2*r.Rounds }

// Run fills both sides. First each runs once, which warms the caches, and their lines are compared: if these show that the sides do
// not do the same work, nothing is timed. Then the start-up of an empty program of each kind is measured, unless this runner knows it,
// and then the sides themselves. They take turns, and who goes first changes each time.
//
// The error is of a program that failed or did not end within its time-out, or the cause of ctx.
func (r *Runner) Run(ctx context.Context, c *Contest) error {
	sides, done := []*Side{c.Python, c.Go}, 0
	run := func(s *Side, what, who string, argv []string) (string, float64, error) {
		if r.Progress != nil {
			r.Progress(s.Name+what, done, r.Steps())
		}
		done++
		out, elapsed, err := machine.RunChild(ctx, who, s.timeout, s.env, argv...)
		return out, float64(elapsed), c.explain(err)
	}
	for _, s := range sides {
		out, _, err := run(s, ", lines", s.who, s.argv)
		if err != nil {
			return err
		}
		s.Lines, s.cut = terminal.SafeLines(out), len(out) >= machine.MaxOutput
	}
	if err := c.compareWork(); err != nil || c.Untimed {
		return err
	}
	unknown := slices.DeleteFunc(slices.Clone(sides), func(s *Side) bool { return r.known(s) })
	starts, err := turns(1+r.Rounds, unknown, func(s *Side) (float64, error) {
		_, ns, err := run(s, ", empty", s.Empty, s.startup)
		return ns, err
	})
	if err != nil {
		return err
	}
	for i, s := range unknown {
		s.Start = spreadOf(starts[i][1:]).Median // the first one warms the caches
		r.learn(s)
	}
	times, err := turns(r.Rounds, sides, func(s *Side) (float64, error) {
		_, ns, err := run(s, "", s.who, s.argv)
		return ns, err
	})
	if err != nil {
		return err
	}
	for i, s := range sides {
		s.Times = spreadOf(times[i])
	}
	return nil
}

// turns has the sides do something in turn, and returns what it gave for each of them.
func turns(rounds int, sides []*Side, one func(*Side) (float64, error)) ([][]float64, error) {
	got := make([][]float64, len(sides))
	for round := range rounds {
		for i := range sides {
			if round%2 == 0 { // the side that came last was the last one to run
				i = len(sides) - 1 - i
			}
			v, err := one(sides[i])
			if err != nil {
				return nil, err
			}
			got[i] = append(got[i], v)
		}
	}
	return got, nil
}

// known takes over the start-up of a command that was measured before.
func (r *Runner) known(s *Side) (ok bool) {
	s.Start, ok = r.starts[strings.Join(s.startup, "\x00")]
	return ok
}

func (r *Runner) learn(s *Side) {
	if r.starts == nil {
		r.starts = map[string]float64{}
	}
	r.starts[strings.Join(s.startup, "\x00")] = s.Start
}

// compareWork looks in the lines for work that one side did and the other did not.
func (c *Contest) compareWork() error {
	if c.OtherWork != "" || c.Python.cut || c.Go.cut {
		return nil
	}
	why, err := otherWork(c.Entry, c.Args, c.Python.Lines, c.Go.Lines)
	c.OtherWork, c.Untimed = why, why != ""
	return err
}

// Finding is what the contest has come to.
func (c *Contest) Finding(rounds int, roundsFlag string) Finding {
	return Judge(Evidence{
		Python: c.Python.Times, Go: c.Go.Times, PythonStart: c.Python.Start, GoStart: c.Go.Start,
		Rounds: rounds, RoundsFlag: roundsFlag, OtherWork: c.OtherWork, MoreWork: c.moreWork,
	})
}

// explain adds to a failed run what its exit code says.
func (c *Contest) explain(err error) error {
	var failed *machine.ChildError
	if !errors.As(err, &failed) {
		return err
	}
	switch {
	case failed.Code() == command.ExitTimeout && failed.Who == c.Go.who:
		return &machine.ChildTimeoutError{Who: failed.Who, After: c.timeout, Stderr: failed.Stderr}
	case failed.Code() == command.ExitUsage && len(c.Args) > 0:
		return catalog.Usagef("%v\nwhat both take: cookbook run %s --help", err, c.Entry.ID)
	}
	return err
}
