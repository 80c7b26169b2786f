package timeline

import (
	"fmt"
	"slices"

	"cookbook/internal/svg"
)

// Look says how the picture of a timeline looks.
type Look struct {
	Title string // what it shows, such as "ch2.lock · Guard a shared counter with a Lock"
	Embed bool   // it is part of a page that shows the title, and whose style sheet includes svg.Style
}

// MaxSVG is how many bytes the picture of a timeline has at most.
const MaxSVG = 200_000

// SVG returns what Draw draws as a picture: an axis, a lane for each actor with the lines that it says, arrows for messages, who
// held what, and what the shapes mean. Texts that have no room are shown while the pointer is on their place. The picture
// has at most MaxSVG bytes: where that is not enough it shows less detail, and says what is left out. A timeline without lanes
// gives a picture that says so.
func (t Timeline) SVG(look Look) ([]byte, error) {
	t.Lanes = slices.Clone(t.Lanes)
	t.order()
	if look.Title == "" {
		look.Title = "Timeline"
	}
	if t.End <= 0 {
		t = Timeline{Actors: t.Actors, End: 1, Others: Crowd{}}
	}
	var small []byte
	for _, d := range details {
		c := newCanvas(t, look, d)
		text, err := c.draw().Bytes()
		if err != nil || len(text) <= MaxSVG {
			return text, err
		}
		small = text
	}
	return nil, fmt.Errorf("draw %q: the smallest picture has %d bytes, and at most %d are allowed", look.Title, len(small), MaxSVG)
}

// detail is how much a picture shows.
type detail struct {
	grain    float64 // pixels: what is shorter counts with what is around it
	titled   float64 // pixels: what is longer has a title
	text     int     // characters of one line in a title
	texts    int     // lines in one title
	lanes    int
	rows     int // of things
	messages int
}

// details are the levels, the finest first.
var details = []detail{
	{0.5, 3, 200, 8, 64, 16, 400},
	{1, 4, 160, 6, 64, 16, 300},
	{1, 8, 120, 4, 48, 12, 200},
	{2, 16, 100, 3, 48, 12, 150},
	{4, 32, 80, 2, 32, 8, 100},
	{8, 64, 40, 1, 32, 8, 50},
	{16, 128, 20, 1, 16, 4, 20},
}

// The picture's measures, in pixels.
const (
	canvasWidth  = 960.0
	margin       = 20.0
	labelSize    = 13.0
	smallSize    = 11.0
	mostLabel    = 180.0
	chip         = 10.0 // the square of an actor's colour
	barHeight    = 16.0
	saidHeight   = 15.0 // of the texts above a bar
	gap          = 8.0  // between rows
	lineHeight   = 18.0
	headingSize  = 18.0
	legendSample = 26.0
	tailShare    = 40 // what comes in the last of so many parts is drawn again, larger
)

// canvas is a picture of a timeline in the making.
type canvas struct {
	t      Timeline
	look   Look
	detail detail
	p      *svg.Picture
	scale  scale   // in grains
	left   float64 // where the lanes begin
	places
	all    int         // lanes, with those that are not drawn
	rows   []float64   // by lane: the top of its bar
	shown  []bool      // by lane: whether it has a row
	part   bool        // it is the end of a timeline, drawn again: lanes without anything have no row
	others float64     // the top of the bar of those without a name
	things []float64   // by thing: the top of its first bar
	packed [][]heldRow // by thing
	top    float64     // of the lanes
	bottom float64     // where the next row begins
	hidden []string    // what is not drawn

	columns [][states]share  // room for one lane
	holders map[string][]int // by thing and column: the lane that holds it, -1 for none or several
	used    map[sample]bool
}

func newCanvas(t Timeline, look Look, d detail) *canvas {
	c := &canvas{t: t, look: look, detail: d, all: len(t.Lanes), used: map[sample]bool{}}
	if n := len(t.Lanes) - d.lanes; n > 0 {
		c.t.Lanes = t.Lanes[:d.lanes]
		c.hidden = append(c.hidden, counted(n, "more lane"))
	}
	c.places = placesOf(c.t.Lanes)
	if n := len(t.Things) - d.rows; n > 0 {
		c.t.Things = t.Things[:d.rows]
		c.hidden = append(c.hidden, counted(n, "more lock"))
	}
	label := 0.0
	for _, name := range c.labels() {
		label = max(label, svg.Width(name, labelSize))
	}
	c.left = margin + chip + 8 + min(label, mostLabel) + 14
	return c
}

// labels are the names before the rows.
func (c *canvas) labels() []string {
	var all []string
	for _, l := range c.t.Lanes {
		all = append(all, l.Name)
	}
	for _, h := range c.t.Things {
		all = append(all, h.Name)
	}
	if c.t.Others.runs(c.t.End) {
		all = append(all, c.t.Others.label())
	}
	return all
}

// x is where a time is, in pixels.
func (c *canvas) x(at float64) float64 { return c.left + at*c.detail.grain }

// color is the class of a lane's colour, that of text for -1.
func (c *canvas) color(lane int) string {
	if lane < 0 {
		return "muted"
	}
	return fmt.Sprintf("c%d", lane%svg.Colors)
}

// draw draws everything. The height is known only at the end.
func (c *canvas) draw() *svg.Picture {
	c.p = svg.New(canvasWidth, 1, c.look.Title, c.about())
	if c.look.Embed {
		c.p.Embed()
	}
	c.bottom = margin
	if !c.look.Embed {
		c.p.Text("heading", margin, c.bottom+headingSize, svg.Fit(c.look.Title, 1.1*headingSize, canvasWidth-2*margin))
		c.bottom += headingSize + gap
	}
	for _, line := range wrap(c.facts(), labelSize, canvasWidth-2*margin) {
		c.p.Text("muted", margin, c.bottom+labelSize, line)
		c.bottom += lineHeight
	}
	if len(c.t.Lanes) > 0 {
		c.panel()
		if end, crowded := c.t.tail(c.scale.starts(c.scale.cells - c.scale.cells/tailShare)); crowded {
			whole, hidden := c.t, c.hidden
			c.bottom += lineHeight + gap
			c.p.Text("muted", margin, c.bottom, "the last "+inMilliseconds(end.End)+", larger")
			c.t, c.part = end, true
			c.panel()
			c.t, c.hidden = whole, hidden
		}
	}
	c.legend()
	c.p.Resize(canvasWidth, c.bottom+margin-gap)
	return c.p
}

// panel draws the axis and all rows.
func (c *canvas) panel() {
	c.scale = newScale(c.t.End, int((canvasWidth-margin-c.left)/c.detail.grain), c.t.quiet())
	c.place()
	c.axis()
	c.drawLanes()
	c.drawThings()
	c.drawMessages()
	c.drawSaid()
}

// label writes the name of a row, whose bar has this top.
func (c *canvas) label(color, name string, bar float64) {
	if color != "" {
		c.p.Rect(color+" fill", margin, bar+(barHeight-chip)/2, chip, chip)
	}
	c.p.Text("", margin+chip+8, bar+barHeight/2+0.35*labelSize, fitMiddle(name))
}
