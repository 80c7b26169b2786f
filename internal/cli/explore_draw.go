package cli

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/explore"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// The marks beside the number of a step.
const (
	markPreempts = "⇄"
	markDecisive = "»"
)

// picture is a schedule that shows a fault, and the nearest one that passes, in columns, one for each actor.
type picture struct {
	*app
	fault  *explore.Fault
	broken *explore.Trace
	passes *explore.Trace // nil: none is known
	first  int            // the step that the picture begins with
	looks  terminal.Palette
	rest   string // where the steps are that are not shown
}

// Of a long schedule these many steps are shown, before the decisive one and from it on.
const (
	mostBefore = 30
	mostAfter  = 60
)

func newPicture(a *app, fault *explore.Fault) *picture {
	p := &picture{app: a, fault: fault, broken: fault.Trace, passes: fault.Passes, rest: "; all are in --json", first: max(0, fault.Decisive-mostBefore)}
	if fault.Decisive < 0 {
		p.passes, p.first = nil, max(0, len(p.broken.Steps)-mostAfter)
	}
	p.looks.Set(transcript.Main, terminal.Bold)
	for _, name := range p.broken.Actors {
		p.looks.Look(name)
	}
	return p
}

func (p *picture) draw() {
	if p.first > 0 {
		p.paragraph(terminal.Dim, fmt.Sprintf("… %s before these%s", count(p.first, "step"), p.rest))
	}
	if !p.beside() && !p.stacked() {
		p.inLines(p.broken, p.first)
		if p.passes != nil {
			p.goesOn()
			p.inLines(p.passes, p.fault.Decisive)
		}
	}
	if left := len(p.broken.Steps) - p.last(p.broken); left > 0 {
		p.paragraph(terminal.Dim, fmt.Sprintf("… %s more%s", count(left, "step"), p.rest))
	}
	p.legend()
}

// last is the end of what is shown of a trace.
func (p *picture) last(t *explore.Trace) int {
	return min(len(t.Steps), max(p.fault.Decisive, p.first)+mostAfter)
}

// legend says what the marks mean that were drawn.
func (p *picture) legend() {
	preempts := func(s explore.TraceStep) bool { return s.Preempts }
	var all []string
	if slices.ContainsFunc(p.broken.Steps, preempts) || p.passes != nil && slices.ContainsFunc(p.passes.Steps[p.fault.Decisive:], preempts) {
		all = append(all, markPreempts+" takes the turn from an actor that could go on")
	}
	if p.passes != nil {
		all = append(all, markDecisive+" from here on the two differ")
	}
	if len(all) == 0 {
		return
	}
	text := strings.Join(all, "   ")
	if terminal.Width(text) > p.Style().Columns() {
		text = strings.Join(all, "\n")
	}
	fmt.Fprintln(p.Out)
	p.paragraph(terminal.Dim, text)
}

func (p *picture) goesOn() {
	fmt.Fprintln(p.Out)
	p.paragraph(0, fmt.Sprintf("The nearest order that passes goes on from step %d:", p.fault.Decisive+1))
	fmt.Fprintln(p.Out)
}

// number is a step's, behind its marks: one word, so that it is never folded.
func (p *picture) number(s explore.TraceStep, step int) terminal.Line {
	var l terminal.Line
	look := terminal.Dim
	if step == p.fault.Decisive {
		look = terminal.Bold | terminal.Red
		l = l.Add(markDecisive, look)
	}
	if s.Preempts {
		l = l.Add(markPreempts, terminal.Yellow)
	}
	return l.Add(strconv.Itoa(step+1), look)
}

// did is what came of a step.
func did(t *explore.Trace, s explore.TraceStep) terminal.Line {
	if len(s.Said) == 0 {
		what := map[transcript.Kind]string{transcript.Begin: "begins", explore.Pause: "pauses", explore.TimeOut: "(a time-out comes)"}[s.Kind]
		if what == "" {
			what = "…" // what it was about to say it has not said
		}
		return terminal.Text(terminal.Dim, what)
	}
	var l terminal.Line
	for i, said := range s.Said {
		if i > 0 {
			l = l.Add("\n", 0)
		}
		text := terminal.Safe(terminal.OneLine(said.Text))
		if said.Actor != "" && said.Actor != nameOf(t, s.Actor) {
			text = terminal.Safe(said.Actor) + ": " + text
		}
		look := terminal.Look(0)
		if !said.OK {
			look = terminal.Red
		}
		if said.Mark != transcript.Unmarked {
			l = l.Add(string(said.Mark), said.Mark.Info().Look).Add(" ", 0)
		}
		l = l.Add(text, look)
	}
	return l
}

// nameOf is the name of an actor of a trace, "" of one that it does not know, as of a time-out.
func nameOf(t *explore.Trace, actor int) string {
	if actor < 0 || actor >= len(t.Actors) {
		return ""
	}
	return t.Actors[actor]
}

// columns is a table whose first column is the numbers, and which has one for each of the actors.
func (p *picture) columns(actors []string) terminal.Table {
	table := terminal.Table{Head: []terminal.Line{nil}, Gap: 2, Align: []terminal.Align{terminal.Right}}
	for _, name := range actors {
		table.Head = append(table.Head, terminal.Text(p.looks.Look(name)|terminal.Underline, name))
	}
	return table
}

// row is a step of a trace in the columns of the actors; empty behind what is shown of it.
func (p *picture) row(t *explore.Trace, step int, actors []string) []terminal.Line {
	cells := make([]terminal.Line, 1+len(actors))
	if step < p.last(t) {
		s := t.Steps[step]
		cells[0] = p.number(s, step)
		cells[1+max(0, slices.Index(actors, nameOf(t, s.Actor)))] = did(t, s)
	}
	return cells
}

// stacked draws the schedules one below the other in the same columns; false: they have no room.
func (p *picture) stacked() bool {
	actors := slices.Clone(p.broken.Actors)
	if p.passes != nil {
		for _, name := range p.passes.Actors {
			if !slices.Contains(actors, name) {
				actors = append(actors, name)
			}
		}
	}
	all, passes := p.columns(actors), p.columns(actors)
	for step := p.first; step < p.last(p.broken); step++ {
		all.Rows = append(all.Rows, p.row(p.broken, step, actors))
	}
	broken := all
	if p.passes != nil {
		for step := p.fault.Decisive; step < p.last(p.passes); step++ {
			passes.Rows = append(passes.Rows, p.row(p.passes, step, actors))
		}
		all.Rows = slices.Concat(broken.Rows, passes.Rows)
	}
	widths, ok := all.Widths(p.Style().Columns())
	if !ok || len(all.Lines(widths))-1 > len(all.Rows)*3/2 { // too many are folded
		return false
	}
	p.write(inWidths(broken, widths))
	if p.passes != nil {
		p.goesOn()
		p.write(inWidths(passes, widths))
	}
	return true
}

// inWidths draws a table in columns of just these widths.
func inWidths(t terminal.Table, widths []int) []terminal.Line {
	wide := make([]terminal.Line, len(widths))
	for i, w := range widths {
		wide[i] = terminal.Line{{Text: strings.Repeat("x", w)}}
	}
	t.Rows = append(slices.Clone(t.Rows), wide)
	lines := t.Lines(widths)
	return lines[:len(lines)-1]
}

// beside draws both schedules side by side, if there is room for all without a line folded.
func (p *picture) beside() bool {
	if p.passes == nil {
		return false
	}
	bar := terminal.Text(terminal.Dim, "│")
	table, right := p.columns(p.broken.Actors), p.columns(p.passes.Actors)
	table.Head = slices.Concat(table.Head, []terminal.Line{bar, nil}, right.Head[1:])
	for step := p.first; step < max(p.last(p.broken), p.last(p.passes)); step++ {
		after := make([]terminal.Line, len(right.Head))
		if step >= p.fault.Decisive {
			after = p.row(p.passes, step, p.passes.Actors)
		}
		table.Rows = append(table.Rows, slices.Concat(p.row(p.broken, step, p.broken.Actors), []terminal.Line{bar}, after))
	}
	natural, _ := table.Widths(1 << 20)
	total := table.Gap * (len(natural) - 1)
	for _, w := range natural {
		total += w
	}
	if total > p.Style().Columns() {
		return false
	}
	table.Align = make([]terminal.Align, len(natural))
	table.Align[0], table.Align[len(p.broken.Actors)+2] = terminal.Right, terminal.Right
	p.write(table.Lines(natural))
	return true
}

// inLines draws a schedule from a step on, with the names in front.
func (p *picture) inLines(t *explore.Trace, from int) {
	names, numbers := 0, 0
	table := terminal.Table{Head: []terminal.Line{nil, nil, nil}, Gap: 1, Align: []terminal.Align{terminal.Right}}
	for step := from; step < p.last(t); step++ {
		s := t.Steps[step]
		name := terminal.Cut(nameOf(t, s.Actor), max(6, min(16, p.Style().Columns()/4)))
		row := []terminal.Line{p.number(s, step), terminal.Text(p.looks.Look(nameOf(t, s.Actor)), name), did(t, s)}
		table.Rows = append(table.Rows, row)
		numbers, names = max(numbers, row[0].Width()), max(names, terminal.Width(name))
	}
	p.write(table.Lines([]int{numbers, names, max(10, p.Style().Columns()-numbers-names-2)})[1:])
}

func (p *picture) write(lines []terminal.Line) {
	w := bufio.NewWriter(p.Out)
	defer w.Flush()
	for _, l := range lines {
		l.WriteTo(w, p.Color)
		w.WriteByte('\n')
	}
}
