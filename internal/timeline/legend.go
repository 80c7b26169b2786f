package timeline

import (
	"fmt"
	"strings"

	"cookbook/internal/terminal"
)

// footer says what the glyphs mean that occur, and what was not drawn.
func (d *drawing) footer(hidden []string) {
	var items []string
	waits := "░ waits"
	if d.Color {
		waits += ", in the colour of the one it waits for"
	}
	for _, l := range []struct {
		glyph rune
		text  string
	}{
		{glyphLine, "● says a line"},
		{glyphRunning, "█ runs"},
		{glyphReady, "▄ ready, waits for its turn"},
		{glyphWaiting, waits},
		{glyphSleeping, "· sleeps"},
		{glyphApart, "╌ lives, in a process of its own"},
		{glyphBar, "├A┤ held by A"},
		{glyphTurns, "▒ held by several in turn"},
		{glyphGiven, "↑ released"},
		{glyphTaken, "↓ acquired"},
		{glyphBoth, "↕ released and acquired"},
		{glyphSent, "»B sends to B"},
		{glyphReceived, "«A receives from A"},
		{glyphPassed, "↔ sends and receives"},
		{glyphShort, "≈ nothing happens, drawn shorter"},
	} {
		if d.used[l.glyph] {
			items = append(items, l.text)
		}
	}
	if n := len(d.t.Messages); n > 0 {
		items = append(items, terminal.WrapWhole(d.t.countMessages()+": arrows in --timeline FILE.svg", d.Width-2)...)
	}
	for _, note := range d.t.notes() {
		items = append(items, terminal.WrapWhole(note, d.Width-2)...)
	}
	if n := d.t.Others; n.runs(d.t.End) {
		text := n.label() + ": all others, as one"
		if d.folded > 0 {
			text += fmt.Sprintf(", %d of them with a name", d.folded)
		}
		items = append(items, text)
	} else if n.N > 0 {
		hidden = append(hidden, n.label()+" more")
	}
	if len(hidden) > 0 {
		items = append(items, "not drawn: "+strings.Join(hidden, " and "))
	}
	fmt.Fprintln(d.w)
	text := ""
	for _, item := range items {
		item = terminal.Cut(item, d.Width-2)
		if text != "" && terminal.Width(text)+3+terminal.Width(item) > d.Width {
			fmt.Fprintln(d.w, d.Paint(terminal.Dim, text))
			text = ""
		}
		if text == "" {
			text = " "
		} else {
			text += "  "
		}
		text += " " + item
	}
	fmt.Fprintln(d.w, d.Paint(terminal.Dim, text))
}
