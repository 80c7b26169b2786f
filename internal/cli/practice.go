package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/practice"
	"cookbook/internal/terminal"
)

func newPractice(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "practice [EXERCISE [DIR]]",
		Short: "Mend programs that are wrong in one place",
		Long: `List the exercises, and how far you are with each. Behind the name of one: begin it.
An EXERCISE is a small program that is wrong or unfinished in one place. It becomes a module of its own in DIR, which is ./practice-NAME
unless you name another. Mend exercise.go there until the judge accepts it. In place of its name a recipe can stand that has one exercise.

The judge looks at exercise.go alone. It builds it, runs it in every order that its synchronisation allows, for three seconds at most, and
then 51 times: once without pauses, and under stress. A solution that passes by luck does not pass.
Which exercise is meant need not be said in its folder. Elsewhere it is the one that you began last.`,
		Example: `  cookbook practice
  cookbook practice lost-update
  cookbook practice check`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("practice takes an exercise and a folder, got %d arguments; see: cookbook practice --help", len(args))
			}
			return nil
		},
		ValidArgsFunction: a.completeExercises,
		Annotations:       map[string]string{below: "Commands of an exercise"},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.openPractice()
			switch {
			case err != nil:
				return err
			case len(args) == 0 && asJSON:
				return p.listJSON()
			case len(args) == 0:
				return p.list()
			case asJSON:
				return usagef("--json is of the list: leave out %s", args[0])
			}
			x, err := p.find(args[0])
			if err != nil {
				return err
			}
			return p.begin(x, append(args[1:], "")[0])
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the list as a JSON array")
	for _, sub := range []struct {
		name, short string
		run         func(*practising, *cobra.Command, *practice.Exercise) error
	}{
		{"check", "Have the judge look at it once", (*practising).check},
		{"watch", "Have the judge look at it on each save, until Ctrl-C", (*practising).watch},
		{"hint", "Show the first hint, then the second", (*practising).hint},
		{"solution", "Show a solution, and explain the recipe that it is from", (*practising).solution},
		{"reset", "Put exercise.go back as it was given", (*practising).reset},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: sub.name + " [EXERCISE]", Short: sub.short, ValidArgsFunction: a.completeExercises,
			Args: func(cmd *cobra.Command, args []string) error {
				if len(args) > 1 {
					return usagef("practice %s takes one exercise, got %d arguments", sub.name, len(args))
				}
				return nil
			},
			RunE: func(cmd *cobra.Command, args []string) error {
				p, err := a.openPractice()
				if err != nil {
					return err
				}
				x, err := p.which(append(args, "")[0])
				if err != nil {
					return err
				}
				return sub.run(p, cmd, x)
			},
		})
	}
	return cmd
}

// practising is what the commands of practice work with.
type practising struct {
	*app
	all   []*practice.Exercise
	state *practice.State
}

func (a *app) openPractice() (*practising, error) {
	if err := a.world.refuse("practice", "cookbook practice"); err != nil {
		return nil, err
	}
	all, err := practice.All(a.catalog)
	if err != nil {
		return nil, err
	}
	file := a.stateFolder()
	if file != "" {
		file = filepath.Join(file, "practice.json")
	}
	state, err := practice.Load(file)
	if err != nil {
		a.warn(fmt.Sprintf("%v; when the next thing is noted, it is kept as %s.damaged", err, filepath.Base(file)))
	}
	return &practising{a, all, state}, nil
}

// warn says what is not as it should be, and ends nothing.
func (a *app) warn(text string) { a.Complain("cookbook", errors.New(text)) }

// keep writes the state. That it cannot be written is said, and nothing is lost by it: an exercise is found again in its folder.
func (p *practising) keep() {
	if err := p.state.Save(); err != nil {
		p.warn(fmt.Sprintf("what you have done is not noted: %v", err))
	}
}

// find returns the exercise that a user means.
func (p *practising) find(term string) (*practice.Exercise, error) {
	recipe := ""
	if e, err := p.catalog.Find(term); err == nil {
		recipe = e.ID
	}
	x, err := practice.Find(p.all, term, recipe)
	if err != nil {
		return nil, usageError{err}
	}
	return x, nil
}

// which returns the exercise of that name; if there is no name, the one in whose folder the user is, or the one that was begun last. It is
// noted as the last one.
func (p *practising) which(name string) (*practice.Exercise, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	in, dir := practice.Marked(here)
	if name == "" {
		switch {
		case in != "":
			name = in
		case p.state.Last != "":
			name = p.state.Last
		default:
			return nil, usagef("no exercise is begun; to see them: cookbook practice")
		}
	}
	x, err := p.find(name)
	if err != nil {
		return nil, err
	}
	if x.Name == in { // it may have been moved, or the state lost
		p.state.Begin(in, dir, time.Now())
	}
	return x, nil
}

// begun returns how far the user is with an exercise whose folder is there.
func (p *practising) begun(x *practice.Exercise) (*practice.Progress, error) {
	done := p.state.Exercises[x.Name]
	switch {
	case done == nil:
		return nil, usagef("%s is not begun; to begin it: cookbook practice %[1]s", x.Name)
	case done.Gone():
		return nil, usagef("the folder of %s is gone (%s); to make it again: cookbook practice %[1]s", x.Name, done.Dir)
	}
	p.state.Last = x.Name
	return done, nil
}

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

// completeExercises offers exercises, and behind one, folders.
func (a *app) completeExercises(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 && cmd.Name() == "practice" {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	all, err := practice.All(a.catalog)
	if err != nil || len(args) > 0 {
		return nil, completed
	}
	var found []string
	for _, x := range all {
		if strings.HasPrefix(x.Name, strings.ToLower(start)) {
			found = append(found, x.Name+"\t"+x.Title)
		}
	}
	return found, completed
}
