package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"cookbook/internal/command"
)

// The annotations of a command that has others below it: how those are called, and what shows more of them.
const (
	below = "below"
	more  = "more"
)

// newHelp is --help in the other order: cookbook help run ch2.lock.
func newHelp(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command or a recipe's flags",

		ValidArgsFunction: a.completeCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 {
				return unknownCommand(cmd.Root(), rest[0])
			}
			if err != nil {
				return err
			}
			return about.Help()
		},
	}
}

// help prints what a command does and how to use it, folded to the terminal. It is a function and not one of cobra's templates,
// because text/template, once linked, keeps the linker from leaving out what is never called.
func (a *app) help(cmd *cobra.Command, _ []string) {
	p := command.NewPage(a.Style())
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	p.Paragraphs(about)
	fmt.Fprintf(p, "\nUsage:\n")
	p.Item("  ", cmd.UseLine(), "", 0)
	if cmd.HasExample() {
		fmt.Fprintf(p, "\nExamples:\n")
		p.Paragraphs(cmd.Example)
	}
	if cmd.Name() == "run" && cmd.Parent() == cmd.Root() {
		for _, ch := range a.catalog.Chapters {
			if len(ch.Recipes) == 0 {
				p.Paragraphs(fmt.Sprintf("\nChapter %d, %s: no recipes yet", ch.Number, ch.Title))
				continue
			}
			p.Paragraphs(fmt.Sprintf("\nChapter %d, %s:", ch.Number, ch.Title))
			for _, r := range ch.Recipes {
				p.Item("  ", r.ID, r.Title, a.widestID())
			}
		}
	} else if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(p, "\n%s:\n", cmd.Annotations[below])
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				p.Item("  ", sub.Name(), sub.Short, sub.NamePadding())
			}
		}
	}
	p.Flags("Flags", cmd.LocalFlags())
	if all := a.wrongOf(cmd); all != nil && cmd.Flags().Lookup("wrong") != nil {
		p.Wrong(all)
	}
	p.Flags("Flags of every recipe", cmd.InheritedFlags())
	if text := cmd.Annotations[more]; text != "" {
		p.WriteByte('\n')
		p.Item("", "More: "+text, "", 0)
	}
	fmt.Fprint(cmd.OutOrStdout(), p.String())
}

func (a *app) widestID() int {
	n := 0
	for _, e := range a.catalog.Entries() {
		n = max(n, len(e.ID))
	}
	return n
}
