package cli

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"cookbook/internal/bench"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// mostLines is how many lines are shown of each side; --json has all.
const mostLines = 100

// sideBySide is the narrowest terminal on which two columns of lines can be read.
const sideBySide = 100

// show draws what was compared: the heading, the lines, the times, and how they were come by.
func (o *compareOptions) show(a *app, c *bench.Contest, finding bench.Finding) {
	e := c.Entry
	transcript.Heading{ID: e.ID, Title: e.Title, Section: e.Section, Python: e.Python, Go: e.Go}.Write(a.Out, a.Style())
	if a.OutTTY && a.Width >= sideBySide {
		a.twoColumns(c.Python, c.Go)
	} else {
		a.stacked(c.Python)
		a.stacked(c.Go)
	}
	if !c.Untimed {
		a.times(c.Python, c.Go)
		fmt.Fprintln(a.Out)
	}
	headline, look := []string{finding.Headline}, terminal.Look(0)
	if a.OutTTY {
		headline = terminal.WrapWhole(finding.Headline, a.Width)
	}
	if finding.Ratio != nil {
		look = terminal.Bold
	}
	for _, line := range headline {
		fmt.Fprintln(a.Out, a.Paint(look, line))
	}
	fmt.Fprintln(a.Out)
	o.howMeasured(a, c)
}

func (a *app) twoColumns(left, right *bench.Side) {
	room := (a.Width - terminal.Width("   │ ")) / 2
	row := func(l, r string, look terminal.Look) {
		l, r = a.Paint(look, terminal.Pad(l, room)), a.Paint(look, r)
		fmt.Fprintln(a.Out, strings.TrimRight("  "+l+a.Paint(terminal.Dim, " │ ")+r, " "))
	}
	row(left.Kind, right.Kind, terminal.Bold)
	leftLines, rightLines := firstOf(left.Lines), firstOf(right.Lines)
	for i := range max(len(leftLines), len(rightLines)) {
		l, r := foldAt(leftLines, i, room), foldAt(rightLines, i, room)
		for len(l)+len(r) > 0 {
			var a, b string
			a, l = first(l)
			b, r = first(r)
			row(a, b, 0)
		}
	}
	fmt.Fprintln(a.Out)
}

// firstOf returns the lines to show, of which the last one may say how many more there are.
func firstOf(lines []string) []string {
	if len(lines) <= mostLines {
		return lines
	}
	return append(slices.Clone(lines[:mostLines-1]), fmt.Sprintf("… %d more lines, all in --json", len(lines)-mostLines+1))
}

// foldAt divides lines[i], if there is one, into pieces of at most n columns.
func foldAt(lines []string, i, n int) []string {
	if i >= len(lines) {
		return nil
	}
	return terminal.Fold(lines[i], n)
}

func first(s []string) (string, []string) {
	if len(s) == 0 {
		return "", nil
	}
	return s[0], s[1:]
}

func (a *app) stacked(s *bench.Side) {
	fmt.Fprintf(a.Out, "%s\n", a.Paint(terminal.Bold, s.Kind))
	for _, line := range firstOf(s.Lines) {
		fmt.Fprintln(a.Out, strings.TrimRight("  "+line, " "))
	}
	fmt.Fprintln(a.Out)
}

// times is the table of the measurements.
func (a *app) times(sides ...*bench.Side) {
	p := a.Printer("", "MEDIAN", "MIN", "MAX", "START-UP")
	p.TTY = true // in a pipe, too: programs read --json
	p.Align = []terminal.Align{terminal.Left, terminal.Right, terminal.Right, terminal.Right, terminal.Right}
	rows := [][]terminal.Line{}
	for _, s := range sides {
		row := []terminal.Line{terminal.Text(terminal.Cyan, s.Name), terminal.Text(terminal.Bold, clock(s.Times.Median)),
			terminal.Text(0, clock(s.Times.Least)), terminal.Text(0, clock(s.Times.Most)), terminal.Text(terminal.Dim, clock(s.Start))}
		rows = append(rows, row)
		p.Measure(row...)
	}
	p.Header()
	for _, row := range rows {
		p.Row(row)
	}
}

func clock(ns float64) string {
	if ns < 1e9 {
		return fmt.Sprintf("%.1f ms", bench.Milliseconds(ns))
	}
	return fmt.Sprintf("%.2f s", ns/1e9)
}

// howMeasured says what the numbers above are.
func (o *compareOptions) howMeasured(a *app, c *bench.Contest) {
	python, golang := c.Python, c.Go
	runs := fmt.Sprintf("%d runs each", o.times)
	if o.times == 1 {
		runs = "1 run each"
	}
	measured := fmt.Sprintf("whole processes, from start to end; %s, in turn, after one that does not count", runs)
	if c.Untimed {
		measured = "nothing: each side was run once, and their lines differ"
	}
	given := strings.Join(append([]string{"--speed", o.speed.String()}, c.Args...), " ")
	const indent = "          "
	for _, row := range [][2]string{
		{"python", python.Path + ", " + python.Kind},
		{"go", golang.Path + ", " + golang.Kind},
		{"measured", fmt.Sprintf("%s; %d processors; %s", measured, runtime.NumCPU(), given)},
		{"start-up", fmt.Sprintf("the same for an empty program: %s, %s", python.Empty, golang.Empty)},
	} {
		lines := []string{terminal.Safe(terminal.OneLine(row[1]))}
		if a.OutTTY {
			lines = terminal.WrapWhole(lines[0], a.Width-len(indent))
		}
		text := terminal.Pad(row[0], len(indent)) + strings.Join(lines, "\n"+indent)
		for line := range strings.SplitSeq(text, "\n") {
			fmt.Fprintln(a.Out, a.Paint(terminal.Dim, line))
		}
	}
}
