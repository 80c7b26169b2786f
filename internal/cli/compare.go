package cli

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

type compareOptions struct {
	times   int
	speed   transcript.Speed
	python  string
	json    bool
	timeout time.Duration
	device  string // of the Go side; "": none was named
}

func newCompare(a *app) *cobra.Command {
	o := &compareOptions{speed: transcript.SpeedMax}
	cmd := &cobra.Command{
		Use:   "compare RECIPE [flags] [-- ARGS]",
		Short: "Run a recipe and its Python twin in turn and compare",
		Long: `Run the Python twin of a recipe and the recipe in turn, several times each, show what they print and how long they take.
What is measured is a whole process, from its start to its end. The start-up of an empty program of each kind is measured
too. Arguments after -- go to both, --device to the recipe.

There is a ratio only where it means something: if both sides do the same work, if that takes longer than their start-up,
and if the spreads of the measurements do not overlap. Otherwise a line says why there is none.`,
		Example: `  cookbook compare ch2.lock
  cookbook compare lock --times 20 -- --count 1000000
  cookbook compare ch6.double --device opencl
  cookbook compare lock --python ~/venv/bin/python --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args = args[:dash]
			}
			if len(args) != 1 {
				return usagef("compare takes one recipe, got %d arguments, as in: cookbook compare ch2.lock -- --count 1000", len(args))
			}
			return nil
		},
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("compare", "cookbook compare "+args[0]); err != nil {
				return err
			}
			e, err := a.catalog.Find(args[0])
			if err != nil {
				return err
			}
			g := &choice{}
			if cmd.Flags().Changed(command.Device) {
				err = g.findDevice(a, o.device)
			}
			switch {
			case err != nil:
				return err
			case !g.Has(e.Recipe):
				return &catalog.PlaceError{Place: g.Place, Recipe: e.ID}
			case slices.ContainsFunc(args[1:], func(arg string) bool { return arg == "--wrong" || strings.HasPrefix(arg, "--wrong=") }):
				return usagef("the Python twin of %s has no programs that are wrong in one place: leave out --wrong", e.ID)
			}
			return o.run(cmd.Context(), a, g, e, args[1:])
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if !errors.As(err, new(*pflag.NotExistError)) {
			return flagError(cmd, err)
		}
		return usagef("%w; flags of the recipe go behind --, as in: cookbook compare ch2.lock -- --count 1000", err)
	})
	f := cmd.Flags()
	catalog.IntVar(f, &o.times, "times", 5, 1, mostTimes, "measure each side this many times, after one run that does not count")
	command.SpeedFlag(f, &o.speed)
	f.StringVar(&o.python, "python", "", "`path` of the interpreter, "+machine.PythonNeeded+" (default: python3 or python on PATH)")
	f.BoolVar(&o.json, "json", false, "a JSON object, times in milliseconds")
	command.TimeoutFlag(f, &o.timeout, "of each run")
	addDevice(cmd, &o.device)
	return cmd
}

// contestant is one side of the comparison.
type contestant struct {
	name    string // python or go
	who     string // in messages
	path    string
	version string
	kind    string // the version and more, for people
	empty   string // what starts and does nothing, as one would type it
	startup []string
	argv    []string
	env     []string      // beside this process's own
	timeout time.Duration // of one run

	starts, runs []time.Duration
	lines        []string // of the first run that counts
	cut          bool     // these are not all, because it wrote too much
}

// comparison is what compare --json prints.
type comparison struct {
	Recipe string   `json:"recipe"`
	Device string   `json:"device,omitempty"` // of the Go side
	Python measured `json:"python"`
	Go     measured `json:"go"`
	finding
	Times int      `json:"times"`
	Speed string   `json:"speed"`
	Args  []string `json:"args"`
}

type measured struct {
	Path    string   `json:"path"`
	Version string   `json:"version"`
	Median  float64  `json:"median_ms"`
	Min     float64  `json:"min_ms"`
	Max     float64  `json:"max_ms"`
	Startup float64  `json:"startup_ms"` // of an empty program, the median
	Lines   []string `json:"lines"`
}

func (o *compareOptions) run(ctx context.Context, a *app, g *choice, e catalog.Entry, args []string) error {
	if need, err := g.missing(ctx, e); err != nil {
		return lacks(ctx, e.ID, need, err)
	}
	twin, err := e.File(catalog.Twin)
	if err != nil {
		return err
	}
	if program, err := machine.MissingProgram(machine.Programs(twin)); err != nil {
		return missingError{"the Python twin of " + e.ID, catalog.Need(program), err}
	}
	modules := machine.Requires(twin)
	found, err := o.findPython(ctx, e, modules)
	if err != nil {
		return err
	}
	empty, typed := emptyProgram(modules)
	pace := []string{"--speed", o.speed.String()}
	python := &contestant{
		name: "python", who: "the Python twin of " + e.ID,
		path: found.Path, version: found.Version, kind: terminal.Safe(terminal.OneLine("Python " + found.String())),
		empty: filepath.Base(found.Path) + " -c " + typed, startup: []string{found.Path, "-c", empty},
		argv:    slices.Concat(twinProgram(found.Path, e, twin), pace, args),
		timeout: o.timeout,
	}
	if e.Engine == string(catalog.MPI) {
		if err := python.underMpirun(ctx, e, twin, pace, args); err != nil {
			return err
		}
	}
	var on []string
	if g.device != nil {
		on = []string{"--" + command.Device, g.device.name()}
	}
	// The recipe knows its own --timeout and says who waits for what; the grace is for that.
	golang := &contestant{
		name: "go", who: "the Go recipe " + e.ID,
		path: a.Exe, version: runtime.Version(), kind: "Go " + strings.TrimPrefix(runtime.Version(), "go") + g.names(),
		empty: "cookbook version", startup: []string{a.Exe, "version"},
		argv:    slices.Concat([]string{a.Exe, "run", e.ID, "--plain", "--timeout", o.timeout.String()}, on, pace, args),
		timeout: o.timeout + command.Grace,
	}
	if err := o.measure(ctx, a, python, golang); err != nil {
		return o.explainFailure(err, e, args)
	}
	c := comparison{
		Recipe: e.ID, Device: g.Device, Python: python.result(), Go: golang.result(),
		Times: o.times, Speed: o.speed.String(), Args: append([]string{}, args...),
	}
	why := twinSays(twin, noRatio)
	if e.Engine == string(catalog.MPI) {
		why = "mpirun starts Python's ranks, which talk through its library; cookbook starts Go's, which talk through memory"
	}
	if why == "" && !python.cut && !golang.cut {
		if why, err = otherWork(e, args, c.Python.Lines, c.Go.Lines); err != nil {
			return err
		}
	}
	c.finding = judge(c.Python, c.Go, o.times, why, moreToDo(e, twin, args))
	if o.json {
		return a.WriteJSON(c)
	}
	o.show(a, e, python, golang, c)
	return nil
}

// measure fills both sides. They take turns, and who goes first changes each time, so that whatever else the machine does
// falls on both. The first turn warms the caches and does not count.
func (o *compareOptions) measure(ctx context.Context, a *app, sides ...*contestant) error {
	bar := a.Bar()
	defer bar.Clear()
	done, total := 0, 2*len(sides)*(1+o.times)
	turns := func(what string, one func(s *contestant, turn int) error) error {
		for turn := range 1 + o.times {
			order := slices.Clone(sides)
			if turn%2 == 1 {
				slices.Reverse(order)
			}
			for _, s := range order {
				bar.Draw(s.name+what, done, total)
				if err := one(s, turn); err != nil {
					return err
				}
				done++
			}
		}
		return nil
	}
	err := turns(", empty", func(s *contestant, turn int) error {
		_, elapsed, err := machine.RunChild(ctx, s.empty, s.timeout, s.env, s.startup...)
		if turn > 0 {
			s.starts = append(s.starts, elapsed)
		}
		return err
	})
	if err != nil {
		return err
	}
	return turns("", func(s *contestant, turn int) error {
		out, elapsed, err := machine.RunChild(ctx, s.who, s.timeout, s.env, s.argv...)
		if turn > 0 {
			s.runs = append(s.runs, elapsed)
		}
		if turn == 1 {
			s.lines, s.cut = terminal.SafeLines(out), len(out) >= machine.MaxOutput
		}
		return err
	})
}

// explainFailure adds to a failed run what its exit code says.
func (o *compareOptions) explainFailure(err error, e catalog.Entry, args []string) error {
	var failed *machine.ChildError
	if !errors.As(err, &failed) {
		return err
	}
	switch {
	case failed.Code() == exitTimeout && strings.HasPrefix(failed.Who, "the Go"):
		return &machine.ChildTimeoutError{Who: failed.Who, After: o.timeout, Stderr: failed.Stderr}
	case failed.Code() == exitUsage && len(args) > 0:
		return usagef("%w\nwhat both take: cookbook run %s --help", err, e.ID)
	}
	return err
}

func (s *contestant) result() measured {
	m := measured{
		Path: s.path, Version: s.version, Lines: s.lines,
		Median: ms(median(s.runs)), Min: ms(slices.Min(s.runs)), Max: ms(slices.Max(s.runs)), Startup: ms(median(s.starts)),
	}
	if m.Lines == nil {
		m.Lines = []string{}
	}
	return m
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
