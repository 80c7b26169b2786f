package terminal

import "strings"

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
	Apart bool // a blank line between two rows if one of them is tall
}

func (t Table) all() [][]Line { return append([][]Line{t.Head}, t.Rows...) }

// Lines draws the table in columns of these widths, or narrower ones where the wrapped cells need less.
func (t Table) Lines(widths []int) []Line {
	all := t.all()
	rows := make([][][]Line, len(all)) // row, column, line
	used := make([]int, len(widths))   // wrapped cells rarely fill what they were given
	tall := make([]bool, len(all))
	for i, row := range all {
		rows[i] = wrapCells(row, widths)
		for j, c := range rows[i] {
			used[j] = max(used[j], Widest(c))
			tall[i] = tall[i] || len(c) > 1
		}
	}
	var lines []Line
	for i, row := range rows {
		switch {
		case i == 1 && t.Rule:
			lines = append(lines, rule(used, t.Gap))
		case i > 1 && t.Apart && (tall[i-1] || tall[i]):
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
