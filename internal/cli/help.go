package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usage writes how to use a command. It is a function and not one of cobra's templates, because text/template, once linked,
// keeps the linker from leaving out what is never called.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	below, more := "Commands", "cookbook COMMAND --help"
	if cmd.HasParent() {
		below, more = "Recipes", "cookbook run RECIPE --help"
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s:\n", below)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if cmd.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s", cmd.LocalFlags().FlagUsages())
	}
	if cmd.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\nFlags of every recipe:\n%s", cmd.InheritedFlags().FlagUsages())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nMore: %s\n", more)
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), b.String())
	return err
}

// newHelp is --help in the other order: cookbook help run ch2.lock.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command or a recipe's flags",
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
