package cli

import (
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/terminal"
)

// The scripts are our own, because those of cobra drop a name that does not begin with what was typed (sem for ch2.semaphore),
// and that for bash needs a package beside bash. They ask cobra's command __complete, as its own do.
var (
	//go:embed completion/bash.sh
	bashCompletion string
	//go:embed completion/zsh.sh
	zshCompletion string
	//go:embed completion/fish.sh
	fishCompletion string
)

// newCompletion is the group of commands that print a script for a shell.
func newCompletion(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that completes commands, recipes and flags in a shell",
		Long: `Print the script for a shell that completes commands, recipes (ids, parts of them, sections), chapters, flags and their values.
Nothing else has to be installed.`,
		Example: `  source <(cookbook completion bash)              in ~/.bashrc
  source <(cookbook completion zsh)               in ~/.zshrc, below compinit
  cookbook completion fish | source               in ~/.config/fish/config.fish`,
		Annotations: map[string]string{below: "Shells", more: "cookbook completion SHELL --help"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("completion wants a shell, as in: cookbook completion bash (there are: %s)", strings.Join(namesBelow(cmd), ", "))
			}
			return usagef("no completion for %q; there is one for: %s", args[0], strings.Join(namesBelow(cmd), ", "))
		},
	}
	for _, shell := range []struct {
		name, how string
		print     func(w io.Writer) error
	}{
		{"bash", "To load it in every new shell, add this line to ~/.bashrc. On macOS the shell may be zsh.\n\n  source <(cookbook completion bash)", printed(bashCompletion)},
		{"zsh", "To load it in every new shell, add these lines to ~/.zshrc, the first unless it is there already.\n\n  autoload -U compinit && compinit\n  source <(cookbook completion zsh)", printed(zshCompletion)},
		{"fish", "To load it in every new shell, type this once.\n\n  cookbook completion fish > ~/.config/fish/completions/cookbook.fish", printed(fishCompletion)},
		{"powershell", "To load it in every new shell, add this line to the file $PROFILE.\n\n  cookbook completion powershell | Out-String | Invoke-Expression", powerShellOf(cmd)},
	} {
		cmd.AddCommand(&cobra.Command{
			Use:   shell.name,
			Short: "Print the script for " + shell.name,
			Long:  "Print the script for " + shell.name + ". " + shell.how,
			Args:  noArgs,

			Annotations:       map[string]string{quick: "yes"},
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE:              func(*cobra.Command, []string) error { return shell.print(a.Out) },
		})
	}
	return cmd
}

func printed(script string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, script)
		return err
	}
}

func powerShellOf(cmd *cobra.Command) func(io.Writer) error {
	return func(w io.Writer) error { return cmd.Root().GenPowerShellCompletionWithDesc(w) }
}

// namesBelow are the names of a command's sub-commands.
func namesBelow(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	return names
}

// isCompleting reports whether a shell asks what could follow a command line, rather than to do it.
func isCompleting(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// withoutCompleting is a command line without what says that a shell asks about it, and without the word that is being typed.
func withoutCompleting(args []string) []string {
	if isCompleting(args) {
		return args[1:max(len(args)-1, 1)]
	}
	return args
}

// safeWords is a command line of which cobra, which tells on the standard error why it has nothing to offer, can repeat every word.
func safeWords(args []string) []string {
	safe := make([]string, len(args))
	for i, word := range args {
		safe[i] = terminal.Safe(word)
	}
	return safe
}

// completed ends what is offered: in this order, and no files.
const completed = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder

// completeRecipes offers what names a recipe, and a chapter where the command takes one. A command that takes one recipe is offered
// nothing behind it, but compare the flags that go to both sides.
func (a *app) completeRecipes(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	many := cmd.Name() == "list" || cmd.Name() == "verify" || cmd.Name() == exploreName
	switch {
	case len(args) > 0 && cmd.Name() == "compare" && cmd.ArgsLenAtDash() > 0:
		return a.completeFlagsOf(args[0], start), completed
	case len(args) > 0 && !many:
		return nil, completed
	}
	var found []string
	if many || cmd.Name() == "explain" {
		for _, ch := range a.catalog.Chapters {
			if empty := len(ch.Recipes) == 0; empty && cmd.Name() != "explain" {
				continue
			}
			if strings.HasPrefix(ch.ID(), strings.ToLower(start)) && !slices.Contains(args, ch.ID()) {
				found = append(found, fmt.Sprintf("%s\tchapter %d: %s", ch.ID(), ch.Number, ch.Title))
			}
		}
	}
	for _, c := range a.catalog.Complete(start) {
		if !slices.Contains(args, c.Name) {
			found = append(found, c.Name+"\t"+c.About)
		}
	}
	return found, completed
}

// completeFlagsOf offers a recipe's own flags.
func (a *app) completeFlagsOf(recipe, start string) (found []string) {
	e, err := a.catalog.Find(recipe)
	if err != nil {
		return nil
	}
	own := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	e.Declare(own)
	own.VisitAll(func(f *pflag.Flag) {
		if name := "--" + f.Name; strings.HasPrefix(name, start) {
			found = append(found, name+"\t"+f.Usage)
		}
	})
	return found
}

// completeCommands offers the commands behind help, and behind help run the recipes.
func (a *app) completeCommands(cmd *cobra.Command, args []string, start string) (found []string, _ cobra.ShellCompDirective) {
	about, rest, err := cmd.Root().Find(args)
	switch {
	case err != nil || len(rest) > 0:
		return nil, completed
	case about.Name() == "run":
		return a.completeRecipes(about, nil, start)
	}
	for _, sub := range about.Commands() {
		if strings.HasPrefix(sub.Name(), start) && sub.IsAvailableCommand() {
			found = append(found, sub.Name()+"\t"+sub.Short)
		}
	}
	return found, completed
}

// completeValues has the values of flags offered: those that have names, files where a file is meant, and otherwise nothing. It
// costs too much for a command that does something.
func (a *app) completeValues(cmd *cobra.Command) {
	values := map[string]cobra.CompletionFunc{
		"engine": a.completeEngines,
		command.Device: fixed("auto\tthe first GPU that works, else the cpu", "cpu\tthis program, in Go", "opencl\tthe first device of OpenCL, or opencl:N",
			"cuda\tthe first device of CUDA, or cuda:N"),
		"wrong":   a.completeWrong,
		"speed":   fixed("1\tthe book's pace", "20\tthe pace of run", "max\tno pauses"),
		"require": fixed(needNames()...),
		"plot": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"svg"}, cobra.ShellCompDirectiveFilterFileExt
		},
		"python": nil, "hostfile": nil, "token-file": nil, "creds": nil, "nkey": nil, "ca": nil, // files
		"tls-cert": nil, "tls-key": nil, "tls-ca": nil, "store": folders,
	}
	register := func(f *pflag.Flag) {
		f.Usage = strings.ReplaceAll(f.Usage, "`", "") // by which help finds the name of the value
		complete, known := values[f.Name]
		if !known {
			complete = cobra.NoFileCompletions
		}
		if complete != nil {
			cmd.RegisterFlagCompletionFunc(f.Name, complete) // an error says that there is one
		}
	}
	cmd.Flags().VisitAll(register)
	cmd.PersistentFlags().VisitAll(register)
	for _, sub := range cmd.Commands() {
		a.completeValues(sub)
	}
}

// completeEngines offers what --engine takes: for a recipe what it runs on, for a command that talks to a server itself how an
// address begins.
func (a *app) completeEngines(cmd *cobra.Command, _ []string, start string) (found []string, _ cobra.ShellCompDirective) {
	names := engineNames()
	switch e, err := a.catalog.Find(cmd.Name()); {
	case err == nil && e.Engine != "" && cmd.Parent().Name() == "run":
		names = engineNames(e.Engine)
	case cmd.Name() != "verify":
		names = []string{string(catalog.NATS)}
	}
	if slices.Contains(names, string(catalog.NATS)) {
		names = append(names, "nats://", "tls://")
	}
	for _, name := range names {
		if strings.HasPrefix(name, start) {
			found = append(found, name)
		}
	}
	return found, completed
}

// about is the annotation of a command with the id of the recipe that it is for, if that is not its name.
const about = "about"

// wrongOf are the wrong programs of the recipe that a command is for.
func (a *app) wrongOf(cmd *cobra.Command) []catalog.Wrong {
	e, err := a.catalog.Find(cmp.Or(cmd.Annotations[about], cmd.Name()))
	if err != nil {
		return nil
	}
	return e.Wrong
}

// completeWrong offers what --wrong takes.
func (a *app) completeWrong(cmd *cobra.Command, args []string, start string) (found []string, _ cobra.ShellCompDirective) {
	all := a.wrongOf(cmd)
	if cmd.Name() == "eject" && len(args) > 0 {
		if e, err := a.catalog.Find(args[0]); err == nil {
			all = e.Wrong
		}
	}
	for _, w := range all {
		if strings.HasPrefix(w.Name, start) {
			found = append(found, w.Name+"\t"+w.Title)
		}
	}
	return found, completed
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func fixed(values ...string) cobra.CompletionFunc { return cobra.FixedCompletions(values, completed) }
