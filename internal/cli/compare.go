package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/bench"
	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
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
and if the spreads of the measurements do not overlap. Otherwise a line says why there is none. Sides whose lines differ are
not timed. Many recipes at once: cookbook bench.`,
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

// comparison is what compare --json prints.
type comparison struct {
	Recipe string   `json:"recipe"`
	Device string   `json:"device,omitempty"` // of the Go side
	Python measured `json:"python"`
	Go     measured `json:"go"`
	bench.Finding
	Times int      `json:"times"`
	Speed string   `json:"speed"`
	Args  []string `json:"args"`
}

type measured struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	*times
	Lines []string `json:"lines"`
}

// times are of a side that was timed, in milliseconds.
type times struct {
	Median  float64 `json:"median_ms"`
	Min     float64 `json:"min_ms"`
	Max     float64 `json:"max_ms"`
	Startup float64 `json:"startup_ms"` // of an empty program, the median
}

func (o *compareOptions) run(ctx context.Context, a *app, g *choice, e catalog.Entry, args []string) error {
	if need, err := g.missing(ctx, e); err != nil {
		return lacks(ctx, e.ID, need, err)
	}
	on := bench.Conditions{Exe: a.Exe, OnWhat: g.names(), Python: o.python, Speed: o.speed.String(), Timeout: o.timeout, Args: args}
	if g.device != nil {
		on.On = []string{"--" + command.Device, g.device.name()}
	}
	c, err := bench.NewContest(ctx, e, on)
	if err != nil {
		return err
	}
	bar := a.Bar()
	defer bar.Clear()
	r := &bench.Runner{Rounds: o.times, Progress: bar.Draw}
	if err := r.Run(ctx, c); err != nil {
		return err
	}
	bar.Clear()
	finding := c.Finding(o.times, "--times")
	if !o.json {
		o.show(a, c, finding)
		return nil
	}
	return a.WriteJSON(comparison{
		Recipe: e.ID, Device: g.Device, Python: result(c, c.Python), Go: result(c, c.Go), Finding: finding,
		Times: o.times, Speed: o.speed.String(), Args: append([]string{}, args...),
	})
}

func result(c *bench.Contest, s *bench.Side) measured {
	m := measured{Path: s.Path, Version: s.Version, Lines: append([]string{}, s.Lines...)}
	if !c.Untimed {
		ms := bench.Milliseconds
		m.times = &times{Median: ms(s.Times.Median), Min: ms(s.Times.Least), Max: ms(s.Times.Most), Startup: ms(s.Start)}
	}
	return m
}

func ms(d time.Duration) float64 { return bench.Milliseconds(float64(d)) }
