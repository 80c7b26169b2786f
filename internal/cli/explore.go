package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
)

type exploreOptions struct {
	budget   time.Duration
	most     int
	seed     uint64
	json     bool
	suggest  bool
	resume   bool
	timeline pictureFlag

	own *pflag.FlagSet // the flags of the one recipe that was named; nil: several were
}

const exploreName = "explore"

func newExplore(a *app) *cobra.Command {
	o := &exploreOptions{}
	cmd := &cobra.Command{
		Use:   exploreName + " [RECIPE or CHAPTER...] [flags]",
		Short: "Run recipes in every order that synchronisation allows",
		Long: `Run a recipe, the real code, in every order of its lines and pauses that its synchronisation allows, and check the promise in each.
The search begins with the schedules without a preemption, goes on with those that have one, and so on, until it has run all
or the budget is spent. What is left of the budget goes to random schedules.

The verdict says what was run. COMPLETE: there is no other order. BOUNDED: all schedules up to a bound, and a share of the rest.
If a schedule breaks the promise, panics, or ends in a deadlock, it is shown, in columns, one for each actor, with what replays it.
The exit code is then 1. A recipe that does not do the same when it is given the same schedule is said to stray; what was
found until then counts, and the exit code is 0, unless nothing was run to its end.

One recipe takes its own flags, too, such as --wrong, which chooses a variant with a fault.`,
		Example: `  cookbook explore ch2.deadlock --wrong opposite-order
  cookbook explore ch2 --budget 1s
  cookbook explore ch2.condition --suggest
  cookbook explore ch2.queue --resume`,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse(exploreName, "cookbook explore"); err != nil {
				return err
			}
			asked, err := o.asked(a, args, cmd.ArgsLenAtDash())
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), a, asked)
		},
	}
	a.ownFlags = func(cmd *cobra.Command, words []string) { o.takeOwnFlags(a, cmd, words) }
	f := cmd.Flags()
	catalog.DurationVar(f, &o.budget, "budget", 5*time.Second, time.Millisecond, 1000*time.Hour, "search each recipe this long at most")
	catalog.IntVar(f, &o.most, "schedules", 0, 0, 1_000_000_000, "run this many schedules of each recipe at most; 0 runs what the budget allows")
	command.SeedFlag(f, &o.seed, "of the recipe's random numbers and of the random schedules; 0 is 1")
	f.BoolVar(&o.json, "json", false, "a JSON object, or an array for several recipes")
	f.BoolVar(&o.suggest, "suggest", false, "print the promise file without what never came")
	f.BoolVar(&o.resume, "resume", false, "go on where the last search with the same recipe and flags ended")
	o.timeline.addTo(f, "draw the schedule that breaks the recipe, a lane for each actor: in the terminal, or into this `FILE`, .svg or .json")
	return cmd
}

// subject is a recipe with its flags, ready to be explored.
type subject struct {
	catalog.Entry
	args []string // its own flags and arguments, in the one form in which they are written

	program explore.Program
}

// newSubject prepares a recipe with its own flags and arguments, which were parsed; flags is nil if there are none.
func newSubject(e catalog.Entry, flags *pflag.FlagSet, arguments []string, seed uint64) (*subject, error) {
	s := &subject{Entry: e}
	if flags != nil {
		s.args = typedAgain(flags, arguments)
	}
	run, promise, err := e.Prepare(s.args...)
	if err != nil {
		return nil, err
	}
	s.program = explore.Program{ID: s.command(), Run: run, Promise: promise, Seed: max(seed, 1)}
	return s, nil
}

// command is the recipe with its flags, as one types it behind run or explore.
func (s *subject) command() string {
	return strings.Join(append([]string{s.ID}, shellWords(s.args)...), " ")
}

// asked are the recipes that the arguments name. Those behind -- are the recipe's own.
func (o *exploreOptions) asked(a *app, args []string, dash int) ([]*subject, error) {
	var own []string
	if dash >= 0 {
		args, own = args[:dash], args[dash:]
	}
	switch {
	case o.suggest && (o.json || o.timeline != ""):
		return nil, usagef("--suggest prints a promise: leave out --json and --timeline")
	case o.json && o.timeline != "":
		return nil, usagef("--timeline is a picture: leave out --json")
	}
	if err := o.timeline.check(); err != nil {
		return nil, err
	}
	entries, err := a.catalog.FindAllAt(catalog.Place{}, args)
	if err != nil {
		return nil, err
	}
	if len(entries) != 1 {
		switch {
		case o.suggest || o.timeline != "":
			return nil, usagef("--suggest and --timeline are for one recipe, and %d are named", len(entries))
		case ownChanged(o.own) || len(own) > 0:
			return nil, usagef("a recipe's own flags and arguments are for one recipe, and %d are named", len(entries))
		}
		o.own = nil
	}
	if len(own) > 0 && entries[0].Args == "" {
		return nil, usagef("%s takes no argument, got %q; see: cookbook run %[1]s --help", entries[0].ID, own[0])
	}
	var all []*subject
	for _, e := range entries {
		s, err := newSubject(e, o.own, own, o.seed)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// run explores all, one after another, and says what came of each.
func (o *exploreOptions) run(ctx context.Context, a *app, all []*subject) error {
	report := o.reporter(a, all)
	failed, start := 0, time.Now()
	words := map[string]int{}
	for i, s := range all {
		f := o.explore(ctx, a, s, i, len(all))
		if err := context.Cause(ctx); err != nil && f.result == nil {
			return err
		}
		if f.err != nil && len(all) == 1 {
			return f.err
		}
		if f.failed() {
			failed++
		}
		words[f.word()]++
		report.add(f)
		if err := context.Cause(ctx); err != nil {
			report.end()
			return err
		}
	}
	if err := report.end(); err != nil {
		return err
	}
	if len(all) > 1 && !o.json {
		a.summarize(failed > 0, fmt.Sprintf("%d recipes: %d complete, %d bounded, %d failed, %d skipped, in %.1f s", len(all),
			words[string(explore.Complete)], words[string(explore.Bounded)], failed, words["skipped"], time.Since(start).Seconds()))
	}
	if failed > 0 {
		return silentError{fmt.Errorf("%d recipes failed", failed)}
	}
	return nil
}

// found is what came of exploring one recipe.
type found struct {
	*subject
	result *explore.Result // nil: it was not explored
	err    error           // why
	lacks  bool            // it cannot be explored, or not here
	from   string          // the search on which this one went on, in words; "": it began anew
	kept   bool            // --resume can go on

	promise string // that is tight, if --suggest asks for it
}

// failed reports whether the recipe is wrong.
func (f *found) failed() bool {
	if f.result == nil {
		return !f.lacks
	}
	fault := f.fault()
	return fault != nil && (fault.Kind != explore.Strayed || f.result.Schedules == 0)
}

// fault is the one to show, nil if there is none. Any other one counts before a recipe that strays.
func (f *found) fault() *explore.Fault {
	if f.result == nil {
		return nil
	}
	var strayed *explore.Fault
	for i := range f.result.Faults {
		fault := &f.result.Faults[i]
		if fault.Kind != explore.Strayed {
			return fault
		}
		if strayed == nil {
			strayed = fault
		}
	}
	return strayed
}

// searchable is the error of a recipe that cannot be explored.
func searchable(e catalog.Entry) error {
	if slices.Contains(e.Needs, catalog.Network) && slices.Contains(e.Needs, catalog.Processes) {
		return usagef("%s: its processes talk through a network, and a search cannot hold what comes from there; for orders at random: cookbook verify %[1]s --stress", e.ID)
	}
	return nil
}

// explore explores recipe i of n.
func (o *exploreOptions) explore(ctx context.Context, a *app, s *subject, i, n int) *found {
	f := &found{subject: s}
	if f.err = searchable(s.Entry); f.err != nil {
		f.lacks = true
		return f
	}
	if need, err := (&choice{}).missing(ctx, s.Entry); err != nil {
		f.err, f.lacks = lacks(ctx, s.ID, need, err), true
		return f
	}
	q := &apart.Question{Recipe: s.ID, Args: s.args, Seed: o.seed, Budget: o.budget, Most: o.most, Suggest: o.suggest}
	if o.resume {
		q.From, f.from, f.err = a.savedState(s)
		if f.err != nil && (n == 1 || !errors.Is(f.err, errNoState)) {
			return f
		}
		f.err = nil
	}
	bar := a.Bar()
	defer bar.Clear()
	f.result, f.err = a.search(ctx, s, q, func(r apart.Answer) {
		if f.promise = r.Promise; r.Progress != nil {
			drawProgress(bar, s.ID, *r.Progress, o, i, n)
		}
	})
	if f.result != nil {
		var err error
		if f.kept, err = a.keepState(s, f.result); err != nil {
			f.result.Notes = append(f.result.Notes, "nothing is kept for --resume: "+err.Error())
		}
	}
	return f
}
