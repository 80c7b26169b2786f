package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cookbook/internal/svg"
)

// The picture's measures, in pixels.
const (
	width, height = 960.0, 560.0
	margin        = 24.0 // around all
	top, bottom   = 92.0, 496.0
	textSize      = 13.0
	headingSize   = 18.0
	lineHeight    = 20.0
	key           = 30.0 // the sample of a line before its name
	mostName      = 280.0
)

// draw makes the picture.
func (c Chart) draw() (*svg.Picture, error) {
	return together(c.Title, c)
}

// together draws charts below one another, of which there is at least one.
func together(title string, charts ...Chart) (*svg.Picture, error) {
	var about []string
	for _, c := range charts {
		if err := c.check(); err != nil {
			return nil, err
		}
		about = append(about, c.about())
	}
	if len(charts) > 1 {
		for i, c := range charts {
			about[i] = c.Title + ": " + about[i]
		}
	}
	p := svg.New(width, height*float64(len(charts)), title, strings.Join(about, " "))
	for i, c := range charts {
		if err := c.drawOn(p, height*float64(i)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// drawOn draws the chart this far down: the grid first, then the lines above it, then their names at the right, where no data can be.
func (c Chart) drawOn(p *svg.Picture, down float64) error {
	x, y, err := c.axes()
	if err != nil {
		return err
	}
	top, bottom := top+down, bottom+down
	names := 0.0
	for _, l := range c.Lines {
		names = min(max(names, svg.Width(l.Name, textSize)), mostName)
	}
	y.from, y.to = bottom, top
	marks := y.ticks(func(string) float64 { return 2.2 * textSize })
	for _, mark := range marks {
		x.from = max(x.from, margin+svg.Width(mark.label, textSize)+10)
	}
	x.to = width - margin - names - key - 20

	p.Text("heading", margin, down+margin+headingSize, svg.Fit(c.Title, 1.1*headingSize, width-2*margin))
	p.Text("muted", margin, top-20, svg.Fit(c.Y, textSize, width-2*margin))
	for _, mark := range marks {
		p.Line("grid line", x.from, mark.at, x.to, mark.at)
		p.Text("end", x.from-8, mark.at+0.35*textSize, mark.label)
	}
	for _, mark := range x.ticks(func(label string) float64 { return svg.Width(label, textSize) + 12 }) {
		p.Line("grid line", mark.at, bottom, mark.at, top)
		p.Line("muted line", mark.at, bottom, mark.at, bottom+5)
		p.Text("middle", mark.at, bottom+20, mark.label)
	}
	p.Line("muted line", x.from, bottom, x.to, bottom)
	p.Text("muted end", x.to, bottom+42, svg.Fit(c.X, textSize, x.to-margin))

	looks := c.looks()
	ends := make([]float64, len(c.Lines))
	for i, l := range c.Lines {
		looks[i].line(p, l, x, y)
		ends[i] = y.at(l.Points[len(l.Points)-1].Y)
	}
	for i, at := range apart(ends, top, bottom, lineHeight) {
		looks[i].name(p, c.Lines[i].Name, x.to+12, at)
	}
	return nil
}

// look is how a line is drawn: guides differ by their dashes, measured lines by colour and by the shape of their marks.
type look struct {
	color, class string
	mark         func(shape *svg.Path, x, y float64) // none for a guide
}

func (c Chart) looks() []look {
	looks, guides, measured := make([]look, len(c.Lines)), 0, 0
	for i, l := range c.Lines {
		if l.Guide {
			looks[i] = look{color: "muted", class: fmt.Sprintf("line dash%d", guides%svg.Dashes)}
			guides++
			continue
		}
		looks[i] = look{fmt.Sprintf("c%d", measured%svg.Colors), "line thick", shapes()[measured%len(shapes())]}
		measured++
	}
	return looks
}

func (k look) line(p *svg.Picture, l Line, x, y axis) {
	var path, spread svg.Path
	for i, at := range l.Points {
		if i == 0 {
			path.Move(x.at(at.X), y.at(at.Y))
		} else {
			path.Line(x.at(at.X), y.at(at.Y))
		}
		if at.spread() {
			for _, end := range []float64{at.Low, at.High} {
				spread.Move(x.at(at.X)-5, y.at(end))
				spread.Line(x.at(at.X)+5, y.at(end))
			}
			spread.Move(x.at(at.X), y.at(at.Low))
			spread.Line(x.at(at.X), y.at(at.High))
		}
	}
	p.Begin(k.color, l.Name)
	defer p.End()
	p.Path(k.class, &path)
	if !spread.Empty() {
		p.Path("line", &spread)
	}
	if k.mark == nil {
		return
	}
	for _, at := range l.Points {
		text := fmt.Sprintf("%s at %s: %s", l.Name, short(at.X), short(at.Y))
		if at.spread() {
			text += fmt.Sprintf(" (%s to %s)", short(at.Low), short(at.High))
		}
		p.Begin("", text)
		k.draw(p, x.at(at.X), y.at(at.Y))
		p.End()
	}
}

func (k look) draw(p *svg.Picture, x, y float64) {
	var shape svg.Path
	k.mark(&shape, x, y)
	p.Path("mark", &shape)
}

// name writes the name of a line after a sample of it.
func (k look) name(p *svg.Picture, name string, x, y float64) {
	p.Begin("", name)
	defer p.End()
	p.Begin(k.color, "")
	p.Line(k.class, x, y, x+key-6, y)
	if k.mark != nil {
		k.draw(p, x+(key-6)/2, y)
	}
	p.End()
	p.Text("", x+key, y+0.35*textSize, svg.Fit(name, textSize, mostName))
}

// shapes are the marks of lines, of about the same size to the eye. There is one more than there are colours: only the 31st
// line looks like the first.
func shapes() []func(s *svg.Path, x, y float64) {
	polygon := func(corners ...float64) func(s *svg.Path, x, y float64) {
		return func(s *svg.Path, x, y float64) {
			s.Move(x+corners[0], y+corners[1])
			for i := 2; i < len(corners); i += 2 {
				s.Line(x+corners[i], y+corners[i+1])
			}
			s.Close()
		}
	}
	return []func(s *svg.Path, x, y float64){
		func(s *svg.Path, x, y float64) { s.Circle(x, y, 5.5) },
		polygon(-5, -5, 5, -5, 5, 5, -5, 5),
		polygon(0, -6.5, 6.5, 5, -6.5, 5),
		polygon(0, -7, 7, 0, 0, 7, -7, 0),
		polygon(0, 6.5, 6.5, -5, -6.5, -5),
		polygon(-2, -6, 2, -6, 2, -2, 6, -2, 6, 2, 2, 2, 2, 6, -2, 6, -2, 2, -6, 2, -6, -2, -2, -2),
	}
}

// apart moves places so that any two are at least gap apart, and all lie between from and to. Their order stays, and those that
// have room stay where they are. If there is not room enough for all, the gaps are smaller.
func apart(places []float64, from, to, gap float64) []float64 {
	gap = min(gap, (to-from)/float64(len(places)))
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(places[i], places[j]) })
	moved := slices.Clone(places)
	least := from
	for _, i := range order {
		moved[i] = max(moved[i], least)
		least = moved[i] + gap
	}
	most := to
	for _, i := range slices.Backward(order) {
		moved[i] = min(moved[i], most)
		most = moved[i] - gap
	}
	return moved
}
