package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cookbook/internal/practice"
	"cookbook/internal/terminal"
)

// begin makes the module of an exercise, if there is none, and says what to do.
func (p *practising) begin(x *practice.Exercise, dir string) error {
	done, again := p.state.Exercises[x.Name], ""
	if done != nil && done.Gone() {
		again, done = fmt.Sprintf("Its folder %s is gone. It is made again.", done.Dir), nil
	}
	if done != nil {
		if dir != "" && !practice.Same(dir, done.Dir) {
			return usagef("%s is begun in %s; to begin it anew there: cookbook practice reset %[1]s", x.Name, done.Dir)
		}
		p.state.Last = x.Name
		p.keep()
		return p.describe(x, done, "")
	}
	if dir == "" {
		dir = "practice-" + x.Name
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if name, at := practice.Marked(dir); name == x.Name && at == dir {
		again = ""
	} else if err := x.Make(dir); errors.Is(err, practice.ErrNotEmpty) {
		return usagef("%w; name another one, as in: cookbook practice %s DIR", err, x.Name)
	} else if err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	p.state.Begin(x.Name, dir, time.Now())
	p.keep()
	return p.describe(x, p.state.Exercises[x.Name], again)
}

// describe prints the task, where the exercise is, and what to type next.
func (p *practising) describe(x *practice.Exercise, done *practice.Progress, again string) error {
	e, err := p.catalog.Find(x.Recipe)
	if err != nil {
		return err
	}
	if again != "" {
		p.paragraph(terminal.Yellow, again)
		fmt.Fprintln(p.Out)
	}
	fmt.Fprintf(p.Out, "%s · %s\n\n", p.Paint(terminal.Cyan, x.Name), p.Paint(terminal.Bold, x.Title))
	p.paragraph(0, x.Task)
	fmt.Fprintln(p.Out)
	p.paragraph(0, fmt.Sprintf("Mend %s in %s. What it should print stands in %s. Its recipe is %s, book §%s.",
		practice.Given, done.Dir, practice.Expected, e.ID, e.Section))
	fmt.Fprintln(p.Out)
	steps := [][2]string{
		{"go run .", "run it once"}, {"cookbook practice check", "have it judged"}, {"cookbook practice watch", "have it judged on each save"},
		{"cookbook practice hint", "if you are stuck"},
	}
	if at, err := os.Getwd(); err != nil || !practice.Same(at, done.Dir) {
		fmt.Fprintf(p.Out, "    cd %s\n", shellWords([]string{shortPath(done.Dir)})[0])
	}
	for _, s := range steps {
		fmt.Fprintf(p.Out, "    %s%s\n", terminal.Pad(s[0], 27), p.Paint(terminal.Dim, s[1]))
	}
	if done.Status() == "solved" {
		fmt.Fprintln(p.Out)
		p.paragraph(terminal.Green, "You have solved it. To begin it anew: cookbook practice reset "+x.Name)
	}
	return nil
}

// shortPath is a path as one types it here: relative, if it is below this folder.
func shortPath(dir string) string {
	here, err := os.Getwd()
	if err != nil {
		return dir
	}
	if short, err := filepath.Rel(here, dir); err == nil && filepath.IsLocal(short) {
		return short
	}
	return dir
}
