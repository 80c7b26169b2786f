package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore"
	"cookbook/internal/gpu"
	"cookbook/internal/transcript"
)

// runOptions are the flags that every recipe has.
type runOptions struct {
	command.View
	timeline pictureFlag
	trace    *string // the name of a file for Go's own trace
	schedule string  // of explore, as a token
}

// newRun makes a command for each of the recipes, too.
func newRun(a *app, recipes []catalog.Entry) *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run RECIPE [ARGS] [flags]",
		Short: "Run a recipe; every line comes with its promise",
		Long: `Run a recipe. RECIPE is an id (ch2.lock), a section of the book (2.7) or a part of one id (rloc).

The mark before a line says how firmly its place is promised:
` + command.Legend() + `A promise follows the recipe's own flags. If it does not cover your flags, the last lines say so; checks are made all the same.

Recipes of MPI run here, in processes of this program, or with --engine mpi in those that mpirun starts, on this machine or
others. mpirun may start cookbook itself, too: mpirun -n 5 cookbook run RECIPE.

Recipes of chapter 5 start a NATS server in this program, or use with --engine nats://HOST:PORT one that is there, such as cookbook
engine starts on another machine.

Recipes of chapter 6 compute on the processor, or with --device opencl or --device cuda on a device that has a driver here; which there
are says ch6.devices.`,
		Example: `  cookbook run ch2.lock
  cookbook run lock --count 1000000
  cookbook run 2.8 --speed 1         at the book's pace`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return usagef("run wants a recipe, as in: cookbook run ch2.lock (see: cookbook list)")
		},
		ValidArgsFunction: a.completeRecipes,
		Annotations:       map[string]string{more: "cookbook run RECIPE --help"},
	}
	f := cmd.PersistentFlags()
	o.Add(f)
	o.timeline.addTo(f, "draw who ran, waited and held what, from Go's execution trace: below the transcript, or into this `FILE`, .svg (a picture) or .json (for ui.perfetto.dev)")
	o.trace = catalog.File(f, "trace", "go.trace", "keep Go's execution trace in this `FILE`, which go tool trace opens")
	f.StringVar(&o.schedule, "schedule", "", "run the recipe in the order of this `token`, which cookbook explore prints; times are then steps")
	for _, e := range recipes {
		cmd.AddCommand(newRunRecipe(a, o, e))
	}
	return cmd
}

func newRunRecipe(a *app, o *runOptions, e catalog.Entry) *cobra.Command {
	cmd := &cobra.Command{
		Use:   strings.TrimSpace(e.ID + " " + e.Args),
		Short: e.Title,
		Long:  fmt.Sprintf("%s (book §%s)\n%s → %s\n\nWhy it works: %s", e.Title, e.Section, e.Python, e.Go, explains(e)),
		Args:  noArgs,

		Hidden:            true, // from cobra's completion, which completeRecipes does
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	if e.Args != "" {
		cmd.Args = cobra.ArbitraryArgs // the recipe reads them and complains itself
	}
	run := e.Declare(cmd.Flags())
	own := pflag.NewFlagSet(e.ID, pflag.ContinueOnError) // without those below
	own.AddFlagSet(cmd.Flags())
	on := &placeFlags{}
	on.addFor(cmd, e)
	if e.Engine != "" {
		cmd.Long += fmt.Sprintf("\n\nOn a real engine: cookbook run %s --engine %s", e.ID, howToName(catalog.Need(e.Engine)))
	}
	if e.Device {
		cmd.Long += fmt.Sprintf("\n\nOn a device of OpenCL or CUDA: cookbook run %s --device opencl", e.ID)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		g, err := on.chooseFor(a, e, cmd.Flags())
		if err != nil {
			return err
		}
		return o.run(a, cmd, g, &subject{Entry: e, args: typedAgain(own, args)}, run)
	}
	return cmd
}

func (o *runOptions) run(a *app, cmd *cobra.Command, g *choice, s *subject, run catalog.Run) (err error) {
	e := s.Entry
	if err := o.Check(); err != nil {
		return err
	}
	if cmd.Flags().Changed("schedule") {
		if err := o.checkSchedule(e, cmd.Flags(), g); err != nil {
			return err
		}
	}
	if err := o.checkPictures(); err != nil {
		return err
	}
	ctx := cmd.Context()
	if need, err := g.missing(ctx, e); err != nil {
		return lacks(ctx, e.ID, need, err)
	}
	ctx = g.context(ctx)
	cfg := transcript.Config{Recipe: e.ID, Speed: o.Speed, Seed: o.Seed}
	if w := g.world; w != nil {
		if cfg.Seed == 0 {
			cfg.Seed = w.seed(a.Env)
		}
		defer func() { err = errors.Join(err, w.leave()) }()
		if w.rank > 0 {
			return command.Supervise(ctx, o.Timeout, run, cfg) // what it says is what rank 0 says
		}
	}
	if cfg.Promise, err = e.Promise(cmd.Flags()); err != nil {
		return err
	}
	cfg.Sink = o.Sink(a.Streams, func() transcript.Heading {
		return transcript.Heading{
			ID: e.ID, Title: e.Title, Section: e.Section, Python: e.Python, Go: e.Go + g.names(), Actors: cfg.Promise.Actors(),
			Legend: a.showLegend(), Steps: o.schedule != "", Why: explains(e),
		}
	})
	defer func() {
		if n := g.DeviceNeed(); n != "" && errors.Is(err, gpu.ErrNoDevice) {
			err = missingError{e.ID, n, err}
		}
	}()
	ctx = a.WithTerminal(ctx)
	if o.schedule != "" {
		s.program = explore.Program{ID: s.command(), Run: run, Promise: cfg.Promise, Seed: max(o.Seed, 1)}
		return o.replay(ctx, a, s, cfg)
	}
	if o.recorded() {
		return o.record(a, ctx, e.ID+" · "+e.Title, run, cfg)
	}
	return command.Supervise(ctx, o.Timeout, run, cfg)
}

// explains is the command that explains a recipe.
func explains(e catalog.Entry) string { return "cookbook explain " + e.ID }

// expandRecipe replaces the recipe behind "run", if it is given by section or part, by its id, so that cobra finds the
// sub-command and knows its flags.
func expandRecipe(root *cobra.Command, c *catalog.Catalog, args []string) ([]string, error) {
	switch {
	case isCompleting(args):
		last := len(args) - 1 // the word that is being typed
		if rest, err := expandRecipe(root, c, args[1:max(last, 1)]); err == nil {
			args = slices.Concat(args[:1], rest, args[max(last, 1):])
		}
		return args, nil
	case len(args) > 0 && args[0] == "help":
		rest, err := expandRecipe(root, c, args[1:])
		return append([]string{"help"}, rest...), err
	}
	cmd, rest, err := root.Find(args)
	if err != nil || cmd.Name() != "run" || cmd.Parent() != root {
		return args, nil
	}
	at := firstArgument(cmd.PersistentFlags(), rest)
	if at < 0 {
		return args, nil
	}
	e, err := c.Find(rest[at])
	if err != nil {
		return nil, err
	}
	rest[at] = e.ID
	return append([]string{"run"}, rest...), nil
}

// firstArgument returns the index of the first word that is neither a flag nor a flag's value, -1 if there is none.
func firstArgument(flags *pflag.FlagSet, words []string) int {
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "--" || word == "--help" || word == "-h":
			return -1
		case !strings.HasPrefix(word, "-"):
			return i
		case strings.Contains(word, "="):
			continue
		}
		name := strings.TrimLeft(word, "-")
		if f := flags.Lookup(name); f != nil && f.NoOptDefVal == "" || isEngineFlag(name) || name == command.Device {
			i++
		}
	}
	return -1
}
