package timeline

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cookbook/internal/terminal"
)

// The glyphs of lanes and of the rows of things.
const (
	glyphNone     = ' '
	glyphLine     = '●'
	glyphRunning  = '█'
	glyphReady    = '▄'
	glyphWaiting  = '░'
	glyphSleeping = '·'
	glyphApart    = '╌'
	glyphBar      = '├'
	glyphTurns    = '▒'
	glyphGiven    = '↑'
	glyphTaken    = '↓'
	glyphBoth     = '↕'
	glyphShort    = '≈'
	glyphSent     = '»'
	glyphReceived = '«'
	glyphPassed   = '↔'
)

// What a picture has room for.
const (
	maxLanes  = 32 // but those that speak have lanes whatever there is
	maxThings = 8
	maxRows   = 4 // of one thing
	maxLabel  = 24
	minCells  = 16
)

// Draw writes the picture: an axis, a lane for each actor, below them who held what, and what the glyphs mean. Where actors came
// and went in the time of the last column, it draws that again, larger.
func (t Timeline) Draw(w io.Writer, s terminal.Style) {
	if len(t.Lanes) == 0 || t.End <= 0 {
		return
	}
	s.Width = s.Columns()
	t.Lanes = slices.Clone(t.Lanes)
	t.order()
	d := &drawing{t: t, w: w, Style: s, used: map[rune]bool{}}
	d.palette.Set(mainName, terminal.Bold)
	hidden := d.fit()
	fmt.Fprintln(w)
	d.picture()
	if end, crowded := d.t.tail(d.scale.starts(d.cells - 2)); crowded {
		part := *d
		part.t, part.part = end, true
		fmt.Fprintf(w, "\n  %s\n", d.Paint(terminal.Dim, "the last "+inMilliseconds(end.End)+", larger:"))
		part.picture()
	}
	d.footer(hidden)
}

// picture draws the axis, the lanes and the things.
func (d *drawing) picture() {
	d.scale = newScale(d.t.End, d.cells, d.t.quiet())
	d.axis()
	rows := d.rows() // before the lanes, since a wait has the colour of the one it is for
	for i, lane := range d.t.Lanes {
		if !d.part || len(lane.Spans)+len(lane.Lines) > 0 {
			d.line(d.key(i), lane.Name, d.looks[i], d.lane(i, lane, d.looks[i], rows))
		}
	}
	if d.t.Others.runs(d.t.End) {
		d.line("", d.t.Others.label(), terminal.Dim, d.lane(-1, Lane{Spans: d.t.Others.Spans}, terminal.Dim, rows))
	}
	if len(rows) > 0 {
		fmt.Fprintln(d.w)
	}
	for _, r := range rows {
		d.line("", r.label, 0, r.cells)
	}
}

// drawing is a timeline on its way to the terminal.
type drawing struct {
	t       Timeline
	w       io.Writer
	palette terminal.Palette // colours names as the transcript does
	terminal.Style
	label int             // columns of the names
	cells int             // columns of the picture
	looks []terminal.Look // by lane: its colour
	places
	scale  scale
	part   bool // of a timeline: lanes without anything are left out
	keys   bool // whether lanes have letters
	folded int  // lanes for which there is no room, and which are drawn with the others
	used   map[rune]bool
}

// cell is one column of a lane or a row.
type cell struct {
	glyph rune
	look  terminal.Look
}

// fit drops what there is no room for, says what that is, and divides the width.
func (d *drawing) fit() (hidden []string) {
	d.folded = d.t.fold()
	if n := len(d.t.Things) - maxThings; n > 0 {
		d.t.Things = d.t.Things[:maxThings]
		hidden = append(hidden, counted(n, "more lock"))
	}
	for _, name := range d.t.Actors {
		d.palette.Look(name)
	}
	d.places = placesOf(d.t.Lanes)
	for _, lane := range d.t.Lanes {
		d.looks = append(d.looks, d.palette.Look(lane.Name))
		d.label = max(d.label, terminal.Width(lane.Name))
	}
	if d.t.Others.runs(d.t.End) {
		d.label = max(d.label, terminal.Width(d.t.Others.label()))
	}
	d.keys = len(d.t.Messages) > 0
	for _, h := range d.t.Things {
		d.keys = d.keys || !h.Signal
		d.label = max(d.label, terminal.Width(h.Name))
	}
	width := d.Width
	d.label = min(d.label, maxLabel, max(8, width/4))
	d.cells = max(minCells, width-len(d.margin()))
	return hidden
}

// counted is a number of something whose name takes an s, such as "3 more locks".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// margin is what stands before the picture: two blanks, the letter, the name, two blanks.
func (d *drawing) margin() string {
	n := 2 + d.label + 2
	if d.keys {
		n += 2
	}
	return strings.Repeat(" ", n)
}

// key is the letter by which a lane is called where its name has no room.
func (d *drawing) key(lane int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if lane < 0 || lane >= len(letters) {
		return "?"
	}
	return letters[lane : lane+1]
}

// look is the colour of a lane, none for -1.
func (d *drawing) look(lane int) terminal.Look {
	if lane < 0 {
		return 0
	}
	return d.looks[lane]
}

// blank returns a row of empty cells.
func (d *drawing) blank() []cell {
	cells := make([]cell, d.cells)
	for i := range cells {
		cells[i].glyph = glyphNone
	}
	return cells
}

// write puts text into cells, from the given one on.
func write(cells []cell, text string, look terminal.Look) {
	i := 0
	for _, r := range text {
		if i >= len(cells) {
			return
		}
		cells[i] = cell{r, look}
		if i++; terminal.RuneWidth(r) == 2 && i < len(cells) {
			cells[i] = cell{0, look} // covered by the wide one before it
			i++
		}
	}
}

// line writes one line: letter, name, cells; neighbours of one colour in one go.
func (d *drawing) line(key, name string, look terminal.Look, cells []cell) {
	var b strings.Builder
	b.WriteString("  ")
	if d.keys {
		b.WriteString(d.Paint(look, terminal.Pad(key, 1)) + " ")
	}
	b.WriteString(d.Paint(look, terminal.Pad(name, d.label)) + "  ")
	for len(cells) > 0 && cells[len(cells)-1].glyph == glyphNone {
		cells = cells[:len(cells)-1]
	}
	for len(cells) > 0 {
		var run []rune
		same := cells[0].look
		for len(cells) > 0 && cells[0].look == same {
			if cells[0].glyph != 0 {
				d.used[cells[0].glyph] = true
				run = append(run, cells[0].glyph)
			}
			cells = cells[1:]
		}
		b.WriteString(d.Paint(same, string(run)))
	}
	fmt.Fprintln(d.w, strings.TrimRight(b.String(), " "))
}
