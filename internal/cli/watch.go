package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/watch"
)

// watchOptions are the flags of the command watch.
type watchOptions struct {
	recipe  string
	timeout time.Duration
}

func newWatch(a *app) *cobra.Command {
	o := &watchOptions{}
	cmd := &cobra.Command{
		Use:   "watch DIR [-- FLAGS]",
		Short: "Run a recipe again whenever one of its files is saved, and show which promise broke",
		Long: `Build and run a recipe, and again whenever a .go, .txt or .mod file in DIR or below is saved, until Ctrl-C. What the promise expects and
what came stand side by side. A run that goes on when a file is saved is ended first.

DIR is a recipe that cookbook eject has taken out, or a clone of cookbook's repository, or a chapter's folder in that. In a clone the
recipe is run whose file was saved last; what else is saved runs the same one again. It takes the go command.

Flags of the recipe, and those of cookbook run, stand behind --.`,
		Example: `  cookbook watch lock
  cookbook watch . --recipe ch2.semaphore -- --rounds 2 --speed max`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			if dash < 0 {
				dash = len(args)
			}
			if dash != 1 {
				return usagef("watch takes one folder, got %d, as in: cookbook watch . (flags of the recipe stand behind --)", dash)
			}
			return o.run(cmd.Context(), a, args[0], args[1:])
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.recipe, "recipe", "", "in a clone: the `RECIPE` to begin with, rather than the one saved last")
	command.TimeoutFlag(f, &o.timeout, "end a run after this long and say who waits for what")
	return cmd
}

func (o *watchOptions) run(ctx context.Context, a *app, dir string, args []string) error {
	if err := a.world.refuse("watch", "cookbook watch"); err != nil {
		return err
	}
	w := watch.Options{Dir: dir, Args: args, Timeout: o.timeout, Out: a.Out, Size: a.Size(), Color: a.Color}
	root, chapter, err := cloneOf(dir)
	switch {
	case err != nil:
		return err
	case root != "":
		c := &clone{root: root, chapter: chapter}
		if err := c.begin(a.catalog, o.recipe); err != nil {
			return err
		}
		w.Dir, w.Package, w.Command = root, "./cmd/cookbook", c.command
	case !isEjected(dir):
		return usagef("%s is neither a recipe taken out by cookbook eject nor a clone of cookbook's repository; to get one: cookbook eject ch2.lock DIR", dir)
	case o.recipe != "":
		return usagef("--recipe chooses one in a clone; %s is one recipe", dir)
	}
	err = watch.Loop(ctx, w)
	switch {
	case errors.Is(err, watch.ErrNoGo):
		return missingError{"cookbook watch", "go", err}
	case err != nil && ctx.Err() != nil:
		return command.EndedAsTold(ctx)
	}
	return err
}

// cloneOf returns the root of the clone that dir is, or is the folder of recipes or of a chapter in; "" if it is none. chapter is the
// folder of the chapter, as in ch2.
func cloneOf(dir string) (root, chapter string, err error) {
	if info, err := os.Stat(dir); err != nil {
		return "", "", fmt.Errorf("%s cannot be watched: %w", dir, command.WithoutPath(err))
	} else if !info.IsDir() {
		return "", "", usagef("%s is a file; watch takes its folder", dir)
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	switch within := filepath.Dir(at); {
	case isClone(at):
		return dir, "", nil
	case filepath.Base(at) == "recipes" && isClone(within):
		return within, "", nil
	case filepath.Base(within) == "recipes" && isClone(filepath.Dir(within)):
		return filepath.Dir(within), filepath.Base(at), nil
	}
	return "", "", nil
}

// isClone reports whether dir is the root of a clone of this repository.
func isClone(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !regexp.MustCompile(`(?m)^module\s+cookbook\s*$`).Match(text) {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, "cmd", "cookbook"))
	return err == nil
}

// isEjected reports whether dir is a module that prints what a recipe's promise is matched with.
func isEjected(dir string) bool {
	for _, name := range []string{"go.mod", "main.go", filepath.Join("internal", "alone")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// clone chooses which recipe of a clone is run.
type clone struct {
	root    string
	chapter string // of which recipes are chosen; "": of all
	recipe  string // that is run
	begun   bool
}

// begin chooses the recipe that is named, or else the one that was saved last.
func (c *clone) begin(all *catalog.Catalog, name string) error {
	if name != "" {
		e, err := all.Find(c.chapter + "." + name)
		if c.chapter == "" || err != nil {
			e, err = all.Find(name)
		}
		if err != nil {
			return err
		}
		c.recipe = e.ID
		return nil
	}
	files, err := watch.Look(c.root)
	if err != nil {
		return err
	}
	last := files.Newest(func(file string) bool { return c.of(file) != "" })
	if c.recipe = c.of(last); c.recipe == "" {
		return usagef("%s has no recipe; name one, as in: --recipe ch2.lock", filepath.Join(c.root, "recipes", c.chapter))
	}
	return nil
}

// command are the first arguments of cookbook when a file was saved.
func (c *clone) command(saved string) []string {
	if id := c.of(saved); id != "" && c.begun {
		c.recipe = id
	}
	c.begun = true
	return []string{"run", c.recipe}
}

// of is the recipe that a file belongs to, "" if it is none's. It need not be one that this program knows.
func (c *clone) of(file string) string {
	folder, name := path.Split(file)
	chapter, ok := strings.CutPrefix(path.Clean(folder), "recipes/")
	if !ok || c.chapter != "" && chapter != c.chapter {
		return ""
	}
	stem, _, _ := strings.Cut(strings.TrimSuffix(name, path.Ext(name)), "_")
	if _, err := os.Stat(filepath.Join(c.root, "recipes", chapter, stem+catalog.Promise)); err != nil {
		return ""
	}
	return chapter + "." + stem
}
