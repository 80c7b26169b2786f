package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/chart"
	"cookbook/internal/svg"
)

// A point is what all of the work of one size costs.
type point struct {
	Size int `json:"size"`
	spread
}

// A curve is a row with its points, in the order of their sizes. Slope is the power of the size with which the cost grows, by
// least squares over the logarithms; End is the same over the last three sizes. They are nil for less than two points.
type curve struct {
	Section   string   `json:"section"`
	Operation string   `json:"operation"`
	Unit      string   `json:"unit"`
	Points    []point  `json:"points"`
	Slope     *float64 `json:"slope"`
	End       *float64 `json:"slope_at_the_end"`
	Work      float64  `json:"work"`
	Faster    bool     `json:"faster_than_the_work"`
	Why       string   `json:"why,omitempty"`
}

type growthReport struct {
	Go     string   `json:"go"`
	CPUs   int      `json:"cpus"`
	Load   *float64 `json:"load"`
	Rounds int      `json:"rounds"`
	Curves []curve  `json:"curves"`
}

func runScale(ctx context.Context, o options, all []section, m machine, stdout io.Writer) error {
	if o.svg != "" {
		if err := svg.CheckFile(o.svg); err != nil {
			return fmt.Errorf("--svg %w", err)
		}
	}
	r := growthReport{Go: runtime.Version(), CPUs: runtime.NumCPU(), Load: m.load(), Rounds: o.rounds}
	costs, err := measureSizes(ctx, o, all, m)
	if err != nil {
		return err
	}
	for _, s := range all {
		for _, w := range s.rows {
			if sizes := costs[w.side]; sizes != nil {
				r.Curves = append(r.Curves, w.curve(s, sizes, r.CPUs))
			}
		}
	}
	if o.svg != "" {
		if err := r.draw(o.svg); err != nil {
			return err
		}
	}
	if o.json {
		return writeJSON(stdout, r)
	}
	_, err = io.WriteString(stdout, r.text())
	return err
}

// measureSizes runs the programs of the chosen rows in turn and returns their figures by size.
func measureSizes(ctx context.Context, o options, all []section, m machine) (map[side]map[int][]float64, error) {
	costs := map[side]map[int][]float64{}
	var programs []program
	names := map[program][]string{}
	for _, s := range all {
		for _, w := range s.rows {
			if !o.only.MatchString(w.operation) && !o.only.MatchString(s.title) {
				continue
			}
			costs[w.side] = map[int][]float64{}
			if names[w.program] == nil {
				programs = append(programs, w.program)
			}
			names[w.program] = append(names[w.program], w.name)
		}
	}
	if len(programs) == 0 {
		return nil, o.noneMatches()
	}
	b, remove, err := newBuilder(m)
	if err != nil {
		return nil, err
	}
	defer remove()
	for _, p := range programs {
		if err := b.prepare(ctx, o, p); err != nil {
			return nil, err
		}
	}
	m.progress.begin(o.rounds)
	defer m.progress.end()
	for round := range o.rounds {
		var turn []func() error
		for _, p := range programs {
			turn = append(turn, func() error {
				got, err := b.figures(ctx, o, p, false, names[p])
				if err != nil {
					return err
				}
				for _, name := range names[p] {
					s := side{p, name, "ns/op"}
					if got.bySize(name, costs[s]) == 0 {
						return errors.New(s.lacking() + ": mend bench/scale.go")
					}
				}
				return nil
			})
		}
		if err := m.progress.round(round, turn); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// bySize adds the figures of a benchmark's sizes, and returns how many there are.
func (f figures) bySize(name string, to map[int][]float64) (n int) {
	for key, v := range f.values {
		rest, ours := strings.CutPrefix(key, name+"/")
		size, ns := strings.CutSuffix(rest, " ns/op")
		_, number, _ := strings.Cut(size, "=")
		if at, err := strconv.Atoi(number); ours && ns && err == nil {
			to[at] = append(to[at], v)
			n++
		}
	}
	return n
}

// curve puts the figures in order and says how they grow.
func (w growing) curve(s section, sizes map[int][]float64, cpus int) curve {
	c := curve{Section: s.title, Operation: w.operation, Unit: s.unit, Work: w.work, Why: w.why}
	var fitted []point
	for size, costs := range sizes {
		c.Points = append(c.Points, point{size, *spreadOf(costs)})
	}
	slices.SortFunc(c.Points, func(a, b point) int { return a.Size - b.Size })
	for _, p := range c.Points {
		if !w.ranks || p.Size > cpus {
			fitted = append(fitted, p)
		}
	}
	c.Slope, c.End = slope(fitted), slope(fitted[max(0, len(fitted)-3):])
	if c.Slope != nil {
		c.Faster = *c.Slope > w.work+0.1 || *c.End > w.work+0.2 // which rests on three points
	}
	return c
}

// slope returns the power of the size with which the cost grows, by least squares over the logarithms of both.
func slope(points []point) *float64 {
	var n, x, y, xx, xy float64
	for _, p := range points {
		lx, ly := math.Log(float64(p.Size)), math.Log(p.Median)
		n, x, y, xx, xy = n+1, x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	v := (n*xy - x*y) / (n*xx - x*x)
	if n < 2 || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

const fasterMark = "▲"

func (r growthReport) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s/%s, %d CPUs, rounds in turn: %d. Medians of what all of the work costs.\n%s\n", r.Go, runtime.GOOS, runtime.GOARCH, r.CPUs, r.Rounds, describeLoad(r.Load))
	fmt.Fprintf(&b, "SLOPE is the power of the size with which the cost grows, AT THE END over the last three sizes. WORK is how the work grows.\n")
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
		writeTable(&b, table, right...)
	}
	if len(reasons) > 0 {
		fmt.Fprintf(&b, "\n%s The cost grows faster than the work:\n", fasterMark)
		for _, reason := range reasons {
			fmt.Fprintf(&b, "%s; because: %s.\n", strings.Join(why[reason], "; "), reason)
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
