// Package svg writes small pictures as SVG: charts and timelines.
//
// A Picture takes lines, rectangles, paths and texts in the order in which they lie on one another. Positions are in pixels,
// from the top left corner. What a shape looks like is said by classes (see style.go), never by a colour, so that the picture
// follows the reader's light or dark setting. All text stays text: a reader can select it, search it and have it read aloud.
//
//	p := svg.New(200, 60, "Who held the lock", "One lane: main holds the lock from 0 to 3 ms.")
//	p.Text("muted", 10, 25, "main")
//	p.Begin("c0", "main, 0 to 3 ms") // the text that a browser shows while the pointer is there
//	p.Rect("fill", 60, 12, 120, 18)
//	p.End()
//	err := p.Save("lock.svg")
package svg

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Picture is a drawing in the making. It belongs to one goroutine.
type Picture struct {
	width, height float64
	title, about  string
	body          []byte
	embedded      bool // in a page, which has the style sheet
	open          int  // groups without an end
	bad           bool // a number was not finite
}

// New begins a picture of this size in pixels. A screen reader reads the title, then about, which should tell in words what
// the picture shows.
func New(width, height float64, title, about string) *Picture {
	return &Picture{width: width, height: height, title: title, about: about}
}

// Resize gives the picture another size.
func (p *Picture) Resize(width, height float64) { p.width, p.height = width, height }

// Embed makes the picture a part of a page in HTML: it has no style sheet of its own, since that of the page includes Style.
func (p *Picture) Embed() { p.embedded = true }

// Line draws a straight line.
func (p *Picture) Line(class string, x1, y1, x2, y2 float64) {
	p.element("line", class, "x1", x1, "y1", y1, "x2", x2, "y2", y2)
	p.add("/>\n")
}

// Rect draws a rectangle whose top left corner is at x, y.
func (p *Picture) Rect(class string, x, y, width, height float64) {
	p.element("rect", class, "x", x, "y", y, "width", width, "height", height)
	p.add("/>\n")
}

// Path draws any shape of straight lines and circles.
func (p *Picture) Path(class string, shape *Path) {
	p.element("path", class)
	p.add(` d="`, string(shape.d), "\"/>\n")
	p.bad = p.bad || shape.bad
}

// Text writes one line of text on the baseline y. It begins at x; with the class "middle" or "end", its middle or its end is
// there. Line breaks become spaces.
func (p *Picture) Text(class string, x, y float64, text string) {
	p.element("text", class, "x", x, "y", y)
	p.add(">", escape(text), "</text>\n")
}

// Begin opens a group, which lasts until End. Its colour class holds for all shapes in it that have none. A browser shows the
// title, if there is one, while the pointer is on the group.
func (p *Picture) Begin(class, title string) {
	p.element("g", class)
	p.add(">\n")
	if title != "" {
		p.add("<title>", escape(title), "</title>\n")
	}
	p.open++
}

// End closes the group that was opened last.
func (p *Picture) End() {
	p.add("</g>\n")
	p.open--
}

// Bytes returns the whole picture. It is an error if a number was not finite or a group has no end.
func (p *Picture) Bytes() ([]byte, error) {
	switch {
	case p.bad:
		return nil, fmt.Errorf("draw %q: a position is not a finite number", p.title)
	case p.open != 0:
		return nil, fmt.Errorf("draw %q: Begin was called %d times more than End", p.title, p.open)
	case p.width <= 0 || p.height <= 0:
		return nil, errors.New("draw a picture without a width or a height")
	}
	var b strings.Builder
	w, h := number(p.width), number(p.height)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="`+root+`" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-label="%s">`+"\n",
		w, h, w, h, escape(p.title))
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escape(p.title), escape(p.about))
	if !p.embedded {
		b.WriteString("<style>\n" + style() + "</style>\n")
	}
	ground := Picture{}
	ground.Rect("ground fill", 0, 0, p.width, p.height)
	b.Write(ground.body)
	b.Write(p.body)
	b.WriteString("</svg>\n")
	return []byte(b.String()), nil
}

// element opens an element. Attributes are names, each followed by a number.
func (p *Picture) element(name, class string, attributes ...any) {
	p.add("<", name)
	if class != "" {
		p.add(` class="`, escape(class), `"`)
	}
	for i := 0; i < len(attributes); i += 2 {
		value := attributes[i+1].(float64)
		p.bad = p.bad || !finite(value)
		p.add(" ", attributes[i].(string), `="`, number(value), `"`)
	}
}

func (p *Picture) add(parts ...string) {
	for _, part := range parts {
		p.body = append(p.body, part...)
	}
}

// Path is a shape in the making. The zero value is an empty one.
type Path struct {
	d   []byte
	bad bool
}

// Move begins a new part of the shape at x, y.
func (s *Path) Move(x, y float64) { s.add('M', x, y) }

// Line draws a straight line from where the shape is to x, y.
func (s *Path) Line(x, y float64) { s.add('L', x, y) }

// Close draws a straight line to where this part of the shape began.
func (s *Path) Close() { s.d = append(s.d, 'Z') }

// Rect adds a rectangle whose top left corner is at x, y.
func (s *Path) Rect(x, y, width, height float64) {
	s.Move(x, y)
	s.add('h', width)
	s.add('v', height)
	s.add('h', -width)
	s.Close()
}

// Circle adds a circle around x, y.
func (s *Path) Circle(x, y, radius float64) {
	s.Move(x-radius, y)
	s.add('a', radius, radius, 0, 1, 0, 2*radius, 0)
	s.add('a', radius, radius, 0, 1, 0, -2*radius, 0)
	s.Close()
}

// Empty reports whether nothing has been added.
func (s *Path) Empty() bool { return len(s.d) == 0 }

func (s *Path) add(command byte, numbers ...float64) {
	s.d = append(s.d, command)
	for i, n := range numbers {
		if i > 0 {
			s.d = append(s.d, ' ')
		}
		s.bad = s.bad || !finite(n)
		s.d = append(s.d, number(n)...)
	}
}

func finite(n float64) bool { return !math.IsNaN(n) && !math.IsInf(n, 0) }

// number prints a position to a hundredth of a pixel, which is finer than a screen shows.
func number(n float64) string {
	return strconv.FormatFloat(math.Round(n*100)/100+0, 'f', -1, 64) // + 0 makes 0 of -0
}
