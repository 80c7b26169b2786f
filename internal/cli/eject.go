package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"cookbook/internal/bare"
	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/eject"
	"cookbook/internal/folder"
	"cookbook/internal/terminal"
)

// ejectOptions are the flags of the command eject.
type ejectOptions struct {
	module string
	wrong  string
	bare   bool
	list   bool
	force  bool
}

func newEject(a *app) *cobra.Command {
	o := &ejectOptions{}
	cmd := &cobra.Command{
		Use:   "eject RECIPE DIR",
		Short: "Take a recipe home: write it as a Go module of its own",
		Long: `Write a recipe as a Go module into the folder DIR: its file, its promise as a test, its explanation, its twin in Python, and what it
reaches of cookbook's library, and nothing else of that. No network and no clone is needed; go run . then prints what cookbook run prints.

With --bare it is one file of Go's own means, the standard library and golang.org/x/sync, without promise and test: what you would
paste into a program of yours. Not all recipes can; --list says which, and what the others need.`,
		Example: `  cookbook eject ch2.lock lock
  cookbook eject ch2.condition buffer --module example.com/me/buffer
  cookbook eject ch2.condition buffer --bare
  cookbook eject --list`,
		Annotations: map[string]string{quick: "yes"},
		Args:        cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("eject", "cookbook eject"); err != nil {
				return err
			}
			switch {
			case o.list && len(args) > 0:
				return usagef("--list is about all recipes, and takes no argument, got %q", args[0])
			case o.list:
				return a.listBare()
			case len(args) != 2:
				return usagef("eject takes a recipe and a folder, got %d arguments, as in: cookbook eject ch2.lock lock", len(args))
			}
			for _, name := range []string{"module", "wrong"} {
				if f := cmd.Flags().Lookup(name); f.Changed && f.Value.String() == "" {
					return usagef("--%s wants a name; see: cookbook eject --help", name)
				}
			}
			return o.run(a, args[0], args[1])
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return folders(cmd, args, start)
			}
			return a.completeRecipes(cmd, args, start)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.module, "module", "", "the `name` of the module, as in example.com/me/lock")
	f.StringVar(&o.wrong, "wrong", "", "the wrong program of this `name` is what it runs, in place of the recipe")
	f.BoolVar(&o.bare, "bare", false, "one file of the standard library and golang.org/x/sync alone")
	f.BoolVar(&o.list, "list", false, "say of each recipe whether it can be bare, and if not, which library it needs")
	f.BoolVar(&o.force, "force", false, "write into a folder that is not empty, over files of the same names; others stay")
	return cmd
}

func (o *ejectOptions) run(a *app, recipe, dir string) error {
	e, err := a.catalog.Find(recipe)
	if err != nil {
		return err
	}
	if err := o.check(e, dir); err != nil {
		return err
	}
	files, err := o.files(e)
	if needs := new(bare.NeedsError); errors.As(err, &needs) {
		return usagef("%w; with it: cookbook eject %s %s (which can do without: cookbook eject --list)", needs, e.ID, command.Shown(dir))
	}
	if err != nil {
		return err
	}
	err = folder.Write(dir, files, o.force)
	if full := new(folder.NotEmptyError); errors.As(err, &full) {
		return usagef("%s is not empty, there is %s; choose another folder, or --force to write over files of the same names", command.Shown(dir), command.Shown(full.First))
	}
	if err != nil {
		return fmt.Errorf("%s could not be written to %s: %w", e.ID, dir, err)
	}
	a.sayEjected(e, dir, files, o.bare, o.wrong)
	return nil
}

// check looks at the flags.
func (o *ejectOptions) check(e catalog.Entry, dir string) error {
	if err := isFolder(dir); err != nil {
		return err
	}
	switch {
	case dir == "":
		return usagef("the name of the folder is empty, as in: cookbook eject %s %s", e.ID, e.Stem())
	case o.bare && o.wrong != "":
		return usagef("--bare and --wrong exclude each other: what is wrong is shown by its promise, which a bare program does not have")
	}
	if o.module != "" {
		if err := eject.CheckModule(o.module); err != nil {
			return usagef("--module %s: %w; want the path of a module, as in example.com/me/%s", command.Shown(o.module), err, e.Stem())
		}
	}
	if o.wrong == "" {
		return nil
	}
	if _, _, err := e.Prepare("--wrong=" + o.wrong); err != nil {
		want := new(catalog.ValueError)
		if errors.As(err, &want) {
			return usagef("--wrong %s: %w", command.Shown(o.wrong), want)
		}
		return usagef("%s has no wrong programs, so it takes no --wrong", e.ID)
	}
	return nil
}

func (o *ejectOptions) files(e catalog.Entry) ([]folder.File, error) {
	if o.bare {
		return eject.Bare(e, o.module)
	}
	return eject.Module(e, eject.Options{Module: o.module, Wrong: o.wrong})
}

// sayEjected says what was written, and what to type next.
func (a *app) sayEjected(e catalog.Entry, dir string, files []folder.File, bare bool, wrong string) {
	own, library := eject.Lines(files)
	dir = command.Shown(filepath.Clean(dir))
	if bare {
		fmt.Fprintf(a.Out, "%s is in %s: main.go, %d lines\n\n", e.ID, dir, own)
	} else {
		fmt.Fprintf(a.Out, "%s is in %s: %d lines of its own, and %d of cookbook's library\n\n", e.ID, dir, own, library)
	}
	next := [][2]string{{"go run .", "run it"}}
	if dir != "." {
		next = [][2]string{{"cd " + dir, ""}, next[0]}
	}
	if !bare {
		hold := "hold it to its promise"
		if wrong != "" {
			hold += ", which it breaks"
		}
		next = append(next, [2]string{"go test ./...", hold}, [2]string{"go run . --watch", "run it again whenever you save a file"})
	}
	for _, line := range next {
		if line[1] == "" {
			fmt.Fprintf(a.Out, "    %s\n", line[0])
		} else {
			fmt.Fprintf(a.Out, "    %-16s  # %s\n", line[0], line[1])
		}
	}
}

// listBare prints which recipes can be bare, and which library the others need.
func (a *app) listBare() error {
	p := terminal.NewPrinter(a.Out, a.OutTTY, a.Style(), "RECIPE", "BARE", "NEEDS", "WHY")
	p.Wrap = true
	type row struct{ id, bare, needs, why string }
	var rows []row
	for _, e := range a.catalog.Entries() {
		r := row{id: e.ID, bare: "yes"}
		needs := new(bare.NeedsError)
		switch err := bare.Needs(e); {
		case errors.As(err, &needs):
			r.bare, r.needs, r.why = "no", needs.Library, needs.Why
		case err != nil:
			return err
		}
		rows = append(rows, r)
	}
	cells := func(r row) []terminal.Line {
		look := terminal.Green
		if r.bare == "no" {
			look = terminal.Dim
		}
		return []terminal.Line{terminal.Text(terminal.Cyan, r.id), terminal.Text(look, r.bare), terminal.Text(0, r.needs), terminal.Text(terminal.Dim, r.why)}
	}
	for _, r := range rows {
		p.Measure(cells(r)...)
	}
	p.Header()
	for _, r := range rows {
		if err := p.Row(cells(r), r.id, r.bare, r.needs, r.why); err != nil {
			return err
		}
	}
	return nil
}

// isFolder refuses a name that is that of something else than a folder. Nothing has that name: no error.
func isFolder(name string) error {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return usagef("%s is not a folder; name one, or a new one", command.Shown(name))
	}
	return nil
}
