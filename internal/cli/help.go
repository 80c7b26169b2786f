package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/terminal"
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
	p := helpPage{width: min(a.style().Columns(), 100)}
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	p.paragraphs(about)
	fmt.Fprintf(&p, "\nUsage:\n")
	p.item("  ", cmd.UseLine(), "", 0)
	if cmd.HasExample() {
		fmt.Fprintf(&p, "\nExamples:\n")
		p.paragraphs(cmd.Example)
	}
	if cmd.Name() == "run" && cmd.Parent() == cmd.Root() {
		for _, ch := range a.catalog.Chapters {
			if len(ch.Recipes) == 0 {
				p.paragraphs(fmt.Sprintf("\nChapter %d, %s: no recipes yet", ch.Number, ch.Title))
				continue
			}
			p.paragraphs(fmt.Sprintf("\nChapter %d, %s:", ch.Number, ch.Title))
			for _, r := range ch.Recipes {
				p.item("  ", r.ID, r.Title, a.widestID())
			}
		}
	} else if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&p, "\n%s:\n", cmd.Annotations[below])
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				p.item("  ", sub.Name(), sub.Short, sub.NamePadding())
			}
		}
	}
	p.flags("Flags", cmd.LocalFlags())
	if cmd.Flags().Lookup("wrong") != nil {
		p.wrong(a.wrongOf(cmd))
	}
	p.flags("Flags of every recipe", cmd.InheritedFlags())
	if text := cmd.Annotations[more]; text != "" {
		p.WriteByte('\n')
		p.item("", "More: "+text, "", 0)
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

// helpPage is text of a width.
type helpPage struct {
	strings.Builder
	width int
}

// paragraphs lays text out anew, but leaves a line break where a sentence ends, and lines that begin with blanks as they are.
func (p *helpPage) paragraphs(text string) {
	text = strings.TrimRight(text, " \n")
	var open string
	end := func() {
		if open != "" {
			p.item("", open, "", 0)
		}
		open = ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "":
			end()
			p.WriteByte('\n')
		case strings.HasPrefix(line, " "):
			end()
			mark, rest, _ := strings.Cut(strings.TrimSpace(line), "  ")
			p.item("  ", mark, strings.TrimSpace(rest), terminal.Width(mark))
		default:
			open = strings.TrimPrefix(open+" "+line, " ")
			if strings.ContainsAny(line[len(line)-1:], ".:)") {
				end()
			}
		}
	}
	end()
}

// item writes a name, and what it means beside it, or below it where that leaves too little room. The column of names is as wide as
// told.
func (p *helpPage) item(indent, name, meaning string, column int) {
	const least = 24 // columns for the meaning
	if meaning == "" {
		for i, l := range terminal.WrapWhole(name, p.width-len(indent)) {
			if i > 0 && indent != "" {
				l = "  " + l
			}
			fmt.Fprintf(p, "%s%s\n", indent, l)
		}
		return
	}
	hang := len(indent) + column + 2
	head := indent + terminal.Pad(name, max(column, terminal.Width(name))) + "  "
	if p.width-hang < least || terminal.Width(name) > column {
		p.item(indent, name, "", 0)
		deeper := 4
		if strings.HasPrefix(strings.TrimLeft(name, " "), "-") {
			deeper = 8 // than -h, which stands before --help
		}
		hang = min(hang, len(indent)+deeper)
		head = strings.Repeat(" ", hang)
	}
	for _, l := range terminal.WrapWhole(meaning, max(p.width-hang, 1)) {
		fmt.Fprintln(p, head+l)
		head = strings.Repeat(" ", hang)
	}
}

// wrong writes what --wrong takes.
func (p *helpPage) wrong(all []catalog.Wrong) {
	fmt.Fprintf(p, "\nWrong in one place, by --wrong:\n")
	column := 0
	for _, w := range all {
		column = max(column, len(w.Name))
	}
	for _, w := range all {
		p.item("  ", w.Name, w.Title, column)
	}
}

// flags writes what flags mean, below a heading.
func (p *helpPage) flags(heading string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(p, "\n%s:\n", heading)
	const widest = 24 // column of names
	column := 0
	name := func(f *pflag.Flag) (name, meaning string) {
		name = "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		value, meaning := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		switch f.DefValue {
		case "", "false", "0", "[]":
		default:
			meaning += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		return name, meaning
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if n, _ := name(f); len(n) <= widest {
			column = max(column, len(n))
		}
	})
	flags.VisitAll(func(f *pflag.Flag) {
		n, meaning := name(f)
		p.item("  ", n, meaning, column)
	})
}
