package timeline

import (
	"slices"
	"strings"

	"cookbook/internal/terminal"
)

// row is one row of a thing: several threads may hold it at once.
type row struct {
	thing  string
	label  string
	cells  []cell
	by     []int  // by cell: the lane that holds it there, -1 for none or several
	barred []bool // by cell: whether a bar runs through it
	end    int    // the cell behind the last bar
}

// rows draws the things.
func (d *drawing) rows() []row {
	var all []row
	for _, h := range d.t.Things {
		if h.Signal {
			all = append(all, d.signal(h))
		} else {
			all = append(all, d.holds(h)...)
		}
	}
	return all
}

// signal draws when a thing was given and taken.
func (d *drawing) signal(h Thing) row {
	r := d.newRow(h.Name, h.Name)
	for _, at := range h.Given {
		r.cells[d.scale.column(at)].glyph = glyphGiven
	}
	for _, at := range h.Taken {
		switch c := &r.cells[d.scale.column(at)]; c.glyph {
		case glyphGiven, glyphBoth:
			c.glyph = glyphBoth
		default:
			c.glyph = glyphTaken
		}
	}
	return r
}

// barCells is how long a hold must be to have a bar.
const barCells = 2

// holds draws who held a thing: a bar, with the name if it has room, or, for short ones, a letter.
func (d *drawing) holds(h Thing) []row {
	rows := []row{d.newRow(h.Name, h.Name)}
	for _, hold := range h.Holds {
		from, to := d.scale.edge(hold.From), d.scale.edge(hold.To)
		if to-from < barCells {
			continue
		}
		// A release may be noted shortly after the next one's acquisition, so an overlap of one cell does not count.
		r := slices.IndexFunc(rows, func(r row) bool { return r.end <= from || r.end == from+1 && to > r.end })
		switch {
		case r >= 0:
			from = max(from, rows[r].end)
		case len(rows) < maxRows:
			rows = append(rows, d.newRow(h.Name, ""))
			r = len(rows) - 1
		default:
			continue
		}
		d.bar(&rows[r], from, to, hold.By)
	}
	d.letters(&rows[0], h.Holds)
	return rows
}

func (d *drawing) newRow(thing, label string) row {
	return row{thing: thing, label: label, cells: d.blank(), by: slices.Repeat([]int{-1}, d.cells), barred: make([]bool, d.cells)}
}

// bar draws one hold of cells from to to.
func (d *drawing) bar(r *row, from, to int, by string) {
	lane := d.find(by)
	look, key := d.look(lane), d.key(lane)
	text := strings.Repeat(key, to-from)
	switch n := to - from; {
	case by != "" && n >= terminal.Width(by)+4:
		text = "├ " + by + " " + strings.Repeat("─", n-terminal.Width(by)-4) + "┤"
	case n >= 3:
		text = "├" + key + strings.Repeat("─", n-3) + "┤"
	}
	write(r.cells[from:to], text, look)
	for i := from; i < to; i++ {
		r.by[i], r.barred[i] = lane, true
	}
	r.end = to
	d.used[glyphBar] = true
}

// letters draws the holds that have no bar, in the first row.
func (d *drawing) letters(r *row, holds []Hold) {
	for _, hold := range holds {
		column, lane := d.scale.edge(hold.From), d.find(hold.By)
		switch d.scale.edge(hold.To) - column {
		case 0:
			column = d.scale.column(hold.From)
		case 1:
		default:
			continue
		}
		switch c := &r.cells[column]; {
		case r.barred[column]:
		case c.glyph == glyphNone:
			*c, r.by[column] = cell{rune(d.key(lane)[0]), d.look(lane)}, lane
			d.used[glyphBar] = true
		case r.by[column] != lane:
			*c, r.by[column] = cell{glyph: glyphTurns}, -1
		}
	}
}
