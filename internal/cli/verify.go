package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/gpu"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

type verifyOptions struct {
	times   int
	stress  bool
	speed   transcript.Speed
	seed    uint64
	json    bool
	require []string
	timeout time.Duration
	on      placeFlags
}

func newVerify(a *app) *cobra.Command {
	o := &verifyOptions{speed: transcript.SpeedMax}
	cmd := &cobra.Command{
		Use:   "verify [RECIPE or CHAPTER...]",
		Short: "Run recipes and check every promise",
		Long: `Run recipes, all of them unless some are named, and match what they say against what they promise.
Pauses are left out, because a pause guarantees nothing; with --stress random ones are put between any two lines and the
number of processors is varied. A failure under stress is searched for as by explore, for two seconds, and shown as it shows it.
The exit code is 1 if a promise broke.
With --engine only the recipes that run there are run, there; the others of a chapter are named and left out. To start ranks by
mpirun takes half a second each time. A NATS server has to answer, or nothing is run.
With --device only the recipes that compute on devices are run, there; they are skipped if there is no such device, or if it cannot do
what a recipe needs.`,
		Example: `  cookbook verify
  cookbook verify ch2 --stress --times 20
  cookbook verify lock rlock --json
  cookbook verify ch3 --engine mpi --require mpi
  cookbook verify ch5 --engine nats://127.0.0.1:4222 --token-file secret
  cookbook verify ch6 --device opencl --require opencl`,
		ValidArgsFunction: a.completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("verify", "cookbook verify --engine mpi"); err != nil {
				return err
			}
			g, err := o.on.choose(a, cmd.Flags())
			if err != nil {
				return err
			}
			entries, err := a.catalog.FindAllAt(g.Place, args)
			if err != nil {
				return err
			}
			err = o.run(cmd.Context(), a, g, entries)
			if others, otherErr := a.catalog.FindAllAt(catalog.Place{}, args); otherErr == nil && len(args) > 0 && len(others) > len(entries) {
				a.sayLeftOut(g.Place, entries, others)
			}
			return err
		},
	}
	f := cmd.Flags()
	catalog.IntVar(f, &o.times, "times", 1, 1, mostTimes, "run each recipe this many times")
	f.BoolVar(&o.stress, "stress", false, "random pauses, 1 to twice as many processors as there are")
	command.SpeedFlag(f, &o.speed)
	command.SeedFlag(f, &o.seed, "repeat the random numbers and pauses of a failed run; 0 makes new ones")
	f.BoolVar(&o.json, "json", false, "a JSON array")
	f.StringSliceVar(&o.require, "require", nil, "fail, rather than skip, recipes that lack one of these: "+strings.Join(needNames(), ", "))
	command.TimeoutFlag(f, &o.timeout, "of each run")
	o.on.add(cmd)
	return cmd
}

func needNames() []string {
	var names []string
	for _, n := range catalog.Needs() {
		names = append(names, string(n))
	}
	return names
}

// verdict is what came of one recipe.
type verdict struct {
	ID      string  `json:"id"`
	Engine  string  `json:"engine,omitempty"`
	Device  string  `json:"device,omitempty"`
	Status  string  `json:"status"` // ok, FAILED, skipped
	Runs    int     `json:"runs"`
	Kept    int     `json:"promises_kept"` // in the last run
	Elapsed float64 `json:"elapsed_ms"`
	Error   string  `json:"error,omitempty"`
	Reason  string  `json:"reason,omitempty"` // for a skip

	Explored *explored `json:"explored,omitempty"` // what a search for a failure under stress has found

	elapsed time.Duration
	seed    uint64 // of the last run
	found   *found // by that search
}

func (o *verifyOptions) run(ctx context.Context, a *app, g *choice, entries []catalog.Entry) error {
	require, err := o.required(a)
	if err != nil {
		return err
	}
	if g.Engine == string(catalog.NATS) { // it was named, so it is meant to be there
		if err := g.engine.answers(ctx); err != nil {
			return lacks(ctx, "verify --engine", catalog.NATS, err)
		}
	}
	start := time.Now()
	bar := a.Bar()
	table := o.newTable(a, entries)
	verdicts := []verdict{}
	for i, e := range entries {
		v := o.verify(ctx, g, e, require, func(run int) {
			bar.Draw(e.ID, i*o.times+run, len(entries)*o.times)
		})
		if o.stress && v.Status == "FAILED" && v.Runs > 0 && g.Place == (catalog.Place{}) {
			bar.Draw("search for it: "+e.ID, i*o.times+v.Runs, len(entries)*o.times)
			v.findAgain(ctx, a, e)
		}
		bar.Clear()
		if err := context.Cause(ctx); err != nil {
			return err
		}
		verdicts = append(verdicts, v)
		table(v)
	}
	return o.summary(a, verdicts, time.Since(start))
}

// required reads --require and, if it is not given, COOKBOOK_REQUIRE, which CI sets.
func (o *verifyOptions) required(a *app) ([]catalog.Need, error) {
	names, from := o.require, "--require "
	if env := a.Env.Get("COOKBOOK_REQUIRE"); names == nil && env != "" {
		names, from = strings.Split(env, ","), "COOKBOOK_REQUIRE="
	}
	var needs []catalog.Need
	for _, name := range names {
		if !slices.Contains(needNames(), name) {
			return nil, usagef("%s%s: nothing of that name; there are: %s", from, command.Shown(name), strings.Join(needNames(), ", "))
		}
		needs = append(needs, catalog.Need(name))
	}
	return needs, nil
}

func (o *verifyOptions) verify(ctx context.Context, g *choice, e catalog.Entry, require []catalog.Need, progress func(run int)) (v verdict) {
	v = verdict{ID: e.ID, Engine: g.Engine, Device: g.Device, Status: "ok"}
	start := time.Now()
	defer func() {
		v.elapsed = time.Since(start)
		v.Elapsed = ms(v.elapsed)
	}()
	if need, err := g.missing(ctx, e); err != nil {
		if v.Status, v.Reason = "skipped", err.Error(); slices.Contains(require, need) {
			v.Status, v.Error, v.Reason = "FAILED", "required, but "+v.Reason, ""
		}
		return v
	}
	trial := command.Trial{Recipe: e.ID, Speed: o.speed, Seed: o.seed, Stress: o.stress, Timeout: o.timeout}
	for v.Runs = 0; v.Runs < o.times; v.Runs++ {
		progress(v.Runs)
		r, err := trial.Run(g.context(ctx), v.Runs, func() (catalog.Run, *transcript.Promise, error) { return e.Prepare() })
		v.Kept, v.seed = r.Kept, r.Seed
		if need := g.DeviceNeed(); need != "" && errors.Is(err, gpu.ErrUnsupported) && !slices.Contains(require, need) {
			v.Status, v.Reason = "skipped", err.Error()
			return v
		}
		if err != nil {
			v.Status, v.Error = "FAILED", err.Error()
			if o.stress || o.times > 1 {
				v.Error += fmt.Sprintf(" (run %d, GOMAXPROCS %d, --seed %d)", v.Runs+1, r.Processors, r.Seed)
			}
			v.Runs++
			return v
		}
	}
	return v
}

// newTable returns a function that prints one row.
func (o *verifyOptions) newTable(a *app, entries []catalog.Entry) func(verdict) {
	if o.json {
		return func(verdict) {}
	}
	p := a.Printer("RECIPE", "STATUS", "RUNS", "PROMISES", "TIME")
	for _, e := range entries {
		p.Measure(terminal.Text(0, e.ID), terminal.Text(0, "skipped"), nil, nil, terminal.Text(0, "999.9 ms"))
	}
	p.Header()
	return func(v verdict) {
		look := map[string]terminal.Look{"ok": terminal.Green, "FAILED": terminal.Bold | terminal.Red, "skipped": terminal.Yellow}[v.Status]
		runs, kept := fmt.Sprint(v.Runs), fmt.Sprint(v.Kept)
		p.Row([]terminal.Line{terminal.Text(terminal.Cyan, v.ID), terminal.Text(look, v.Status), terminal.Text(0, runs),
			terminal.Text(0, kept), terminal.Text(terminal.Dim, transcript.Clock(v.elapsed))},
			v.ID, v.Status, runs, kept, fmt.Sprintf("%.1f", v.Elapsed), v.Error+v.Reason+v.replay())
		if !p.TTY {
			return
		}
		for _, line := range terminal.SafeLines(v.Error + v.Reason) {
			for _, part := range terminal.WrapWhole(line, a.Style().Columns()-2) {
				if part != "" {
					fmt.Fprintf(a.Out, "  %s\n", a.Paint(look, part))
				}
			}
		}
		v.showFound(a)
	}
}

// sayLeftOut names those of the recipes of a chapter that do not run at the place, so that nobody takes them for verified.
func (a *app) sayLeftOut(place catalog.Place, run, named []catalog.Entry) {
	var left []string
	for _, e := range named {
		if !slices.ContainsFunc(run, func(r catalog.Entry) bool { return r.ID == e.ID }) {
			left = append(left, e.ID)
		}
	}
	line := fmt.Sprintf("left out, because %v is not for them: %s", place, strings.Join(left, " "))
	if a.ErrTTY {
		line = terminal.FoldLines(line, a.ErrStyle().Columns())
	}
	fmt.Fprintln(a.Err, line)
}

func (o *verifyOptions) summary(a *app, verdicts []verdict, elapsed time.Duration) error {
	count := map[string]int{}
	for _, v := range verdicts {
		count[v.Status]++
	}
	failed := count["FAILED"]
	var err error
	if failed > 0 {
		err = silentError{fmt.Errorf("%d recipes failed", failed)}
	}
	if o.json {
		if e := a.WriteJSON(verdicts); e != nil {
			return e
		}
		return err
	}
	noun := "recipes"
	if len(verdicts) == 1 {
		noun = "recipe"
	}
	line := fmt.Sprintf("%d %s: %d ok, %d failed, %d skipped, in %.1f s", len(verdicts), noun, count["ok"], failed, count["skipped"], elapsed.Seconds())
	a.summarize(failed > 0, line)
	return err
}

// summarize prints the line below a table; beside one in a pipe it goes to the standard error.
func (a *app) summarize(failed bool, line string) {
	if !a.OutTTY {
		fmt.Fprintln(a.Err, line)
		return
	}
	look := terminal.Green
	if failed {
		look = terminal.Bold | terminal.Red
	}
	fmt.Fprintln(a.Out)
	for _, part := range terminal.WrapWhole(line, a.Style().Columns()) {
		fmt.Fprintln(a.Out, a.Paint(look, part))
	}
}
