package page

import (
	extast "github.com/yuin/goldmark/extension/ast"

	"cookbook/internal/terminal"
)

// table draws a table of Markdown: in columns below underlined headers, or stacked where even divided words do not fit. In
// columns code goes without backquotes: a table says much in little room, and its columns say what is code.
func (d document) table(t *extast.Table, r room) []terminal.Line {
	inColumns := d.cells(t, "")
	if widths, ok := inColumns.Widths(r.full); ok {
		return inColumns.Lines(widths)
	}
	return stacked(d.cells(t, "`"), r)
}

// cells collects the cells of t, with tick around code.
func (d document) cells(t *extast.Table, tick string) terminal.Table {
	out := terminal.Table{Gap: 3, Rule: true, Apart: true}
	for _, a := range t.Alignments {
		switch a {
		case extast.AlignRight:
			out.Align = append(out.Align, terminal.Right)
		case extast.AlignCenter:
			out.Align = append(out.Align, terminal.Center)
		default:
			out.Align = append(out.Align, terminal.Left)
		}
	}
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		cells := make([]terminal.Line, len(t.Alignments))
		i := 0
		for c := row.FirstChild(); c != nil && i < len(cells); c = c.NextSibling() {
			base := terminal.Look(0)
			if row.Kind() == extast.KindTableHeader {
				base = terminal.Bold
			}
			in := inliner{src: d.src, tick: tick, cell: true}
			in.children(c, base)
			cells[i] = in.spans
			i++
		}
		if row.Kind() == extast.KindTableHeader {
			out.Head = cells
		} else {
			out.Rows = append(out.Rows, cells)
		}
	}
	return out
}

// stacked shows a table that is too wide as a list of its rows, each cell below its header.
func stacked(t terminal.Table, r room) []terminal.Line {
	rows := t.Rows
	if len(rows) == 0 {
		rows = [][]terminal.Line{make([]terminal.Line, len(t.Head))}
	}
	var lines []terminal.Line
	for i, row := range rows {
		if i > 0 {
			lines = append(lines, nil)
		}
		for j, c := range row {
			if len(c) == 0 && len(t.Rows) > 0 {
				continue
			}
			var entry terminal.Line
			if header := t.Head[j]; len(header) > 0 {
				entry = append(append(entry, header...), terminal.Span{Text: ":", Look: terminal.Bold}, terminal.Span{Text: " "})
			}
			entry = append(entry, c...)
			for k, l := range terminal.Wrap(entry, r.prose-2) {
				lines = append(lines, terminal.Indent([]terminal.Line{l}, 2*min(k, 1))...)
			}
		}
	}
	return lines
}
