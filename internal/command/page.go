package command

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/terminal"
)

// Page is a page of help: text of a width.
type Page struct {
	strings.Builder
	width int
}

// NewPage returns an empty page for a terminal.
func NewPage(s terminal.Style) *Page { return &Page{width: min(s.Columns(), 100)} }

// Paragraphs lays text out anew, but leaves a line break where a sentence ends, and lines that begin with blanks as they are.
func (p *Page) Paragraphs(text string) {
	text = strings.TrimRight(text, " \n")
	var open string
	end := func() {
		if open != "" {
			p.Item("", open, "", 0)
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
			p.Item("  ", mark, strings.TrimSpace(rest), terminal.Width(mark))
		default:
			open = strings.TrimPrefix(open+" "+line, " ")
			if strings.ContainsAny(line[len(line)-1:], ".:)") {
				end()
			}
		}
	}
	end()
}

// Item writes a name, and what it means beside it, or below it where that leaves too little room. The column of names is as wide as
// told.
func (p *Page) Item(indent, name, meaning string, column int) {
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
		p.Item(indent, name, "", 0)
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

// Wrong writes what --wrong takes.
func (p *Page) Wrong(all []catalog.Wrong) {
	fmt.Fprintf(p, "\nWrong in one place, by --wrong:\n")
	column := 0
	for _, w := range all {
		column = max(column, len(w.Name))
	}
	for _, w := range all {
		p.Item("  ", w.Name, w.Title, column)
	}
}

// Flags writes what flags mean, below a heading.
func (p *Page) Flags(heading string, flags *pflag.FlagSet) {
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
		p.Item("  ", n, meaning, column)
	})
}
