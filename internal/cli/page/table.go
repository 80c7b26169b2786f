package page

import (
	"slices"
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"
)

// cell is what stands in one place of a table.
type cell []span

// grid is a table: cells[0] is the header, and every row has a cell for every column.
type grid struct {
	align []extast.Alignment
	cells [][]cell
}

const between = 3 // columns left blank between two of the table

func (d document) table(t *extast.Table, r room) []line {
	bare := make([]bool, len(t.Alignments))
	for i := range bare {
		bare[i] = d.codeColumn(t, i)
	}
	g := d.grid(t, bare)
	if widths, ok := g.widths(r.full); ok {
		return g.draw(widths)
	}
	return d.grid(t, make([]bool, len(bare))).stacked(r)
}

// grid collects the cells of t. Code in a bare column goes without backquotes.
func (d document) grid(t *extast.Table, bare []bool) grid {
	g := grid{align: t.Alignments}
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		cells := make([]cell, len(t.Alignments))
		i := 0
		for c := row.FirstChild(); c != nil && i < len(cells); c = c.NextSibling() {
			switch {
			case row.Kind() == extast.KindTableHeader:
				cells[i] = d.inline(c, bold)
			case bare[i]:
				cells[i] = d.inlineBare(c, 0)
			default:
				cells[i] = d.inline(c, 0)
			}
			i++
		}
		g.cells = append(g.cells, cells)
	}
	return g
}

// codeColumn reports whether there is only code in a column, below its header.
func (d document) codeColumn(t *extast.Table, column int) bool {
	code := false
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		if row.Kind() == extast.KindTableHeader {
			continue
		}
		c := row.FirstChild()
		for range column {
			if c != nil {
				c = c.NextSibling()
			}
		}
		if c == nil || c.FirstChild() == nil {
			continue
		}
		spans, rest := d.codeSpans(c)
		if rest {
			return false
		}
		code = code || spans > 0
	}
	return code
}

// widths shares columns out among the columns of the table: to each its longest word, the rest where
// there is most to say. It reports false if even divided words do not fit.
func (g grid) widths(columns int) ([]int, bool) {
	n := len(g.align)
	natural, whole, divided := make([]int, n), make([]int, n), make([]int, n)
	for _, row := range g.cells {
		for i, c := range row {
			natural[i] = max(natural[i], widest(wrap(c, 1<<20)))
			w, d := longest(c)
			whole[i], divided[i] = max(whole[i], w), max(divided[i], d)
		}
	}
	columns -= between * (n - 1)
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

// share hands out total: from to each, then column by column to all that lack something of to. Who lacks little gets
// all of it: it spoils less to break one long cell more than every short one.
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

// draw lays the table out in columns below underlined headers, with blank lines between rows if any of them is tall.
func (g grid) draw(widths []int) []line {
	rows := make([][][]line, len(g.cells)) // row, column, line
	used := make([]int, len(widths))       // wrapped cells rarely fill what they were given
	tall := false
	for i, row := range g.cells {
		rows[i] = make([][]line, len(row))
		for j, c := range row {
			rows[i][j] = wrap(c, widths[j])
			used[j] = max(used[j], widest(rows[i][j]))
			tall = tall || i > 0 && len(rows[i][j]) > 1
		}
	}
	var lines []line
	for i, row := range rows {
		switch {
		case i == 1:
			lines = append(lines, underlines(used))
		case i > 1 && tall:
			lines = append(lines, nil)
		}
		height := 1
		for _, c := range row {
			height = max(height, len(c))
		}
		for k := range height {
			var l line
			for j, c := range row {
				var text line
				if k < len(c) {
					text = c[k]
				}
				if j > 0 {
					l = l.add(strings.Repeat(" ", between), 0)
				}
				l = append(l, g.place(text, j, used[j])...)
			}
			lines = append(lines, l.trim())
		}
	}
	return lines
}

// place aligns text in its column.
func (g grid) place(text line, column, width int) line {
	free := max(width-text.width(), 0)
	before := 0
	switch g.align[column] {
	case extast.AlignRight:
		before = free
	case extast.AlignCenter:
		before = free / 2
	}
	out := line{}.add(strings.Repeat(" ", before), 0)
	out = append(out, text...)
	return out.add(strings.Repeat(" ", free-before), 0)
}

// underlines draws a rule below every header.
func underlines(widths []int) line {
	var rules []string
	for _, w := range widths {
		rules = append(rules, strings.Repeat("─", w))
	}
	return line{{strings.Join(rules, strings.Repeat(" ", between)), dim}}
}

// stacked shows a table that is too wide as a list of its rows, each cell below its header.
func (g grid) stacked(r room) []line {
	rows := g.cells[1:]
	if len(rows) == 0 {
		rows = [][]cell{make([]cell, len(g.align))}
	}
	var lines []line
	for i, row := range rows {
		if i > 0 {
			lines = append(lines, nil)
		}
		for j, c := range row {
			if len(c) == 0 && len(g.cells) > 1 {
				continue
			}
			var entry cell
			if header := g.cells[0][j]; len(header) > 0 {
				entry = append(append(entry, header...), span{":", bold}, span{" ", 0})
			}
			entry = append(entry, c...)
			for k, l := range wrap(entry, r.prose-2) {
				lines = append(lines, indent([]line{l}, 2*min(k, 1))...)
			}
		}
	}
	return lines
}
