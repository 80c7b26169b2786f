package timeline

import (
	"math"
	"strconv"
	"time"

	"cookbook/internal/svg"
)

const axisHeight = 26.0

// mark is a round time on an axis.
type mark struct {
	at   time.Duration
	text string
}

// marks are the round times of a timeline, about apart cells from each other; none lie where the scale is shortened.
func (t Timeline) marks(s scale, apart float64) []mark {
	unit, name := time.Millisecond, " ms"
	switch {
	case t.Steps:
		name = " steps"
	case t.End >= time.Second:
		unit, name = time.Second, " s"
	}
	per := 0.0 // units a cell
	for _, p := range s.pieces {
		if !p.quiet && p.end > p.at {
			per = float64(p.to-p.from) / float64(unit) / (p.end - p.at)
		}
	}
	step, decimals := roundStep(per * apart)
	if t.Steps && decimals > 0 {
		step, decimals = 1, 0
	}
	var all []mark
	for _, p := range s.pieces {
		if p.quiet {
			continue
		}
		for i := math.Ceil(float64(p.from) / float64(unit) / step); ; i++ {
			at := time.Duration(math.Round(i * step * float64(unit)))
			if at > p.to {
				break
			}
			text := strconv.FormatFloat(i*step, 'f', decimals, 64)
			if i == 0 {
				text = "0"
			}
			if len(all) == 0 {
				text += name
			}
			all = append(all, mark{at, text})
		}
	}
	return all
}

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
			c.p.Rect("fill tint", from, c.top-4, to-from, c.bottom-c.top+4)
			for _, x := range []float64{from, to} {
				c.p.Line("line dash1", x, c.top-4, x, c.bottom)
			}
			c.p.Text("small middle", (from+to)/2, y-2, "⋯ "+length(p.to-p.from, false)+" ⋯")
			c.p.End()
		}
	}
	c.p.Line("muted line", c.left, c.top-4, canvasWidth-margin, c.top-4)
}
