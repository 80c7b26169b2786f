package cli

import (
	"bufio"
	"fmt"
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

// replay is what one types to see a fault again, "" if it has no token.
func (s *subject) replay(fault *explore.Fault) string {
	if fault.Token == "" {
		return ""
	}
	text := "cookbook run " + s.command()
	if s.program.Seed != 1 {
		text += fmt.Sprintf(" --seed %d", s.program.Seed)
	}
	return text + " --schedule " + fault.Token
}

// showFault says what is wrong, and shows the schedule in columns, beside the nearest one that passes.
func (a *app) showFault(s *subject, fault *explore.Fault) {
	a.paragraph(terminal.Bold|terminal.Red, strings.ToUpper(string(fault.Kind))+": "+fault.Text)
	fmt.Fprintln(a.Out)
	if fault.Trace != nil && len(fault.Trace.Steps) > 0 {
		newPicture(a, fault).draw()
		fmt.Fprintln(a.Out)
		a.paragraph(0, howFew(fault))
	}
	if again := s.replay(fault); again != "" {
		fmt.Fprintf(a.Out, "replay: %s\n", again) // in one line, to be copied
	} else if fault.Kind != explore.Strayed {
		a.paragraph(terminal.Dim, "it has no token: its schedule is too long")
	}
	fmt.Fprintln(a.Out)
}

// howFew says whether less would do.
func howFew(fault *explore.Fault) string {
	text := count(fault.Steps, "step")
	switch {
	case fault.Preemptions == 0:
		return text + ", and no preemption is needed"
	case fault.Preemptions < 0:
		return text + "; how few preemptions would do is not known"
	case fault.Fewest:
		return fmt.Sprintf("%s with %s, the fewest: all schedules with fewer were run, and pass", text, count(fault.Preemptions, "preemption"))
	}
	return fmt.Sprintf("%s with %s; whether fewer would do is not known", text, count(fault.Preemptions, "preemption"))
}

// picture is a schedule in columns, one for each actor.
type picture struct {
	*app
	fault *explore.Fault
	looks terminal.Palette
	first int // the step that it begins with
}

// Of a long schedule these many steps are shown, before the decisive one and from it on.
const (
	mostBefore = 30
	mostAfter  = 60
)

func newPicture(a *app, fault *explore.Fault) *picture {
	p := &picture{app: a, fault: fault, first: max(0, fault.Decisive-mostBefore)}
	if fault.Decisive < 0 {
		p.first = max(0, len(fault.Trace.Steps)-mostAfter)
	}
	p.looks.Set(transcript.Main, terminal.Bold)
	for _, name := range fault.Trace.Actors {
		p.looks.Look(name)
	}
	return p
}

// last is the end of what is shown of a trace.
func (p *picture) last(t *explore.Trace) int {
	return min(len(t.Steps), max(p.fault.Decisive, p.first)+mostAfter)
}

func (p *picture) draw() {
	broken, passes := p.fault.Trace, p.fault.Passes
	if p.first > 0 {
		p.paragraph(terminal.Dim, fmt.Sprintf("… %s before these; all are in --json", count(p.first, "step")))
	}
	decisive := max(p.fault.Decisive, 0)
	if passes != nil && p.beside(broken, passes) {
		p.legend()
		return
	}
	p.one(broken, p.first)
	if passes != nil {
		fmt.Fprintln(p.Out)
		p.paragraph(0, fmt.Sprintf("The nearest order that passes goes on from step %d:", decisive+1))
		fmt.Fprintln(p.Out)
		p.one(passes, decisive)
	}
	p.legend()
}

// legend says what the marks mean that were drawn.
func (p *picture) legend() {
	var all []string
	for _, s := range p.fault.Trace.Steps {
		if s.Preempts {
			all = append(all, markPreempts+" takes the turn from an actor that could go on")
			break
		}
	}
	if p.fault.Passes != nil {
		all = append(all, markDecisive+" from here on the two differ")
	}
	if len(all) > 0 {
		fmt.Fprintln(p.Out)
		p.paragraph(terminal.Dim, strings.Join(all, "   "))
	}
}

// columns are a trace's cells: the number, then one column for each actor.
func (p *picture) columns(t *explore.Trace, step int) []terminal.Line {
	cells := make([]terminal.Line, 1+len(t.Actors))
	if step >= p.last(t) {
		return cells
	}
	s := t.Steps[step]
	cells[0] = p.number(s, step)
	if s.Actor < 0 || s.Actor >= len(t.Actors) {
		cells[min(1, len(cells)-1)] = p.did(t, s)
		return cells
	}
	cells[1+s.Actor] = p.did(t, s)
	return cells
}

// number is a step's, behind its marks.
func (p *picture) number(s explore.TraceStep, step int) terminal.Line {
	var l terminal.Line
	look := terminal.Dim
	if step == p.fault.Decisive {
		look = terminal.Bold | terminal.Red
		l = l.Add(markDecisive+" ", look)
	}
	if s.Preempts {
		l = l.Add(markPreempts+" ", terminal.Yellow)
	}
	return l.Add(strconv.Itoa(step+1), look)
}

// did is what came of a step.
func (p *picture) did(t *explore.Trace, s explore.TraceStep) terminal.Line {
	if len(s.Said) == 0 {
		what, known := map[transcript.Kind]string{
			transcript.Begin: "begins", explore.Pause: "pauses", explore.TimeOut: "(a time-out comes)", transcript.Line: "…", transcript.Check: "…",
		}[s.Kind]
		if !known {
			what = string(s.Kind)
		}
		return terminal.Text(terminal.Dim, what)
	}
	var l terminal.Line
	for i, said := range s.Said {
		if i > 0 {
			l = l.Add("\n", 0)
		}
		text := terminal.Safe(terminal.OneLine(said.Text))
		if s.Actor >= 0 && s.Actor < len(t.Actors) && said.Actor != "" && said.Actor != t.Actors[s.Actor] {
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

func (p *picture) head(t *explore.Trace) []terminal.Line {
	head := []terminal.Line{nil}
	for _, name := range t.Actors {
		head = append(head, terminal.Text(p.looks.Look(name)|terminal.Underline, name))
	}
	return head
}

// narrowest is the least column in which an actor's lines can be read.
const narrowestActor = 14

// one draws a trace from a step on: in columns, or where they have no room in lines with the names in front.
func (p *picture) one(t *explore.Trace, from int) {
	table := terminal.Table{Head: p.head(t), Gap: 2, Align: []terminal.Align{terminal.Right}}
	for step := from; step < p.last(t); step++ {
		table.Rows = append(table.Rows, p.columns(t, step))
	}
	widths, ok := table.Widths(p.style().Columns())
	natural, _ := table.Widths(1 << 20)
	for i := range widths {
		ok = ok && (widths[i] >= narrowestActor || widths[i] == natural[i])
	}
	if ok {
		p.write(table.Lines(widths))
		p.more(t)
		return
	}
	names := 0
	for _, name := range t.Actors {
		names = max(names, min(terminal.Width(name), 16))
	}
	table = terminal.Table{Head: []terminal.Line{nil, nil, nil}, Gap: 1, Align: []terminal.Align{terminal.Right}}
	for step := from; step < p.last(t); step++ {
		s, name := t.Steps[step], ""
		if s.Actor >= 0 && s.Actor < len(t.Actors) {
			name = t.Actors[s.Actor]
		}
		table.Rows = append(table.Rows, []terminal.Line{p.number(s, step), terminal.Text(p.looks.Look(name), terminal.Cut(name, names)), p.did(t, s)})
	}
	number := 0
	for _, row := range table.Rows {
		number = max(number, row[0].Width())
	}
	p.write(table.Lines([]int{number, names, max(10, p.style().Columns()-number-names-2)})[1:])
	p.more(t)
}

func (p *picture) more(t *explore.Trace) {
	if left := len(t.Steps) - p.last(t); left > 0 {
		p.paragraph(terminal.Dim, fmt.Sprintf("… %s more; all are in --json", count(left, "step")))
	}
}

// beside draws both traces, if there is room for all without a line folded.
func (p *picture) beside(broken, passes *explore.Trace) bool {
	bar := terminal.Text(terminal.Dim, "│")
	table := terminal.Table{Head: append(append(p.head(broken), bar), p.head(passes)[1:]...), Gap: 2, Align: []terminal.Align{terminal.Right}}
	for step := p.first; step < max(p.last(broken), p.last(passes)); step++ {
		left, right := p.columns(broken, step), p.columns(passes, step)[1:]
		if step >= p.last(broken) {
			left[0] = p.columns(passes, step)[0]
		}
		if step < p.fault.Decisive {
			right = make([]terminal.Line, len(right))
		}
		table.Rows = append(table.Rows, append(append(left, bar), right...))
	}
	natural, _ := table.Widths(1 << 20)
	total := table.Gap * (len(natural) - 1)
	for _, w := range natural {
		total += w
	}
	if total > p.style().Columns() {
		return false
	}
	p.write(table.Lines(natural))
	p.more(broken)
	return true
}

func (p *picture) write(lines []terminal.Line) {
	w := bufio.NewWriter(p.Out)
	defer w.Flush()
	for _, l := range lines {
		l.WriteTo(w, p.Color)
		w.WriteByte('\n')
	}
}
