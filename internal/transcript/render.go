package transcript

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Style says how to draw.
type Style struct {
	Width int  // columns; 0 is 80
	Color bool // escape codes allowed
}

// Heading names the recipe above its annotated transcript.
type Heading struct {
	ID, Title, Section, Python, Go string
	Actors                         []string // who will speak, as far as is known: sets the width of their column
}

// Plain returns a sink that writes the program's lines alone.
func Plain(w io.Writer) Sink {
	return SinkFunc(func(e Event) {
		if e.Kind == Line {
			fmt.Fprintln(w, e.Text)
		}
	})
}

// JSON returns a sink that writes each event as one JSON object a line.
func JSON(w io.Writer) Sink {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return SinkFunc(func(e Event) { enc.Encode(e.json()) })
}

// Annotated returns a sink that writes each line with its promise, its time and who said it, notes and checks between
// them, and at the end what came of it. It writes the heading at once.
func Annotated(w io.Writer, h Heading, s Style) Sink {
	if s.Width <= 0 {
		s.Width = 80
	}
	a := &annotated{w: w, id: h.ID, style: s, colors: map[string]string{}}
	for _, name := range h.Actors {
		a.meet(name)
	}
	a.heading(h)
	return a
}

type annotated struct {
	w      io.Writer
	id     string
	style  Style
	actor  int // width of the actors' column
	colors map[string]string
}

// The escape codes used: bold, dim and colours that read on light and dark grounds.
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

// Columns before the actor: mark (1+1+1), time (9), two blanks.
const gutter = 3 + 9 + 2

// maxActor is the widest the actors' column gets.
const maxActor = 22

func (a *annotated) paint(code, s string) string {
	if !a.style.Color || s == "" || code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// meet gives an actor a colour and its column the width it needs.
func (a *annotated) meet(name string) string {
	code, known := a.colors[name]
	if !known {
		palette := []string{"36", "35", "32", "34", "1;36", "1;35", "1;32", "1;34"}
		if code = palette[len(a.colors)%len(palette)]; name == Main {
			code = bold
		}
		a.colors[name] = code
		a.actor = max(a.actor, min(Columns(name), maxActor))
	}
	return code
}

func (a *annotated) heading(h Heading) {
	section := "book §" + h.Section
	left := h.ID + " · " + h.Title
	gap := max(2, a.style.Width-Columns(left)-Columns(section))
	fmt.Fprintf(a.w, "%s · %s%*s%s\n", a.paint(bold, h.ID), h.Title, gap, "", a.paint(dim, section))
	if h.Python != "" && h.Go != "" {
		for _, line := range wrap(h.Python+" → "+h.Go, a.style.Width) {
			fmt.Fprintln(a.w, a.paint(dim, line))
		}
	}
	fmt.Fprintln(a.w)
}

// Event draws one event.
func (a *annotated) Event(e Event) {
	switch e.Kind {
	case Line:
		code := a.meet(e.Actor)
		mark := string(e.Mark)
		switch e.Mark {
		case Broken:
			mark = a.paint(red, mark)
		case Exact, Ordered, Any:
			mark = a.paint(green, mark)
		case Unmarked:
			mark = " "
		}
		head := fmt.Sprintf(" %s %s  %s  ", mark, a.paint(dim, fmt.Sprintf("%9s", Clock(e.At))), a.paint(code, Pad(e.Actor, a.actor)))
		a.block(head, strings.Repeat(" ", gutter+a.actor+2), e.Text, "")
	case Note:
		indent := strings.Repeat(" ", gutter+a.actor+2)
		a.block(indent+a.paint(dim, "│ "), indent+a.paint(dim, "│ "), e.Text, dim)
	case Check:
		mark, code := a.paint(green, "✓"), ""
		if !e.OK {
			mark, code = a.paint(red, "✗"), red
		}
		a.block(" "+mark+strings.Repeat(" ", gutter+a.actor), strings.Repeat(" ", gutter+a.actor+2), e.Text, code)
	case End:
		a.end(e)
	}
}

// end is the footer: what came of the run, and what to type next. A run whose error has a method Stopped that returns true
// did not fail but was told to end.
func (a *annotated) end(e Event) {
	left := fmt.Sprintf("%d promises kept in %s", e.Kept, Clock(e.At))
	code := green
	var stopped interface{ Stopped() bool }
	switch {
	case errors.As(e.Err, &stopped) && stopped.Stopped():
		left, code = "stopped after "+Clock(e.At), dim
	case e.Err != nil:
		left, code = fmt.Sprintf("FAILED after %s", Clock(e.At)), red
	case e.Kept == 0:
		left, code = "done in "+Clock(e.At), dim
	case !e.Matched:
		left = fmt.Sprintf("%d checks held in %s; other arguments than the promise's, so its lines are not matched", e.Kept, Clock(e.At))
	}
	left = strings.Replace(left, " 1 promises ", " 1 promise ", 1)
	right := "why: cookbook explain " + a.id
	fmt.Fprintln(a.w)
	gap := a.style.Width - Columns(left) - Columns(right)
	if gap < 2 {
		fmt.Fprintf(a.w, "%s\n%s\n", a.paint(code, left), a.paint(dim, right))
	} else {
		fmt.Fprintf(a.w, "%s%*s%s\n", a.paint(code, left), gap, "", a.paint(dim, right))
	}
	if e.Seeded && e.Err != nil && stopped == nil {
		fmt.Fprintln(a.w, a.paint(dim, fmt.Sprintf("same random numbers again: --seed %d", e.Seed)))
	}
}

// block writes text after head, wrapped, the further lines after indent.
func (a *annotated) block(head, indent, text, code string) {
	room := max(20, a.style.Width-Columns(indent))
	for i, line := range wrap(text, room) {
		if i > 0 {
			head = indent
		}
		fmt.Fprintln(a.w, strings.TrimRight(head+a.paint(code, line), " "))
	}
}

// Clock prints a time since the start.
func Clock(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// wrap breaks text at blanks into lines of at most n columns; a word that is longer stands alone, uncut, so that it can be
// copied. Blanks inside a line are kept: it may be a row of a table.
func wrap(text string, n int) []string {
	var lines []string
	for Columns(text) > n {
		cut, col := -1, 0
		for i, r := range text {
			if col > n && cut > 0 {
				break
			}
			if r == ' ' && strings.TrimSpace(text[:i]) != "" {
				cut = i
			}
			col += runeColumns(r)
		}
		if cut < 0 {
			break
		}
		lines = append(lines, strings.TrimRight(text[:cut], " "))
		text = strings.TrimLeft(text[cut:], " ")
	}
	return append(lines, text)
}

// Pad fills s up to n columns; a longer one is cut.
func Pad(s string, n int) string {
	if c := Columns(s); c <= n {
		return s + strings.Repeat(" ", n-c)
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		if col+runeColumns(r) > n-1 {
			break
		}
		b.WriteRune(r)
		col += runeColumns(r)
	}
	return b.String() + "…" + strings.Repeat(" ", n-1-col)
}

// Columns is the width of s on a terminal, escape codes left out.
func Columns(s string) int {
	n, escape := 0, false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		default:
			n += runeColumns(r)
		}
	}
	return n
}

func runeColumns(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
