package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/temp"
	"cookbook/internal/terminal"
)

// Bench measures a plan.
type Bench struct {
	Exe     string // this program: its commands run and bench go are the Go side
	Python  string // the path of the interpreter; "": python3 or python on PATH
	Rounds  int
	Quick   bool          // less work, for a first look
	Speed   string        // of recipes
	Timeout time.Duration // of each program that is started
	// Progress is told what runs now, and how much is done. Nil: nobody wants to know.
	Progress func(what string, done, total int)
}

// RoundsFlag is the flag that gives more rounds.
const RoundsFlag = "--rounds"

// Run measures a plan. What cannot be measured here is a row that says why. It returns an error only if there is no Python, or with the
// cause of ctx; then nothing that it has started is left, and the report has the rows that were measured until then.
func (b *Bench) Run(ctx context.Context, plan Plan) (*Report, error) {
	python, err := findPython(ctx, "cookbook bench", b.Python, nil)
	if err != nil {
		return nil, err
	}
	folder, err := temp.Make("bench")
	if err != nil {
		return nil, err
	}
	defer folder.Remove()
	dir := folder.Path
	if err := primitive.WriteScripts(dir); err != nil {
		return nil, err
	}
	r := newReport(python)
	r.Rounds, r.Quick, r.Speed = b.Rounds, b.Quick, b.Speed
	p, runner := newPace(b.Progress), &Runner{Rounds: b.Rounds}
	defer func() {
		slices.SortStableFunc(r.Rows, func(a, b Row) int { return cmp.Compare(a.Chapter, b.Chapter) })
	}()
	groups := groupsOf(plan.Operations)
	for _, g := range groups {
		p.expect(g.script, 2*b.Rounds)
	}
	p.expect(recipeKind, len(plan.Recipes)*runner.Steps())
	for _, g := range groups {
		rows, err := b.measureGroup(ctx, g, python.Path, dir, p)
		if err != nil {
			r.Interrupted = true
			return r, err
		}
		r.Rows = append(r.Rows, rows...)
	}
	for _, e := range plan.Recipes {
		row, err := b.measureRecipe(ctx, e, python.Path, runner, p)
		if err != nil {
			r.Interrupted = true
			return r, err
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

// measureRecipe has a recipe and its twin take turns. The error is the cause of ctx.
func (b *Bench) measureRecipe(ctx context.Context, e catalog.Entry, python string, runner *Runner, p *pace) (Row, error) {
	row := Row{Name: e.ID, Kind: recipeKind, Chapter: e.Chapter.Number, Unit: "ns"}
	left := runner.Steps()
	defer func() {
		p.end()
		p.skip(recipeKind, left)
	}()
	runner.Progress = func(string, int, int) {
		left--
		p.step(recipeKind, e.ID)
	}
	c, err := b.contest(ctx, e, python)
	if err == nil {
		row.Name = strings.Join(append([]string{e.ID}, c.Args...), " ")
		err = runner.Run(ctx, c)
	}
	switch {
	case ctx.Err() != nil:
		return row, context.Cause(ctx)
	case err != nil:
		row.Missing = oneLine(err)
	case c.Untimed:
		row.Finding = Finding{NoRatio: c.OtherWork, Headline: "not timed: " + c.OtherWork}
	default:
		row.Python, row.Go, row.Finding = &c.Python.Times, &c.Go.Times, c.Finding(b.Rounds, RoundsFlag)
	}
	return row, nil
}

// contest is that of a recipe, if all that the recipe needs is here. Both sides get the arguments with which their work takes longer than
// their start-up, if the twin names some.
func (b *Bench) contest(ctx context.Context, e catalog.Entry, python string) (*Contest, error) {
	for _, n := range e.NeedsAt(catalog.Place{}) {
		if err := machine.Check(ctx, n); err != nil {
			return nil, &MissingError{e.ID, n, err}
		}
	}
	on := Conditions{Exe: b.Exe, Python: python, Speed: b.Speed, Timeout: b.Timeout}
	if twin, err := e.File(catalog.Twin); err == nil && !b.Quick {
		on.Args = strings.Fields(twinSays(twin, moreWork))
	}
	return NewContest(ctx, e, on)
}

// oneLine is an error as the reason in a row.
func oneLine(err error) string {
	const most = 300
	if missing, ok := errors.AsType[*MissingError](err); ok {
		err = fmt.Errorf("it needs %s: %w", missing.Need, missing.Err)
	}
	return terminal.Cut(terminal.Safe(terminal.OneLine(err.Error())), most)
}
