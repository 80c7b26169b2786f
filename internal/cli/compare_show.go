package cli

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// mostLines is how many lines are shown of each side; --json has all.
const mostLines = 100

// sideBySide is the narrowest terminal on which two columns of lines can be read.
const sideBySide = 100

// show draws what was compared: the heading, the lines, the times, and how they were come by.
func (o *compareOptions) show(a *app, e catalog.Entry, python, golang *contestant, c comparison) {
	transcript.Heading{ID: e.ID, Title: e.Title, Section: e.Section, Python: e.Python, Go: e.Go}.Write(a.Out, a.Style())
	if a.OutTTY && a.Width >= sideBySide {
		a.twoColumns(python, golang)
	} else {
		a.stacked(python)
		a.stacked(golang)
	}
	a.times(python, golang)
	headline, look := []string{c.Headline}, terminal.Look(0)
	if a.OutTTY {
		headline = terminal.WrapWhole(c.Headline, a.Width)
	}
	if c.Ratio != nil {
		look = terminal.Bold
	}
	fmt.Fprintln(a.Out)
	for _, line := range headline {
		fmt.Fprintln(a.Out, a.Paint(look, line))
	}
	fmt.Fprintln(a.Out)
	o.howMeasured(a, python, golang, c.Args)
}

func (a *app) twoColumns(left, right *contestant) {
	room := (a.Width - terminal.Width("   │ ")) / 2
	row := func(l, r string, look terminal.Look) {
		l, r = a.Paint(look, terminal.Pad(l, room)), a.Paint(look, r)
		fmt.Fprintln(a.Out, strings.TrimRight("  "+l+a.Paint(terminal.Dim, " │ ")+r, " "))
	}
	row(left.kind, right.kind, terminal.Bold)
	leftLines, rightLines := firstOf(left.lines), firstOf(right.lines)
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

func (a *app) stacked(s *contestant) {
	fmt.Fprintf(a.Out, "%s\n", a.Paint(terminal.Bold, s.kind))
	for _, line := range firstOf(s.lines) {
		fmt.Fprintln(a.Out, strings.TrimRight("  "+line, " "))
	}
	fmt.Fprintln(a.Out)
}

// times is the table of the measurements.
func (a *app) times(sides ...*contestant) {
	p := a.Printer("", "MEDIAN", "MIN", "MAX", "START-UP")
	p.TTY = true // in a pipe, too: programs read --json
	p.Align = []terminal.Align{terminal.Left, terminal.Right, terminal.Right, terminal.Right, terminal.Right}
	rows := [][]terminal.Line{}
	for _, s := range sides {
		row := []terminal.Line{terminal.Text(terminal.Cyan, s.name), terminal.Text(terminal.Bold, clock(median(s.runs))),
			terminal.Text(0, clock(slices.Min(s.runs))), terminal.Text(0, clock(slices.Max(s.runs))), terminal.Text(terminal.Dim, clock(median(s.starts)))}
		rows = append(rows, row)
		p.Measure(row...)
	}
	p.Header()
	for _, row := range rows {
		p.Row(row)
	}
}

func clock(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", ms(d))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// howMeasured says what the numbers above are.
func (o *compareOptions) howMeasured(a *app, python, golang *contestant, args []string) {
	runs := fmt.Sprintf("%d runs each", o.times)
	if o.times == 1 {
		runs = "1 run each"
	}
	given := strings.Join(append([]string{"--speed", o.speed.String()}, args...), " ")
	const indent = "          "
	for _, row := range [][2]string{
		{"python", python.path + ", " + python.kind},
		{"go", golang.path + ", " + golang.kind},
		{"measured", fmt.Sprintf("whole processes, from start to end; %s, in turn, after one that does not count; %d processors; %s", runs, runtime.NumCPU(), given)},
		{"start-up", fmt.Sprintf("the same for an empty program: %s, %s", python.empty, golang.empty)},
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
