package terminal

import (
	"slices"
	"strings"
)

// Align says where a cell's text stands in its column.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Right
	Center
)

// Table is cells in columns. Every row has a cell for every column; a cell is wrapped to its column's width.
type Table struct {
	Head  []Line
	Rows  [][]Line
	Align []Align // by column; the missing ones are Left
	Gap   int     // columns left blank between two of the table

	Rule  bool // a line below every header
	Apart bool // blank lines between the rows if any of them is tall
}

// Widths shares columns out among the columns of the table: to each its longest word, the rest where there is most to say. It
// reports false if even divided words do not fit.
func (t Table) Widths(columns int) ([]int, bool) {
	n := len(t.Head)
	natural, whole, divided := make([]int, n), make([]int, n), make([]int, n)
	for _, row := range t.all() {
		for i, c := range row {
			natural[i] = max(natural[i], Widest(Wrap(c, 1<<20)))
			w, d := longest(c)
			whole[i], divided[i] = max(whole[i], w), max(divided[i], d)
		}
	}
	columns -= t.Gap * (n - 1)
	switch {
	case sum(natural) <= columns:
		return natural, true
	case sum(whole) <= columns:
		return share(whole, natural, columns), true
	case sum(divided) <= columns:
		return share(divided, whole, columns), true
	}
	return nil, false
}

func (t Table) all() [][]Line { return append([][]Line{t.Head}, t.Rows...) }

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

// Lines draws the table in columns of these widths, or narrower ones where the wrapped cells need less.
func (t Table) Lines(widths []int) []Line {
	all := t.all()
	rows := make([][][]Line, len(all)) // row, column, line
	used := make([]int, len(widths))   // wrapped cells rarely fill what they were given
	tall := false
	for i, row := range all {
		rows[i] = wrapCells(row, widths)
		for j, c := range rows[i] {
			used[j] = max(used[j], Widest(c))
			tall = tall || i > 0 && len(c) > 1
		}
	}
	var lines []Line
	for i, row := range rows {
		switch {
		case i == 1 && t.Rule:
			lines = append(lines, rule(used, t.Gap))
		case i > 1 && t.Apart && tall:
			lines = append(lines, nil)
		}
		lines = append(lines, layOut(row, used, t.Align, t.Gap)...)
	}
	return lines
}

func wrapCells(cells []Line, widths []int) [][]Line {
	wrapped := make([][]Line, len(cells))
	for j, c := range cells {
		wrapped[j] = Wrap(c, widths[j])
	}
	return wrapped
}

// layOut sets cells, each of which is some lines, side by side.
func layOut(cells [][]Line, widths []int, align []Align, gap int) []Line {
	height := 1
	for _, c := range cells {
		height = max(height, len(c))
	}
	var lines []Line
	for k := range height {
		var l Line
		for j, c := range cells {
			var text Line
			if k < len(c) {
				text = c[k]
			}
			if j > 0 {
				l = l.Add(strings.Repeat(" ", gap), 0)
			}
			how := Left
			if j < len(align) {
				how = align[j]
			}
			l = append(l, place(text, widths[j], how)...)
		}
		lines = append(lines, l.Trim())
	}
	return lines
}

// place aligns text in a column.
func place(text Line, width int, how Align) Line {
	free := max(width-text.Width(), 0)
	before := map[Align]int{Left: 0, Right: free, Center: free / 2}[how]
	out := Line{}.Add(strings.Repeat(" ", before), 0)
	out = append(out, text...)
	return out.Add(strings.Repeat(" ", free-before), 0)
}

func rule(widths []int, gap int) Line {
	var rules []string
	for _, w := range widths {
		rules = append(rules, strings.Repeat("─", w))
	}
	return Line{{strings.Join(rules, strings.Repeat(" ", gap)), Dim}}
}

// Widest is the width of the widest line.
func Widest(lines []Line) int {
	n := 0
	for _, l := range lines {
		n = max(n, l.Width())
	}
	return n
}
