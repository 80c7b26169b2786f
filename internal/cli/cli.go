// Package cli is the command line of cookbook: one file a command, each an options struct that parsing fills and a function
// that works. Streams, terminals and the environment are values passed in; one place turns errors into exit codes.
package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore/apart"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/probe"
	"cookbook/internal/mpi"
)

// app is what every command works with.
type app struct {
	catalog *catalog.Catalog
	Streams
	mpirun func(hosts []string, hostfile string) mpi.Engine         // for --engine mpi
	device func(ctx context.Context, spec string) (gpu.Info, error) // opens and closes what --device names
	world  *world                                                   // nil: mpirun has not started this process

	services func() []service                         // of the command worker
	ownFlags func(cmd *cobra.Command, words []string) // gives explore the flags of the recipe among the words behind it
}

// Main runs one command line (without the program's name) and returns its exit code. It waits for all it started.
func Main(c *catalog.Catalog, args []string, streams Streams) int {
	mpirun := func(hosts []string, hostfile string) mpi.Engine { return mpi.OpenMPI{Hosts: hosts, Hostfile: hostfile} }
	return (&app{catalog: c, Streams: streams, mpirun: mpirun, device: probe.Open, world: joined(), services: services}).main(args)
}

func (a *app) main(args []string) int {
	out := command.NewOutput(a.Out)
	a.Out = out
	err := out.Settle(a.do(args), a.complain)
	if err == nil {
		return exitOK
	}
	if !a.world.silent(err) {
		a.complain(err)
	}
	return exitCode(err)
}

// do is a command, or the search of one that has started this process.
func (a *app) do(args []string) error {
	if secret := a.Env.Get(apart.Variable); secret != "" && len(args) == 0 {
		return a.searchFor(secret)
	}
	return a.execute(args)
}

// complain prints an error.
func (a *app) complain(err error) { a.Complain("cookbook", err) }

// execute finds the command and has it work, under a context that a signal ends.
func (a *app) execute(args []string) error {
	var recipes []catalog.Entry
	if slices.Contains(args, "run") || isCompleting(args) { // nothing else can be about them, and to declare them all takes 0.4 ms
		recipes = a.catalog.Entries()
	}
	root := newRoot(a, recipes)
	stop := func() {}
	defer func() { stop() }()
	// Cobra calls this before a command works, not before it prints help or a usage error.
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if cmd.Annotations[quick] != "" {
			return
		}
		var ctx context.Context
		ctx, stop = command.OnInterrupt(cmd.Context(), a.Out)
		cmd.SetContext(ctx)
	}
	if isCompleting(args) {
		a.completeValues(root)
		args = safeWords(args)
	}
	args, err := expandRecipe(root, a.catalog, joinPicture(args))
	if err != nil {
		return err
	}
	if cmd, words, err := root.Find(withoutCompleting(args)); err == nil && cmd.Name() == exploreName && cmd.Parent() == root {
		a.ownFlags(cmd, words)
		if isCompleting(args) {
			a.completeValues(cmd)
		}
	}
	root.SetArgs(args)
	return root.ExecuteContext(context.Background())
}

// quick marks a command that ends at once, so that nobody needs to interrupt it; watching for Ctrl-C costs 0.1 ms.
const quick = "quick"

// newRoot makes all commands, and those that run these recipes.
func newRoot(a *app, recipes []catalog.Entry) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   "cookbook COMMAND [flags]",
		Short: "Parallel programming recipes in Go whose output is promised, and checked",
		Long: `The recipes of Python Parallel Programming Cookbook as Go programs you can run, read and verify.
Every line a recipe prints carries a promise, and the tool checks the promise.` + a.withoutRecipes(),
		Example: `  cookbook list
  cookbook run ch2.lock
  cookbook explain ch2.lock
  cookbook verify`,
		SilenceErrors: true,
		SilenceUsage:  true,

		DisableFlagsInUseLine: true,
		Annotations:           map[string]string{below: "Commands", more: "cookbook COMMAND --help"},
		Args:                  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return unknownCommand(cmd, args[0])
			case showVersion:
				return a.printVersion()
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "print the version")
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp(a))
	root.SetHelpFunc(a.help)
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(
		newList(a), newRun(a, recipes), newExplain(a), newGlossary(a), newVerify(a), newExplore(a), newPractice(a), newEject(a), newSite(a), newServe(a), newCompare(a), newBench(a), newWatch(a), newEngine(a), newWorker(a), newDoctor(a), newCompletion(a), newVersion(a),
	)
	return root
}

// withoutRecipes says which chapters have no recipes.
func (a *app) withoutRecipes() string {
	empty := a.emptyChapters()
	switch len(empty) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("\nChapter %d has an introduction so far, and no recipes.", empty[0])
	}
	return fmt.Sprintf("\nChapters %s have an introduction so far, and no recipes.", numbers(empty))
}

// unknownCommand also helps a user who typed a recipe in place of a command.
func unknownCommand(root *cobra.Command, word string) error {
	if cmd, _, err := root.Find([]string{word}); err == nil && cmd != root {
		return usagef("%s stands behind --, which ends a command's flags; type: cookbook %s …", word, word)
	}
	if near := root.SuggestionsFor(word); len(near) > 0 {
		return usagef("no command %q; did you mean %s?", word, strings.Join(near, " or "))
	}
	return usagef("no command %q; see: cookbook --help (to run a recipe: cookbook run %s)", word, word)
}

// noArgs and oneRecipe are cobra's argument checks with errors that say what to type.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		hint := ""
		if f := cmd.Flags().Lookup("timeline"); f != nil && f.Value.String() == onTerminal && encoder(args[0]) == nil {
			hint = "; the name of a picture ends in .svg or .json"
		}
		return usagef("%s takes no argument, got %q%s; see: %s --help", cmd.CommandPath(), args[0], hint, cmd.CommandPath())
	}
	return nil
}

func oneRecipe(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one recipe, got %d arguments, as in: %s ch2.lock", cmd.CommandPath(), len(args), cmd.CommandPath())
	}
	return nil
}
