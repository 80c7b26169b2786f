package cli

import (
	"fmt"
	"strings"

	"cookbook/internal/transcript"
)

// columnWidths gives each column of a table the width of its widest cell; the last gets what is left of the line, and if
// that is less than it needs, its cells are cut.
func columnWidths(rows [][]string, line int) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], transcript.Columns(cell))
		}
	}
	used := 0
	for _, w := range widths[:len(widths)-1] {
		used += w + 2
	}
	last := len(widths) - 1
	widths[last] = min(widths[last], max(10, line-used))
	return widths
}

// tableRow writes one row, each cell in its colour.
func (a *app) tableRow(widths []int, cells []string, colors ...string) {
	var b strings.Builder
	for i, cell := range cells {
		text := transcript.Pad(cell, widths[i])
		if i == len(cells)-1 {
			text = strings.TrimRight(text, " ")
		} else {
			text += "  "
		}
		if colors[i] != "" {
			text = a.paint(colors[i], text)
		}
		b.WriteString(text)
	}
	fmt.Fprintln(a.Out, b.String())
}
