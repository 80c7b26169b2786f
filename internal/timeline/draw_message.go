package timeline

// messages marks in a lane when its actor sent and received, and the letter of the other one where that has room. It returns in which
// columns the letters are.
func (d *drawing) messages(lane int, cells []cell, waits []string) (letters map[int]bool) {
	letters = map[int]bool{}
	other := make(map[int]int) // by column: the lane at the other end, -1 for several
	mark := func(column int, glyph rune, to int) {
		switch before, marked := other[column]; {
		case !marked:
			cells[column] = cell{glyph, d.look(to)}
		case before != to || cells[column].glyph != glyph:
			if cells[column].glyph != glyph {
				glyph = glyphPassed
			}
			cells[column], to = cell{glyph: glyph}, -1
		}
		other[column], waits[column] = to, ""
	}
	for _, m := range d.t.Messages {
		from, to := d.ends(m)
		if from == lane {
			mark(d.scale.column(m.Sent), glyphSent, to)
		}
		if to == lane {
			mark(d.scale.column(m.Received), glyphReceived, from)
		}
	}
	for column, to := range other {
		next := column + 1
		if _, taken := other[next]; to >= 0 && !taken && next < len(cells) {
			cells[next], waits[next], letters[next] = cell{rune(d.key(to)[0]), d.look(to)}, "", true
		}
	}
	return letters
}
