package bench

import (
	"fmt"
	"math"
	"strings"

	"cookbook/internal/svg"
)

// The picture's measures, in pixels.
const (
	plotWidth = 960.0
	plotSide  = 24.0  // margin
	plotTop   = 106.0 // below it the first panel begins
	nameRight = 236.0 // where names end
	axisLeft  = 248.0
	axisRight = 836.0
	rowHeight = 34.0
	barHeight = 9.0
	textDown  = 4.5 // from the middle of a text to its baseline
)

// Plot draws the rows that have both sides: a bar for each side on a logarithmic axis, over its end a line from the least to the most, a
// diamond for plain Go, and at the right the ratio. Bytes have an axis of their own.
func Plot(r *Report) *svg.Picture {
	p := svg.New(plotWidth, plotTop, "Go beside Python", r.about())
	p.Text("heading", plotSide, 38, "Go beside Python")
	p.Text("muted small", plotSide, 58, fmt.Sprintf("%d processors, Go %s, Python %s, medians of %s; what is short is quick", r.Processors, r.Go, r.Python, r.RoundsText()))
	legend(p)
	down := plotTop
	for _, unit := range []string{"ns", "B"} {
		var rows []Row
		for _, row := range r.Rows {
			if row.Unit == unit && row.Python != nil && row.Go != nil {
				rows = append(rows, row)
			}
		}
		if len(rows) > 0 {
			down = panel(p, down, rows, unit) + plotSide
		}
	}
	p.Resize(plotWidth, down)
	return p
}

// about tells in words what the picture shows.
func (r *Report) about() string {
	var said []string
	for _, row := range r.Rows {
		if row.Python != nil && row.Go != nil {
			said = append(said, row.title())
		}
	}
	return strings.Join(said, ". ") + "."
}

func (r Row) title() string {
	text := fmt.Sprintf("%s: Python %s, Go %s", r.Name, r.Python.Text(r.Unit), r.Go.Text(r.Unit))
	if r.Plain != nil {
		text += fmt.Sprintf(", %s %s", r.PlainIs, r.Plain.Text(r.Unit))
	}
	if r.Ratio != nil {
		return text + "; Python/Go " + r.RatioText()
	}
	return text + "; no ratio"
}

func legend(p *svg.Picture) {
	const y = 78.0
	x := axisLeft
	for _, side := range []struct{ class, name string }{{pythonClass, "Python"}, {goClass, "Go"}} {
		p.Rect(side.class+" fill", x, y-barHeight/2, 22, barHeight)
		p.Text("small", x+28, y+textDown-1, side.name)
		x += 90
	}
	diamond(p, x+8, y)
	p.Text("small", x+20, y+textDown-1, "plain Go")
	x += 100
	whisker(p, x, x+26, y)
	p.Text("small", x+34, y+textDown-1, "from the least to the most")
	p.Text("muted small end", plotWidth-plotSide, y+textDown-1, "Python/Go")
}

const pythonClass, goClass = "c1", "c0"

// logAxis is a logarithmic axis in whole powers of ten.
type logAxis struct{ low, high int }

func axisOf(rows []Row) logAxis {
	least, most := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		for _, s := range []*Spread{row.Python, row.Go, row.Plain} {
			if s != nil {
				least, most = min(least, s.Least), max(most, s.Most)
			}
		}
	}
	a := logAxis{int(math.Floor(math.Log10(max(least, 1e-3)))), int(math.Ceil(math.Log10(max(most, 1e-3))))}
	a.high = max(a.high, a.low+1)
	return a
}

func (a logAxis) at(v float64) float64 {
	share := (math.Log10(max(v, 1e-3)) - float64(a.low)) / float64(a.high-a.low)
	return axisLeft + share*(axisRight-axisLeft)
}

// panel draws rows of one unit below down, and returns where it ends.
func panel(p *svg.Picture, down float64, rows []Row, unit string) float64 {
	axis := axisOf(rows)
	end := down + 12
	chapter := 0
	for _, row := range rows { // how far it goes
		if row.Chapter != chapter {
			end += rowHeight
		}
		chapter = row.Chapter
		end += rowHeight
	}
	for e := axis.low; e <= axis.high; e++ {
		x := axis.at(math.Pow10(e))
		p.Line("grid line", x, down+8, x, end)
		for _, y := range []float64{down, end + 18} {
			p.Text("muted small middle", x, y, tickText(e, unit))
		}
	}
	y := down + 12
	chapter = 0
	for _, row := range rows {
		if row.Chapter != chapter {
			p.Text("bold", plotSide, y+rowHeight-10, fmt.Sprintf("Chapter %d", row.Chapter))
			y += rowHeight
		}
		chapter = row.Chapter
		row.draw(p, axis, y)
		y += rowHeight
	}
	return end + 18
}

func tickText(e int, unit string) string {
	text := Quantity(math.Pow10(e), unit)
	number, of, _ := strings.Cut(text, " ")
	return strings.TrimSuffix(strings.TrimSuffix(number, ".00"), ".0") + " " + of
}

func (r Row) draw(p *svg.Picture, axis logAxis, y float64) {
	middle := y + rowHeight/2
	p.Begin("", r.title())
	p.Text("end", nameRight, middle+textDown, svg.Fit(r.Name, 13, nameRight-plotSide))
	for i, side := range []struct {
		class  string
		spread *Spread
	}{{pythonClass, r.Python}, {goClass, r.Go}} {
		at := middle + (float64(i)-0.5)*(barHeight+3)
		p.Rect(side.class+" fill", axisLeft, at-barHeight/2, max(axis.at(side.spread.Median)-axisLeft, 1), barHeight)
		whisker(p, axis.at(side.spread.Least), axis.at(side.spread.Most), at)
		if i == 1 && r.Plain != nil {
			diamond(p, axis.at(r.Plain.Median), at)
		}
	}
	look := "bold end"
	if r.Ratio == nil {
		look = "muted end"
	}
	p.Text(look, plotWidth-plotSide, middle+textDown, r.RatioText())
	p.End()
}

// whisker is a line from the least to the most, with ends.
func whisker(p *svg.Picture, from, to, y float64) {
	if to-from < 1.5 { // it would hide the end of its bar
		return
	}
	p.Line("ink line", from, y, to, y)
	p.Line("ink line", from, y-3, from, y+3)
	p.Line("ink line", to, y-3, to, y+3)
}

func diamond(p *svg.Picture, x, y float64) {
	const r = 5.5
	var shape svg.Path
	shape.Move(x-r, y)
	shape.Line(x, y-r)
	shape.Line(x+r, y)
	shape.Line(x, y+r)
	shape.Close()
	p.Path("c2 mark", &shape)
}
