// Package chart draws measurements as lines into an SVG or PNG file: enough for a recipe's --plot, in one call.
package chart

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	_ "gonum.org/v1/plot/vg/vgimg" // the two formats: under plot's build tag "minimal" nothing else is linked
	_ "gonum.org/v1/plot/vg/vgsvg"
)

// Chart is a picture of lines over two axes.
type Chart struct {
	Title, X, Y string
	Log2        bool // both axes count in powers of two; all numbers must be above 0
	Lines       []Line
}

// Line is a row of points with a name in the legend.
type Line struct {
	Name   string
	Points []Point
	Guide  bool // something to compare with, not a measurement: thin, grey, dashed, without dots
}

// Point is one measurement.
type Point struct{ X, Y float64 }

// ErrFile is a file name that Save cannot write to.
var ErrFile = errors.New("want a name that ends in .svg or .png, in a folder that is there")

// CheckFile returns why Save could not write to name, as far as can be told before the work that makes the picture; the
// error wraps ErrFile.
func CheckFile(name string) error {
	if ext := filepath.Ext(name); ext != ".svg" && ext != ".png" {
		return fmt.Errorf("%s: %w", name, ErrFile)
	}
	if folder, err := os.Stat(filepath.Dir(name)); err != nil || !folder.IsDir() {
		return fmt.Errorf("%s: %w", name, ErrFile)
	}
	return nil
}

// Colours that also those who see fewer can tell apart (Okabe and Ito, Color Universal Design, 2008).
func lineColor(i int) color.Color {
	colors := []color.RGBA{
		{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff},
		{0xcc, 0x79, 0xa7, 0xff}, {0x80, 0x80, 0x80, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
	}
	return colors[i%len(colors)]
}

// Save draws the chart into the file, whose ending says the format.
func (c Chart) Save(name string) error {
	if err := CheckFile(name); err != nil {
		return err
	}
	p := c.frame()
	measured := 0
	for _, l := range c.Lines {
		points := make(plotter.XYs, len(l.Points))
		for i, at := range l.Points {
			points[i] = plotter.XY{X: c.scale(at.X), Y: c.scale(at.Y)}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("draw %q: %w", l.Name, err)
		}
		if l.Guide {
			line.Color, line.Dashes = color.Gray{0x60}, []vg.Length{vg.Points(5), vg.Points(4)}
			p.Add(line)
			p.Legend.Add(l.Name, line)
			continue
		}
		line.Color, line.Width = lineColor(measured), vg.Points(2.5)
		dots.Color, dots.Radius, dots.Shape = lineColor(measured), vg.Points(4.5), draw.CircleGlyph{}
		measured++
		p.Add(line, dots)
		p.Legend.Add(l.Name, line, dots)
	}
	// Air around the lines, and above them for the legend.
	width, height := p.X.Max-p.X.Min, p.Y.Max-p.Y.Min
	p.X.Min, p.X.Max = p.X.Min-0.03*width, p.X.Max+0.03*width
	p.Y.Min, p.Y.Max = p.Y.Min-0.06*height, p.Y.Max+(0.06+0.06*float64(len(c.Lines)))*height
	return write(p, name)
}

func (c Chart) scale(v float64) float64 {
	if c.Log2 {
		return math.Log2(v)
	}
	return v
}

func (c Chart) frame() *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.X, c.Y
	p.Title.Padding, p.X.Label.Padding, p.Y.Label.Padding = vg.Points(10), vg.Points(6), vg.Points(6)
	if c.Log2 {
		p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(powersOfTwo), plot.TickerFunc(powersOfTwo)
	}
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(2)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(14), vg.Points(-10)
	for _, text := range []*draw.TextStyle{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		text.Font.Variant, text.Font.Size = "Sans", vg.Points(13)
	}
	p.Title.TextStyle.Font.Size = vg.Points(18)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{0xd0}, color.Gray{0xd0}
	p.Add(grid)
	return p
}

// powersOfTwo marks the whole exponents between low and high by the numbers they stand for.
func powersOfTwo(low, high float64) (ticks []plot.Tick) {
	for e := math.Ceil(low); e <= high; e++ {
		label := fmt.Sprint(math.Exp2(e))
		if e < 0 {
			label = fmt.Sprintf("1/%v", math.Exp2(-e))
		}
		ticks = append(ticks, plot.Tick{Value: e, Label: label})
	}
	return ticks
}

func write(p *plot.Plot, name string) error {
	canvas, err := draw.NewFormattedCanvas(26*vg.Centimeter, 16*vg.Centimeter, filepath.Ext(name)[1:])
	if err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	page := draw.New(canvas)
	page.SetColor(color.White)
	page.Fill(page.Path())
	p.Draw(draw.Crop(page, 14, -14, 14, -16))
	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	// An SVG names its font only; a reader who lacks it should get one of the same widths.
	text := bytes.ReplaceAll(picture.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,sans-serif;"))
	return os.WriteFile(name, text, 0o644)
}
