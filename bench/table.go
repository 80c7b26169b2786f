package main

import (
	"cmp"
	"slices"
	"strings"

	"cookbook/internal/terminal"
)

const gap = 2 // columns between two of a table

// columnWidths returns how wide the cells of each column are.
func columnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], terminal.Width(cell))
		}
	}
	return widths
}

// tableWidth returns how wide writeTable makes a table that has the room.
func tableWidth(rows [][]string) int {
	width := -gap
	for _, w := range columnWidths(rows) {
		if w > 0 {
			width += w + gap
		}
	}
	return width
}

// writeTable aligns cells in columns, those of these numbers to the right. Empty columns are left out. What is too wide for a
// terminal of so many columns has its cells wrapped; 0: there is no terminal.
func writeTable(b *strings.Builder, columns int, rows [][]string, right ...int) {
	t := terminal.Table{Gap: gap}
	all := columnWidths(rows)
	var natural []int
	for i, w := range all {
		if w > 0 {
			natural = append(natural, w)
			t.Align = append(t.Align, map[bool]terminal.Align{true: terminal.Right}[slices.Contains(right, i)])
		}
	}
	for i, row := range rows {
		var cells []terminal.Line
		for j, cell := range row {
			if all[j] > 0 {
				cells = append(cells, terminal.Line{{Text: cell}})
			}
		}
		if i == 0 {
			t.Head = cells
		} else {
			t.Rows = append(t.Rows, cells)
		}
	}
	widths := natural
	if columns > 0 && tableWidth(rows) > columns {
		if narrow, ok := t.Widths(columns); ok {
			widths = narrow
		}
	}
	for _, line := range t.Lines(widths) {
		writeLine(b, line)
	}
}

// writeText writes text in lines of so many columns, broken at blanks; of 130 if that is 0.
func writeText(b *strings.Builder, columns int, indent, text string) {
	for _, line := range terminal.WrapWhole(text, max(cmp.Or(columns, 130)-len(indent), 1)) {
		b.WriteString(indent + line + "\n")
	}
}

func writeLine(b *strings.Builder, line terminal.Line) {
	text := ""
	for _, span := range line {
		text += span.Text
	}
	b.WriteString(strings.TrimRight(text, " ") + "\n")
}
