package timeline

import (
	"strings"

	"cookbook/internal/svg"
)

// sample is a kind of shape that the legend explains. The first are those of the states.
type sample int

const (
	sampleLine sample = iota + states
	sampleMessage
	sampleHeld
	sampleGiven
	sampleTaken
	samples
)

// legend says what the shapes mean that occur, and what was not drawn.
func (c *canvas) legend() {
	c.bottom += gap
	x, y := margin, c.bottom
	for _, k := range []struct {
		of   sample
		text string
	}{
		{sampleLine, "says a line"},
		{sample(Running), "runs"},
		{sample(Ready), "ready, waits for its turn"},
		{sample(Waiting), "waits, in the colour of the one it waits for"},
		{sample(Sleeping), "sleeps"},
		{sample(Apart), "lives, in a process of its own"},
		{sampleMessage, "message"},
		{sampleHeld, "held, in the colour of the holder"},
		{sampleGiven, "released"},
		{sampleTaken, "acquired"},
	} {
		if !c.used[k.of] {
			continue
		}
		width := legendSample + 6 + 0.9*svg.Width(k.text, smallSize) + 18
		if x > margin && x+width > canvasWidth-margin {
			x, y = margin, y+lineHeight+4
		}
		c.sample(k.of, x, y)
		c.p.Text("muted small", x+legendSample+6, y+barHeight/2+0.35*smallSize, k.text)
		x += width
	}
	if x > margin {
		c.bottom = y + lineHeight + gap
	}
	if n := c.t.Others; n.N > 0 && !n.runs(c.t.End) {
		c.hidden = append(c.hidden, n.label()+" without a name")
	}
	if len(c.hidden) > 0 {
		for _, line := range wrap([]string{"not drawn: " + strings.Join(c.hidden, ", ")}, smallSize, canvasWidth-2*margin) {
			c.p.Text("muted small", margin, c.bottom+smallSize, line)
			c.bottom += lineHeight
		}
	}
}

// sample draws one shape of the legend.
func (c *canvas) sample(of sample, x, y float64) {
	middle, to := y+barHeight/2, x+legendSample
	var p svg.Path
	switch of {
	case sampleLine:
		c.p.Line("line", x+legendSample/2, y-1, x+legendSample/2, y+barHeight)
		p.Circle(x+legendSample/2, y+2, 3.5)
		c.p.Path("mark", &p)
	case sampleMessage:
		c.p.Begin("c0", "")
		c.p.Line("line", x, middle, to-3, middle)
		c.drawHead(x, middle, to, middle)
		c.p.End()
	case sampleHeld:
		c.p.Rect("c0 frame", x+0.5, y+0.5, legendSample-1, barHeight-1)
	case sampleGiven, sampleTaken:
		up, color := -1.0, "c2 fill"
		if of == sampleTaken {
			up, color = 1, "c1 fill"
		}
		p.Move(x+legendSample/2-3, middle)
		p.Line(x+legendSample/2+3, middle)
		p.Line(x+legendSample/2, middle+6*up)
		p.Close()
		c.p.Path(color, &p)
	default:
		shape(&p, State(of), x, to, y)
		color := "c0 "
		if State(of) == Sleeping {
			color = "muted "
		}
		c.p.Path(color+classes(State(of)), &p)
	}
}
