package terminal

import "slices"

// Widths shares columns out among the columns of the table: to each what its cells want, if there is enough for all, else so
// that the rows become as low as possible and few words are divided. It reports false if even divided words do not fit.
func (t Table) Widths(columns int) ([]int, bool) {
	n := len(t.Head)
	columns -= t.Gap * (n - 1)
	d := division{least: make([]int, n), natural: make([]int, n), cells: make([][][]word, n), seen: make([]map[int]columnHeights, n)}
	for _, row := range t.all() {
		for i, c := range row {
			d.natural[i] = max(d.natural[i], Widest(Wrap(c, 1<<20)))
			d.least[i] = max(d.least[i], smallest(c))
			d.cells[i] = append(d.cells[i], words(c, false))
		}
	}
	switch {
	case sum(d.natural) <= columns:
		return d.natural, true
	case sum(d.least) > columns:
		return nil, false
	}
	widths := share(d.least, d.natural, columns)
	const most = 100 // moves; a few are enough
	for range most {
		if !d.improve(widths) {
			break
		}
	}
	cuts := 0
	for i, w := range widths {
		cuts += d.heights(i, w).cuts
	}
	if cuts > len(t.Rows) {
		return nil, false
	}
	return widths, true
}

// division is the search for the widths of a table that is too wide.
type division struct {
	least, natural []int // by column
	cells          [][][]word
	seen           []map[int]columnHeights // by column and width
}

// columnHeights are the lines of each of a column's cells in one width.
type columnHeights struct {
	lines []int
	cuts  int // in words
	ugly  int // what these cost, and all lines together: the fewer the better
}

// improve moves columns of the screen from one column of the table to another where that helps most. It reports whether any does.
func (d *division) improve(widths []int) bool {
	best, from, to, by := d.cost(widths), 0, 0, 0
	for i := range widths {
		for j := range widths {
			if i == j {
				continue
			}
			for k := 1; widths[i]-k >= d.least[i] && widths[j]+k <= d.natural[j]; k++ {
				widths[i], widths[j] = widths[i]-k, widths[j]+k
				if c := d.cost(widths); c < best {
					best, from, to, by = c, i, j, k
				}
				widths[i], widths[j] = widths[i]+k, widths[j]-k
			}
		}
	}
	widths[from] -= by
	widths[to] += by
	return by > 0
}

// cost is how bad widths are. A line of a row counts most.
func (d *division) cost(widths []int) int {
	const line = 8
	cost := 0
	heights := make([]columnHeights, len(widths))
	for j, w := range widths {
		heights[j] = d.heights(j, w)
		cost += heights[j].ugly
	}
	for row := range heights[0].lines {
		tallest := 0
		for j := range heights {
			tallest = max(tallest, heights[j].lines[row])
		}
		cost += line * tallest
	}
	return cost
}

func (d *division) heights(column, width int) columnHeights {
	h, ok := d.seen[column][width]
	if ok {
		return h
	}
	for _, cell := range d.cells[column] {
		lines, cuts, ugly := height(cell, width)
		h.lines = append(h.lines, lines)
		h.cuts += cuts
		h.ugly += lines + ugly
	}
	if d.seen[column] == nil {
		d.seen[column] = map[int]columnHeights{}
	}
	d.seen[column][width] = h
	return h
}

// height counts the lines that wrap makes of words in a width, how often it cuts a word, and what these cuts cost.
func height(ws []word, width int) (lines, cuts, ugly int) {
	const (
		well  = 12 // after a dot or the like: one and a half lines
		badly = 40
	)
	used := 0
	for i, w := range ws {
		switch {
		case i > 0 && !w.brk && used+len(w.gap)+w.width <= width:
			used += len(w.gap)
		default:
			used = 0
			lines++
		}
		for used == 0 && w.width > width && !w.isURL() {
			var head word
			head, w = w.cut(width)
			lines++
			cuts++
			if head.endsSoft() {
				ugly += well
			} else {
				ugly += badly
			}
		}
		used += w.width
	}
	return lines, cuts, ugly
}

// share hands out total: from to each, then column by column to all that lack something of to. A column that lacks little gets
// all of it: one long cell that is broken looks better than every short one broken.
func share(from, to []int, total int) []int {
	widths := slices.Clone(from)
	for rest := total - sum(from); rest > 0; {
		given := false
		for i := range widths {
			if rest > 0 && widths[i] < to[i] {
				widths[i]++
				rest--
				given = true
			}
		}
		if !given {
			break
		}
	}
	return widths
}

func sum(ns []int) int {
	total := 0
	for _, n := range ns {
		total += n
	}
	return total
}
