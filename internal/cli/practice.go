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
)

func newPractice(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "practice [EXERCISE [DIR]]",
		Short: "Mend programs that are wrong in one place",
		Long: `List the exercises, and how far you are with each. Behind the name of one: begin it.
An EXERCISE is a small program that is wrong or unfinished in one place. It becomes a module of its own in DIR, which is ./practice-NAME
unless you name another. Mend exercise.go there until the judge accepts it. In place of its name a recipe can stand that has one exercise.

The judge looks at exercise.go alone. It builds it, runs it in every order that its synchronisation allows, for three seconds at most, then
51 times: once without pauses, and under stress, and then with Go's race detector, where there is a C compiler. A solution that passes by
luck does not pass.
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
			if near := cmd.SuggestionsFor(args[0]); err != nil && len(near) > 0 {
				return usagef("no exercise %q; did you mean: cookbook practice %s?", args[0], strings.Join(near, " or cookbook practice "))
			}
			if err != nil {
				return err
			}
			return p.begin(x, append(args[1:], "")[0])
		},
	}
	cmd.SuggestionsMinimumDistance = 2
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
