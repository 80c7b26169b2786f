package timeline

import "cookbook/internal/svg"

const axisHeight = 26.0

// axis draws the times above the lanes, and the grid behind them.
func (c *canvas) axis() {
	y := c.top - 6
	end, k := c.left, c.t.clock()
	for _, m := range c.t.marks(c.scale, 80/c.detail.grain) {
		x := c.at(m.at)
		c.p.Line("grid line", x, c.top-4, x, c.bottom)
		if x+svg.Width(m.text, smallSize) < canvasWidth-margin/2 && (x > end || x == c.left) {
			c.p.Text("muted small", x+2, y-2, m.text)
			end = x + svg.Width(m.text, smallSize) + 4
		}
	}
	for _, p := range c.scale.pieces {
		if p.quiet {
			from, to := c.x(p.at), c.x(p.end)
			c.p.Begin("muted", "nothing happens for "+k.length(p.to-p.from)+": this stretch is drawn shorter")
			c.p.Rect("grid fill soft", from, c.top-4, to-from, c.bottom-c.top+4)
			for _, x := range []float64{from, to} {
				c.p.Line("line dash1", x, c.top-4, x, c.bottom)
			}
			c.p.Text("small middle", (from+to)/2, y-2, "⋯ "+length(p.to-p.from, false)+" ⋯")
			c.p.End()
		}
	}
	c.p.Line("muted line", c.left, c.top-4, canvasWidth-margin, c.top-4)
}
