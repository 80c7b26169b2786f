package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takeOwnFlags gives the command explore the flags of the first recipe that is named behind it. Cobra knows flags only once they are
// declared, so this is done before it parses the command line.
func (o *exploreOptions) takeOwnFlags(a *app, cmd *cobra.Command, words []string) {
	at := firstArgument(cmd.Flags(), words)
	if at < 0 || a.catalog.Chapter(words[at]) != nil {
		return
	}
	e, err := a.catalog.Find(words[at])
	if err != nil {
		return // the command will say so
	}
	o.own = pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	e.Declare(o.own)
	cmd.Flags().AddFlagSet(o.own)
	cmd.Annotations = map[string]string{about: e.ID}
}

// ownChanged reports whether one of these flags was given.
func ownChanged(own *pflag.FlagSet) (changed bool) {
	if own != nil {
		own.VisitAll(func(f *pflag.Flag) { changed = changed || f.Changed })
	}
	return changed
}

// typedAgain is a command line of a recipe's own flags and arguments in one form, whatever they were typed as: the flags that differ
// from their defaults, by name, then the arguments.
func typedAgain(flags *pflag.FlagSet, arguments []string) (args []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		switch value := f.Value.String(); {
		case value == f.DefValue:
		case f.Value.Type() == "bool" && value == "true":
			args = append(args, "--"+f.Name)
		case strings.HasPrefix(value, "-") || value == "" || f.NoOptDefVal != "":
			args = append(args, "--"+f.Name+"="+value)
		default:
			args = append(args, "--"+f.Name, value)
		}
	})
	if slices.ContainsFunc(arguments, func(s string) bool { return strings.HasPrefix(s, "-") }) {
		args = append(args, "--")
	}
	return append(args, arguments...)
}

// shellWords are words as a shell takes them.
func shellWords(words []string) []string {
	all := slices.Clone(words)
	for i, w := range all {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !strings.ContainsRune("_-./:=,+@%", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			all[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return all
}
