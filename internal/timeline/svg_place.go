package timeline

import (
	"time"
)

// at is where a time is, in pixels.
func (c *canvas) at(t time.Duration) float64 { return c.x(c.scale.position(t)) }

// place gives every row its place.
func (c *canvas) place() {
	c.hold()
	c.bottom += axisHeight
	c.top = c.bottom
	c.rows, c.shown, c.packed, c.things = make([]float64, len(c.t.Lanes)), c.show(), nil, nil
	for i, l := range c.t.Lanes {
		if !c.shown[i] {
			continue
		}
		c.bottom += gap / 2
		if c.speaks(l) {
			c.bottom += saidHeight
		}
		c.rows[i] = c.bottom
		c.bottom += barHeight + gap/2
	}
	if c.t.Others.runs(c.t.End) {
		c.others = c.bottom + gap/2
		c.bottom += barHeight + gap
	}
	if len(c.t.Things) > 0 {
		c.bottom += gap
	}
	lost := 0
	for _, h := range c.t.Things {
		rows, n := c.pack(h)
		lost += n
		c.packed = append(c.packed, rows)
		c.things = append(c.things, c.bottom+gap/2)
		c.bottom += barHeight + gap + float64(len(rows)-1)*(barHeight+2)
	}
	if lost > 0 {
		c.hidden = append(c.hidden, counted(lost, "more hold"))
	}
}

// show returns which lanes have a row.
func (c *canvas) show() []bool {
	shown := make([]bool, len(c.t.Lanes))
	for i, l := range c.t.Lanes {
		shown[i] = !c.part || len(l.Spans)+len(l.Lines) > 0
	}
	for _, m := range c.t.Messages {
		from, to := c.ends(m)
		for _, i := range []int{from, to} {
			if i >= 0 {
				shown[i] = true
			}
		}
	}
	return shown
}
