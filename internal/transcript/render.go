package transcript

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cookbook/internal/terminal"
)

// Heading names the recipe above its annotated transcript.
type Heading struct {
	ID, Title, Section, Python, Go string
	Actors                         []string // who will speak, as far as is known: sets the width of their column
	Legend                         bool     // say at the end what the marks mean
	Steps                          bool     // times are numbers of steps, a millisecond each
	Why                            string   // what explains the recipe, which the last line names: a command, a file; "": nothing
}

// Plain returns a sink that writes the program's lines alone.
func Plain(w io.Writer) Sink {
	return SinkFunc(func(e Event) {
		if e.Kind == Line {
			fmt.Fprintln(w, e.Text)
		}
	})
}

// JSON returns a sink that writes each event as one JSON object a line. What could steer a terminal stands as an escape of JSON.
func JSON(w io.Writer) Sink {
	var line strings.Builder
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	return SinkFunc(func(e Event) {
		line.Reset()
		if enc.Encode(e.json()) == nil {
			io.WriteString(w, terminal.SafeJSON(line.String()))
		}
	})
}

// Annotated returns a sink that writes each line with its promise, its time and who said it, notes and checks between
// them, and at the end what came of it. It writes the heading at once.
func Annotated(w io.Writer, h Heading, s terminal.Style) Sink {
	s.Width = s.Columns()
	a := &annotated{w: w, why: h.Why, legend: h.Legend, steps: h.Steps, Style: s}
	a.palette.Set(Main, terminal.Bold)
	for _, name := range h.Actors {
		a.meet(name)
	}
	h.Write(w, s)
	return a
}

type annotated struct {
	terminal.Style
	w       io.Writer
	why     string
	legend  bool
	steps   bool
	seen    []Mark // the marks of lines, each once
	actor   int    // width of the actors' column
	palette terminal.Palette
}

// Columns before the actor: mark (1+1+1), time (9), two blanks.
const gutter = 3 + 9 + 2

// maxActor is the widest the actors' column gets; on a narrow terminal the text needs the room.
const maxActor = 22

func (a *annotated) maxActor() int {
	if a.Width >= 60 {
		return maxActor
	}
	return max(6, min(maxActor, (a.Width-gutter-2)/3))
}

// meet gives an actor's column the width that it needs, and returns the actor's look.
func (a *annotated) meet(name string) terminal.Look {
	a.actor = max(a.actor, min(terminal.Width(name), a.maxActor()))
	return a.palette.Look(name)
}

// Write writes the heading, and a blank line below it.
func (h Heading) Write(w io.Writer, s terminal.Style) {
	section := "book §" + h.Section
	left := h.ID + " · " + h.Title
	if gap := s.Columns() - terminal.Width(left) - terminal.Width(section); gap >= 2 {
		fmt.Fprintf(w, "%s · %s%*s%s\n", s.Paint(terminal.Bold, h.ID), h.Title, gap, "", s.Paint(terminal.Dim, section))
	} else {
		for i, line := range terminal.WrapWhole(left, s.Columns()) {
			if rest, ok := strings.CutPrefix(line, h.ID); ok && i == 0 {
				line = s.Paint(terminal.Bold, h.ID) + rest
			}
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w, s.Paint(terminal.Dim, section))
	}
	if h.Python != "" && h.Go != "" {
		for _, line := range terminal.WrapWhole(h.Python+" → "+h.Go, s.Columns()) {
			fmt.Fprintln(w, s.Paint(terminal.Dim, line))
		}
	}
	fmt.Fprintln(w)
}

// Event draws one event.
func (a *annotated) Event(e Event) {
	switch e.Kind {
	case Line:
		code := a.meet(e.Actor)
		a.see(e.Mark)
		mark := a.Paint(e.Mark.Info().Look, string(e.Mark))
		if e.Mark == Unmarked {
			mark = " "
		}
		head := fmt.Sprintf(" %s %s  %s  ", mark, a.Paint(terminal.Dim, fmt.Sprintf("%9s", a.at(e))), a.Paint(code, terminal.Pad(e.Actor, a.actor)))
		a.block(head, strings.Repeat(" ", gutter+a.actor+2), e.Text, 0)
	case Note:
		indent := strings.Repeat(" ", gutter+a.actor+2)
		a.block(indent+a.Paint(terminal.Dim, "│ "), indent+a.Paint(terminal.Dim, "│ "), e.Text, terminal.Dim)
	case Check:
		mark, code := Claim, terminal.Look(0)
		if !e.OK {
			mark, code = Failed, Failed.Info().Look
		}
		a.see(mark)
		a.block(" "+a.Paint(mark.Info().Look, string(mark))+strings.Repeat(" ", gutter+a.actor), strings.Repeat(" ", gutter+a.actor+2), e.Text, code)
	case End:
		a.end(e)
	}
}

// end is the footer: what came of the run, and what to type next.
func (a *annotated) end(e Event) {
	left := fmt.Sprintf("%s kept in %s", counted(e.Kept, "promise"), a.took(e))
	code := terminal.Green
	stopped := e.Stopped()
	switch {
	case stopped:
		left, code = "stopped after "+a.took(e), terminal.Dim
	case e.Err != nil:
		left, code = fmt.Sprintf("FAILED after %s", a.took(e)), terminal.Red
	case e.Kept == 0:
		left, code = "done in "+a.took(e), terminal.Dim
	case !e.Matched:
		left = fmt.Sprintf("%s held in %s", counted(e.Kept, "check"), a.took(e))
	}
	right := "why: " + a.why
	fmt.Fprintln(a.w)
	if a.legend && len(a.seen) > 0 {
		for _, info := range Marks() {
			if slices.Contains(a.seen, info.Mark) {
				a.block(" "+a.Paint(info.Look, string(info.Mark))+"  ", "    ", info.Meaning, terminal.Dim)
			}
		}
		fmt.Fprintln(a.w)
	}
	if e.Unmatched != "" {
		a.block("", "", "Lines are not compared with the promise: "+e.Unmatched+".", terminal.Dim)
	}
	switch gap := a.Width - terminal.Width(left) - terminal.Width(right); {
	case a.why == "":
		fmt.Fprintln(a.w, a.Paint(code, left))
	case gap < 2:
		fmt.Fprintf(a.w, "%s\n%s\n", a.Paint(code, left), a.Paint(terminal.Dim, right))
	default:
		fmt.Fprintf(a.w, "%s%*s%s\n", a.Paint(code, left), gap, "", a.Paint(terminal.Dim, right))
	}
	if e.Seeded && !stopped {
		fmt.Fprintln(a.w, a.Paint(terminal.Dim, fmt.Sprintf("same random numbers again: --seed %d", e.Seed)))
	}
}

// see notes that a mark has been drawn.
func (a *annotated) see(m Mark) {
	if m != Unmarked && !slices.Contains(a.seen, m) {
		a.seen = append(a.seen, m)
	}
}

// counted is a number of things: 1 promise, 2 promises.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// block writes text after head, wrapped, the further lines after indent.
func (a *annotated) block(head, indent, text string, look terminal.Look) {
	room := max(12, a.Width-terminal.Width(indent))
	for i, line := range terminal.WrapWhole(text, room) {
		if i > 0 {
			head = indent
		}
		fmt.Fprintln(a.w, strings.TrimRight(head+a.Paint(look, line), " "))
	}
}

// at is when an event came.
func (a *annotated) at(e Event) string {
	if a.steps {
		return fmt.Sprintf("step %d", e.At/time.Millisecond)
	}
	return Clock(e.At)
}

// took is how long the run has taken until an event.
func (a *annotated) took(e Event) string {
	if a.steps {
		return counted(int(e.At/time.Millisecond), "step")
	}
	return Clock(e.At)
}

// Clock prints a time since the start.
func Clock(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// WithBar returns a sink that draws progress events on a bar and passes the others to below, the bar cleared first.
func WithBar(bar *terminal.Bar, below Sink) Sink {
	return SinkFunc(func(e Event) {
		if e.Kind == Progress {
			bar.Draw(e.Text, e.Done, e.Total)
			return
		}
		bar.Clear()
		below.Event(e)
	})
}
