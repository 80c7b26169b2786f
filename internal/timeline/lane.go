package timeline

import (
	"strings"
	"time"

	"cookbook/internal/terminal"
)

// score says how telling it is that a thread was in a state for so long. A cell shows the state with the highest score: what
// one looks for is seldom what takes longest. A cell in which a line was said shows that.
func score(s State, d time.Duration) time.Duration {
	return [states]time.Duration{Running: 3, Ready: 2, Waiting: 4, Sleeping: 1, Apart: 1}[s] * d
}

// tally is what a thread did in the time of one cell.
type tally struct {
	in      [states]time.Duration
	on      string // what its longest wait was for
	longest time.Duration
}

func (d *drawing) tallies(spans []Span) []tally {
	all := make([]tally, d.cells)
	for _, s := range spans {
		for c := d.scale.column(s.From); c < d.cells && d.scale.starts(c) < s.To; c++ {
			part := min(s.To, d.scale.starts(c+1)) - max(s.From, d.scale.starts(c))
			all[c].in[s.State] += part
			if s.State == Waiting && part > all[c].longest {
				all[c].on, all[c].longest = s.For, part
			}
		}
	}
	return all
}

// lane draws what a thread did: that of the i-th lane, or, with -1, what several did.
func (d *drawing) lane(i int, lane Lane, look terminal.Look, rows []row) []cell {
	tallies, cells := d.tallies(lane.Spans), d.blank()
	waits := make([]string, d.cells) // by cell: what is waited for there
	for i, k := range tallies {
		best := time.Duration(0)
		for state, glyph := range []rune{Running: glyphRunning, Ready: glyphReady, Waiting: glyphWaiting, Sleeping: glyphSleeping, Apart: glyphApart} {
			if n := score(State(state), k.in[state]); n > best {
				best, cells[i] = n, cell{glyph, look}
			}
		}
		switch cells[i].glyph {
		case glyphSleeping:
			cells[i].look = terminal.Dim
		case glyphWaiting:
			cells[i].look, waits[i] = d.waitLook(k.on, i, rows), k.on
		}
	}
	var letters map[int]bool
	if i >= 0 {
		letters = d.messages(i, cells, waits)
	}
	for _, at := range lane.Lines {
		i := d.scale.column(at)
		if letters[i+1] && cells[i].glyph != glyphLine { // what the letter belongs to takes its place
			cells[i+1] = cells[i]
		}
		cells[i], waits[i] = cell{glyphLine, look}, ""
	}
	nameWaits(cells, waits)
	return cells
}

// labelGap is how many cells lie between a name and the same name again, where waiting is interrupted.
const labelGap = 24

// nameWaits writes what is waited for into the stretches of waiting that are long enough.
func nameWaits(cells []cell, waits []string) {
	last, end := "", 0
	for from, to := 0, 0; from < len(cells); from = to {
		name := waits[from]
		for to = from + 1; to < len(cells) && waits[to] == name; to++ {
		}
		room := to - from - 4 // a glyph and a blank on either side
		if name == "" || room < min(terminal.Width(name), 8) || name == last && from-end < labelGap {
			continue
		}
		name = strings.TrimRight(terminal.Pad(name, min(terminal.Width(name), room)), " ")
		write(cells[from+1:to-1], " "+name+" ", cells[from].look)
		last, end = waits[from], from+terminal.Width(name)
	}
}

// waitLook is the colour of the lane that is waited for: it alone holds the thing in that cell, or has that name.
func (d *drawing) waitLook(on string, column int, rows []row) terminal.Look {
	holder := d.find(on)
	for _, r := range rows {
		if r.thing != on || r.by[column] < 0 {
			continue
		}
		if holder >= 0 {
			return 0
		}
		holder = r.by[column]
	}
	return d.look(holder)
}
