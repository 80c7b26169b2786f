package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/svg"
)

// A point is what all of the work of one size costs.
type point struct {
	Size int `json:"size"`
	spread
}

// A curve is a row with its points, in the order of their sizes. Slope is the power of the size with which the cost grows, by
// least squares over the logarithms, nil for less than two points; End is the same over the last three sizes, nil if there are
// less. Faster needs three, too.
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
	_, err = io.WriteString(stdout, r.text(m.columns))
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
	c.Slope = slope(fitted)
	if len(fitted) >= 3 {
		c.End = slope(fitted[len(fitted)-3:])
	}
	if c.Slope != nil && c.End != nil {
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
