package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/chart"
)

const fasterMark = "▲"

// text is the report for a terminal of so many columns; 0: for none.
func (r growthReport) text(columns int) string {
	var b strings.Builder
	say := func(text string) { writeText(&b, columns, "", text) }
	say(fmt.Sprintf("%s on %s/%s, %d CPUs, rounds in turn: %d. Medians of what all of the work costs.", r.Go, runtime.GOOS, runtime.GOARCH, r.CPUs, r.Rounds))
	say(describeLoad(r.Load))
	say("SLOPE is the power of the size with which the cost grows, AT THE END over the last three sizes. WORK is how the work grows.")
	var reasons []string
	why := map[string][]string{} // the operations, by reason
	for part := range r.sections() {
		var sizes []int
		for _, c := range part {
			for _, p := range c.Points {
				sizes = append(sizes, p.Size)
			}
		}
		slices.Sort(sizes)
		sizes = slices.Compact(sizes)
		head, right := []string{strings.ToUpper(part[0].Section) + ", " + part[0].Unit}, []int{}
		for i, n := range sizes {
			head, right = append(head, size(n, part[0].Unit)), append(right, i+1)
		}
		head = append(head, "SLOPE", "AT THE END", "WORK", "")
		right = append(right, len(sizes)+1, len(sizes)+2, len(sizes)+3)
		table := [][]string{head}
		for _, c := range part {
			row := []string{c.Operation}
			for _, n := range sizes {
				cell := ""
				if i := slices.IndexFunc(c.Points, func(p point) bool { return p.Size == n }); i >= 0 {
					cell = quantity(c.Points[i].Median, "ns/op")
				}
				row = append(row, cell)
			}
			mark := ""
			if c.Faster {
				mark = fasterMark
				reason := cmp.Or(c.Why, "no reason is known")
				if why[reason] == nil {
					reasons = append(reasons, reason)
				}
				why[reason] = append(why[reason], c.Section+": "+c.Operation)
			}
			table = append(table, append(row, figure(c.Slope), figure(c.End), fmt.Sprint(c.Work), mark))
		}
		b.WriteString("\n")
		writeTable(&b, columns, table, right...)
	}
	if len(reasons) > 0 {
		fmt.Fprintf(&b, "\n%s The cost grows faster than the work:\n", fasterMark)
		for _, reason := range reasons {
			for _, operation := range why[reason] {
				writeText(&b, columns, "", operation+",")
			}
			writeText(&b, columns, "  ", "because: "+reason+".")
		}
	}
	return b.String()
}

// sections yields the curves of each section.
func (r growthReport) sections() func(yield func([]curve) bool) {
	return func(yield func([]curve) bool) {
		for begin := 0; begin < len(r.Curves); {
			end := begin
			for end < len(r.Curves) && r.Curves[end].Section == r.Curves[begin].Section {
				end++
			}
			if !yield(r.Curves[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// size prints a size; of bytes with a unit.
func size(n int, unit string) string {
	if unit != "bytes" {
		return strconv.Itoa(n)
	}
	units := []string{"B", "KiB", "MiB", "GiB"}
	for n >= 1024 && n%1024 == 0 && len(units) > 1 {
		n, units = n/1024, units[1:]
	}
	return fmt.Sprintf("%d %s", n, units[0])
}

// draw draws a chart for each section, with a line for a cost that grows as the size does.
func (r growthReport) draw(name string) error {
	var charts []chart.Chart
	for part := range r.sections() {
		c := chart.Chart{Title: part[0].Section, X: part[0].Unit, Y: "µs for all of the work; before each name its slope, " + fasterMark + ": it grows faster than the work", Log10: true}
		first, last := part[0].Points[0], part[0].Points[0]
		for _, of := range part {
			l := chart.Line{Name: of.Operation}
			if of.Faster {
				l.Name = fasterMark + " " + l.Name
			}
			if of.Slope != nil {
				l.Name = figure(of.Slope) + " " + l.Name // in front, where a long name is not cut
			}
			for _, p := range of.Points {
				l.Points = append(l.Points, chart.Point{X: float64(p.Size), Y: p.Median / 1000, Low: p.Least / 1000, High: p.Most / 1000})
				if p.Size > last.Size {
					last = p
				}
				if p.Size == first.Size && p.Median < first.Median {
					first = p
				}
			}
			c.Lines = append(c.Lines, l)
		}
		if last.Size > first.Size {
			grown := float64(last.Size) / float64(first.Size)
			c.Lines = append(c.Lines, chart.Line{Name: "1.00 in step with the size", Guide: true, Points: []chart.Point{
				{X: float64(first.Size), Y: first.Median / 1000}, {X: float64(last.Size), Y: first.Median / 1000 * grown}}})
		}
		charts = append(charts, c)
	}
	return chart.SaveAll(name, "How cost grows", charts...)
}
