// Package chart draws measurements as lines into an SVG file: enough for a recipe's --plot, in one call. A plotting library
// does more, and costs more: with gonum/plot the binary was 6.6 MB larger, and each child process started 1 ms later.
package chart

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cookbook/internal/svg"
)

// Chart is a picture of lines over two axes.
type Chart struct {
	Title, X, Y string // X and Y name the axes, with their units
	Log2        bool   // both axes count in powers of two; all numbers must be above 0
	Log10       bool   // the same in powers of ten
	Lines       []Line
}

// Line is a row of points with a name, which stands at the right, as near to the line's end as the other names allow.
type Line struct {
	Name   string
	Points []Point
	Guide  bool // something to compare with, not a measurement: thin, grey, dashed, without marks
}

// Point is one measurement. Low and High are its spread, from the least to the most that was measured; both are 0 if it has none.
type Point struct{ X, Y, Low, High float64 }

// CheckFile returns why Save could not write a file of this name, as far as can be told before the work that is measured.
func CheckFile(name string) error { return svg.CheckFile(name) }

// Save draws the chart into the file, as svg.Picture.Save does it: an older picture is replaced by a whole one or stays. A
// line without points, and a number that its axis cannot show, is an error.
func (c Chart) Save(name string) error {
	return SaveAll(name, c.Title, c)
}

// SaveAll draws charts below one another into one file, as Save does it with one. The title is that of the whole.
func SaveAll(name, title string, charts ...Chart) error {
	if len(charts) == 0 {
		return fmt.Errorf("draw %s: there is no chart", name)
	}
	picture, err := together(title, charts...)
	if err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	return picture.Save(name)
}

// check returns which number cannot be drawn, and why.
func (c Chart) check() error {
	if len(c.Lines) == 0 {
		return errors.New("a chart without lines")
	}
	for _, l := range c.Lines {
		if len(l.Points) == 0 {
			return fmt.Errorf("the line %q has no points", l.Name)
		}
		for i, p := range l.Points {
			for _, v := range p.values() {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("point %d of the line %q is not at a finite place: %v", i+1, l.Name, p.values())
				}
				if c.base() > 0 && v <= 0 {
					return fmt.Errorf("point %d of the line %q has a number of 0 or below, which has no logarithm: %v", i+1, l.Name, p.values())
				}
			}
			if p.spread() && (p.Low > p.Y || p.High < p.Y) {
				return fmt.Errorf("point %d of the line %q lies outside its spread: %v", i+1, l.Name, p.values())
			}
		}
	}
	return nil
}

// base is that of the powers in which the axes count, 0 if they are linear.
func (c Chart) base() int {
	switch {
	case c.Log10:
		return 10
	case c.Log2:
		return 2
	}
	return 0
}

func (p Point) spread() bool { return p.Low != 0 || p.High != 0 }

func (p Point) values() []float64 {
	if p.spread() {
		return []float64{p.X, p.Y, p.Low, p.High}
	}
	return []float64{p.X, p.Y}
}

// axes returns both axes, each as long as its points need, without a place in the picture yet.
func (c Chart) axes() (x, y axis, err error) {
	var xs, ys []float64
	for _, l := range c.Lines {
		for _, p := range l.Points {
			xs = append(xs, p.X)
			ys = append(ys, p.values()[1:]...)
		}
	}
	x, errX := newAxis(xs, c.base(), 0.03)
	y, errY := newAxis(ys, c.base(), 0.06)
	if low := slices.Min(ys); c.base() == 0 && low >= 0 && low <= 0.4*slices.Max(ys) {
		y.low = 0 // it is near, and heights that begin there can be compared
	}
	return x, y, errors.Join(errX, errY)
}

// about tells in words what the chart shows, for a reader who cannot see it.
func (c Chart) about() string {
	powers := map[int]string{2: ", both in powers of two", 10: ", both in powers of ten"}[c.base()]
	text := fmt.Sprintf("Line chart of %s (upwards) over %s (to the right)%s.", c.Y, c.X, powers)
	for _, l := range c.Lines {
		first, last := l.Points[0], l.Points[len(l.Points)-1]
		text += fmt.Sprintf(" %s: %s at %s", l.Name, short(first.Y), short(first.X))
		if len(l.Points) > 1 {
			text += fmt.Sprintf(", %s at %s", short(last.Y), short(last.X))
		}
		text += "."
	}
	return text
}
