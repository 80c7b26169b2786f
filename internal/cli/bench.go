package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/bench"
	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
	"cookbook/internal/svg"
	"cookbook/internal/transcript"
)

type benchOptions struct {
	rounds  int
	quick   bool
	json    bool
	list    bool
	python  string
	plot    string
	write   string
	compare string
	speed   transcript.Speed
	timeout time.Duration
}

func newBench(a *app) *cobra.Command {
	o := &benchOptions{speed: transcript.SpeedMax}
	cmd := &cobra.Command{
		Use:   "bench [CHAPTER, RECIPE or PRIMITIVE...]",
		Short: "Measure Go beside Python on this machine",
		Long: `Measure recipes beside their Python twins, and primitives (operations such as a lock or a queue) beside Python's own.
Both sides take turns, round by round, in processes of their own. Each is warm before it counts. The table has the medians with
the least and the most, and Python's median divided by Go's. For some operations it also has what plain Go takes for the same:
a sync.Mutex, a channel.

There is no ratio where the spreads of the two sides overlap, where they do not do the same work, and where most of a
recipe's time is start-up. A twin whose lines differ from the recipe's is not timed. Python needs the libraries that a row is
about: a row says what it lacks.

A word that is no chapter, or several in quotes, name the primitives in whose names they stand, or else a recipe. Without a word
everything is measured, which takes some minutes. Ctrl-C ends it, with the rows that are measured by then, and with their picture.

In a pipe each row is a line with tabs between its columns: name, unit (ns or B), the median, the least and the most of Python, of
Go and of plain Go, the ratio, its least and its most, and a remark.`,
		Example: `  cookbook bench lock queue
  cookbook bench ch4 --python /usr/bin/python3 --plot ch4.svg
  cookbook bench primitives --quick
  cookbook bench ch2 --json > before.json
  cookbook bench ch2 --compare before.json`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("bench", "cookbook bench"); err != nil {
				return err
			}
			for _, name := range []string{"python", "plot", "write", "compare"} {
				if f := cmd.Flags().Lookup(name); f.Changed && f.Value.String() == "" {
					return usagef("--%s is empty: name a file or a folder, or leave it out", name)
				}
			}
			if err := isFolder(o.write); err != nil {
				return err
			}
			plan, err := bench.Choose(a.catalog, bench.Operations(), args)
			switch {
			case err != nil:
				return err
			case o.list && o.json:
				return usagef("--list prints a table, with tabs in a pipe, and no JSON: leave out one of --list and --json")
			case o.list:
				return a.listPlan(plan)
			case o.plot != "":
				if err := svg.CheckFile(o.plot); err != nil {
					return usagef("--plot %s: %w", command.Shown(o.plot), err)
				}
			}
			return o.run(cmd.Context(), a, plan)
		},
	}
	f := cmd.Flags()
	catalog.IntVar(f, &o.rounds, "rounds", 5, 1, 1000, "measure each side this many times; with --quick 3 unless it is given")
	f.BoolVar(&o.quick, "quick", false, "a tenth of the work, for a first look")
	f.BoolVar(&o.json, "json", false, "a JSON object, times in nanoseconds")
	f.BoolVar(&o.list, "list", false, "say what would be measured, and measure nothing")
	f.StringVar(&o.python, "python", "", "`path` of the interpreter, "+machine.PythonNeeded+" (default: python3 or python on PATH)")
	f.StringVar(&o.plot, "plot", "", "draw bars on a logarithmic scale, with their spread, into this SVG `file`")
	f.StringVar(&o.write, "write", "", "write benchmarks.md and its pictures into this `folder`, too")
	f.StringVar(&o.compare, "compare", "", "say what has changed since a report in this `file`, which --json has printed")
	command.SpeedFlag(f, &o.speed)
	command.TimeoutFlag(f, &o.timeout, "of each program that is started")
	cmd.PreRun = func(cmd *cobra.Command, _ []string) {
		if o.quick && !cmd.Flags().Changed("rounds") {
			o.rounds = 3
		}
	}
	cmd.AddCommand(newBenchGo(a))
	return cmd
}

func (o *benchOptions) run(ctx context.Context, a *app, plan bench.Plan) error {
	var old *bench.Report
	if o.compare != "" {
		var err error
		if old, err = bench.ReadReport(o.compare); err != nil {
			return usagef("--compare: %w", err)
		}
	}
	bar := a.Bar()
	defer bar.Clear()
	b := &bench.Bench{Exe: a.Exe, Python: o.python, Rounds: o.rounds, Quick: o.quick, Speed: o.speed.String(), Timeout: o.timeout, Progress: bar.Draw}
	r, err := b.Run(ctx, plan)
	bar.Clear()
	switch {
	case err != nil && (r == nil || len(r.Rows) == 0):
		return err
	case err != nil:
		return errors.Join(o.show(a, r, old), err)
	}
	if err = o.show(a, r, old); err == nil && o.write != "" {
		err = bench.WritePage(o.write, r)
	}
	if err == nil && !r.Measured() {
		err = nothingMeasured{errors.New("nothing could be measured beside Python here: the rows say why")}
	}
	return err
}

// show shows a report, and what has changed since an old one, and draws it, as far as that is wanted. It may have been ended early.
func (o *benchOptions) show(a *app, r, old *bench.Report) (err error) {
	if o.json {
		err = a.WriteJSON(r)
	} else {
		err = a.showReport(r)
	}
	if err == nil && old != nil {
		err = a.showComparison(bench.Compare(old, r), o.json)
	}
	if err == nil && o.plot != "" {
		err = bench.Plot(r).Save(o.plot)
	}
	return err
}

// nothingMeasured is the error of a report without a row that has both sides.
type nothingMeasured struct{ error }

// Missing says that this machine lacks what it takes.
func (nothingMeasured) Missing() bool { return true }
