package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/practice"
	"cookbook/internal/terminal"
	"cookbook/internal/watch"
)

// check has the judge look at an exercise once. If it is not solved, the exit code is 1.
func (p *practising) check(cmd *cobra.Command, x *practice.Exercise) error {
	done, err := p.begun(x)
	if err != nil {
		return err
	}
	j, bar := practice.NewJudge(), p.Bar()
	stage := 0
	j.Stage = func(what string) {
		bar.Draw(what, stage, practice.Stages)
		stage++
	}
	v, err := p.judge(cmd.Context(), j, x, done)
	bar.Clear()
	if err != nil {
		return err
	}
	p.show(x, v)
	if !v.Passed() {
		return silentError{errors.New("it is not solved")}
	}
	return nil
}

// judge judges an exercise, and notes it if it is solved.
func (p *practising) judge(ctx context.Context, j practice.Judge, x *practice.Exercise, done *practice.Progress) (*practice.Verdict, error) {
	v, err := j.Check(ctx, x, done.Dir)
	switch {
	case errors.Is(err, practice.ErrNoGo):
		return nil, missingError{"cookbook practice", "go", err}
	case err != nil:
		return nil, err
	}
	if v.Passed() && done.Solved.IsZero() {
		done.Solved = time.Now()
	}
	p.keep()
	return v, nil
}

// show prints a verdict.
func (p *practising) show(x *practice.Exercise, v *practice.Verdict) {
	if v.Passed() {
		p.paragraph(terminal.Bold|terminal.Green, "SOLVED: "+x.Title)
		p.paragraph(0, tried(v))
		for _, note := range v.Notes {
			p.paragraph(terminal.Dim, "note: "+note)
		}
		fmt.Fprintln(p.Out)
		p.paragraph(0, p.afterwards(x))
		return
	}
	p.paragraph(terminal.Bold|terminal.Red, headline(v))
	if below := p.picture(v); len(below) > 0 {
		fmt.Fprintln(p.Out)
		for _, line := range below {
			fmt.Fprintln(p.Out, line)
		}
	}
	fmt.Fprintln(p.Out)
	p.paragraph(terminal.Dim, "again: cookbook practice check   "+stuck)
}

// stuck stands below all that is not solved.
const stuck = "stuck: cookbook practice hint"

// headline says what is wrong.
func headline(v *practice.Verdict) string {
	text := strings.ToUpper(string(v.Kind))
	if v.Kind == practice.Unbuilt {
		return text + ":"
	}
	if how := v.How(); how != "" {
		text += ", " + how
	}
	return text + ": " + v.Text
}

// tried says how an accepted solution was tried.
func tried(v *practice.Verdict) string {
	var parts []string
	if v.Search != nil {
		parts = append(parts, (&found{result: v.Search}).verdict())
	}
	if v.Trial != nil {
		parts = append(parts, fmt.Sprintf("%s keep the promise, all but the first under stress", count(v.Trial.Runs, "run")))
	}
	if v.Raced > 0 {
		parts = append(parts, fmt.Sprintf("the race detector finds nothing in %s more", count(v.Raced, "run")))
	}
	return strings.Join(parts, "; ")
}

// afterwards is what one does next.
func (p *practising) afterwards(x *practice.Exercise) string {
	text := "Compare: cookbook practice solution " + x.Name + "."
	if next := p.next(); next != nil {
		return text + "\nNext: cookbook practice " + next.Name
	}
	return text + "\nAll exercises are solved."
}

// picture are the lines that show what is wrong: what the compiler says, a schedule in columns, or what was promised beside what came.
func (p *practising) picture(v *practice.Verdict) []string {
	switch {
	case v.Kind == practice.Unbuilt:
		return terminal.SafeLines(v.Text)
	case v.Fault != nil && v.Fault.Trace != nil && len(v.Fault.Trace.Steps) > 0:
		var out bytes.Buffer
		on := *p.app
		on.Out = &out
		picture := newPicture(&on, v.Fault)
		picture.rest = ""
		picture.draw()
		fmt.Fprintln(&out)
		on.paragraph(0, howFew(v.Fault))
		return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	case v.Trial != nil && v.Trial.Events != "":
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		for _, l := range watch.Read(strings.NewReader(v.Trial.Events)).Table(p.Style().Columns()) {
			l.WriteTo(w, p.Color)
			w.WriteByte('\n')
		}
		w.Flush()
		return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	}
	return nil
}

// watch judges an exercise whenever its file is saved, until Ctrl-C.
func (p *practising) watch(cmd *cobra.Command, x *practice.Exercise) error {
	done, err := p.begun(x)
	if err != nil {
		return err
	}
	p.keep()
	if err := practice.FindGo(); err != nil {
		return missingError{"cookbook practice", "go", err}
	}
	ctx := cmd.Context()
	err = watch.Loop(ctx, watch.Options{
		Dir: done.Dir, Out: p.Out, Size: p.Size(), Color: p.Color,
		Judge: func(ctx context.Context, _ string) watch.Result {
			v, err := p.judge(ctx, practice.NewJudge(), x, done)
			if err != nil {
				return watch.Result{State: watch.Failed, At: -1, Fault: "it could not be judged", Below: []string{err.Error()}}
			}
			return p.result(x, v)
		},
	})
	if err != nil && ctx.Err() != nil {
		return command.EndedAsTold(ctx)
	}
	return err
}

// result is a verdict as watch shows it.
func (p *practising) result(x *practice.Exercise, v *practice.Verdict) watch.Result {
	r := watch.Result{At: -1}
	switch {
	case v.Passed():
		r.State, r.What = watch.Kept, x.Name+" is solved; "+tried(v)
		r.Below = strings.Split(p.afterwards(x), "\n")
		return r
	case v.Kind == practice.Unbuilt:
		r.State, r.Below = watch.Unbuilt, append(terminal.SafeLines(v.Text), "", stuck)
		return r
	case v.Fault == nil && v.Trial != nil && v.Trial.Events != "":
		r = watch.Read(strings.NewReader(v.Trial.Events))
	default:
		on := *p
		app := *p.app
		on.app, app.Color = &app, false
		r.Below = append(strings.Split(v.Text, "\n"), "")
		r.Below = append(r.Below, on.picture(v)...)
	}
	if len(r.Below) > 0 {
		r.Below = append(r.Below, "")
	}
	r.Below = append(r.Below, stuck)
	r.State, r.What = watch.State(strings.ToUpper(string(v.Kind))), v.How()
	if r.Fault == "" {
		r.Fault, _, _ = strings.Cut(v.Text, "\n")
	}
	if strings.HasSuffix(r.Fault, ":") { // it says nothing without the lines below it
		r.Fault = string(r.State)
	}
	return r
}

// hint shows the first hint, and when it is asked again, the second one as well.
func (p *practising) hint(_ *cobra.Command, x *practice.Exercise) error {
	done, err := p.begun(x)
	if err != nil {
		return err
	}
	done.Hints = min(done.Hints+1, len(x.Hints))
	p.keep()
	for i, hint := range x.Hints[:done.Hints] {
		p.paragraph(0, fmt.Sprintf("%d. %s", i+1, hint))
	}
	fmt.Fprintln(p.Out)
	if left := len(x.Hints) - done.Hints; left > 0 {
		p.paragraph(terminal.Dim, "one more: cookbook practice hint "+x.Name)
	} else {
		p.paragraph(terminal.Dim, "There are no more. A solution: cookbook practice solution "+x.Name)
	}
	return nil
}

// solution shows a solution, and explains the recipe. It marks nothing as solved.
func (p *practising) solution(cmd *cobra.Command, x *practice.Exercise) error {
	parts := []part{{ending: catalog.Source, heading: "A solution of " + x.Name, text: x.Solved()}}
	more, err := (&explainOptions{}).parts(p.app, x.Recipe)
	if err != nil {
		return err
	}
	return p.app.show(cmd.Context(), false, append(parts, more...))
}

// reset puts exercise.go back as it was given, and keeps the user's.
func (p *practising) reset(_ *cobra.Command, x *practice.Exercise) error {
	done, err := p.begun(x)
	if err != nil {
		return err
	}
	old, err := x.Reset(done.Dir)
	if err != nil {
		return err
	}
	p.keep()
	file := shortPath(filepath.Join(done.Dir, practice.Given))
	if old == "" {
		p.paragraph(0, file+" is as it was given.")
		return nil
	}
	p.paragraph(0, fmt.Sprintf("%s is as it was given again. Yours is kept as %s.", file, old))
	return nil
}
