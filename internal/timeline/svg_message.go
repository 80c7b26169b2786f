package timeline

import (
	"math"
	"strings"
	"time"

	"cookbook/internal/svg"
)

// arrow is messages between two lanes whose arrows look alike.
type arrow struct {
	from, to    int
	x, until    float64
	texts       []string
	n           int
	sent, taken time.Duration // of the first
}

// arrows are the messages between lanes, in their order, and how many were left out. Where there are more arrows than the picture has
// room for, one stands for all that go the same way at about the same time; only if that is not enough the last are left out.
func (c *canvas) arrows() (all []arrow, lost int) {
	const near, far = 2, 64 // pixels
	for apart := near; ; apart *= 2 {
		full := false
		if all, lost, full = c.arrowsApart(max(1, int(float64(apart)/c.detail.grain))); !full || apart >= far {
			return all, lost
		}
	}
}

// arrowsApart is arrows with one for all those whose ends are in the same columns, in steps of so many. It is full if there are more.
func (c *canvas) arrowsApart(step int) (all []arrow, lost int, full bool) {
	type place struct{ from, to, sent, received int }
	known := map[place]int{}
	for _, m := range c.t.Messages {
		from, to := c.ends(m)
		if from < 0 || to < 0 {
			lost++
			continue
		}
		at := place{from, to, c.scale.column(m.Sent) / step, c.scale.column(m.Received) / step}
		i, ok := known[at]
		if !ok {
			if len(all) == c.detail.messages {
				lost, full = lost+1, true
				continue
			}
			i = len(all)
			known[at] = i
			all = append(all, arrow{from: from, to: to, x: c.at(m.Sent), until: c.at(m.Received), sent: m.Sent, taken: m.Received})
		}
		if all[i].n++; len(all[i].texts) < c.detail.texts && m.Text != "" {
			all[i].texts = append(all[i].texts, cut(m.Text, c.detail.text))
		}
	}
	return all, lost, full
}

// manyArrows is how many arrows stand back, so that what is behind them can be seen.
const manyArrows = 100

// drawMessages draws the arrows.
func (c *canvas) drawMessages() {
	all, lost := c.arrows()
	if lost > 0 {
		c.hidden = append(c.hidden, counted(lost, "more message"))
	}
	k := c.t.clock()
	for _, a := range all {
		c.used[sampleMessage] = true
		title := c.t.Lanes[a.from].Name + " → " + c.t.Lanes[a.to].Name
		if len(a.texts) > 0 {
			title += ": " + strings.Join(a.texts, "; ")
		}
		if a.n > 1 {
			title += " (" + counted(a.n, "message") + ")"
		}
		title += ", sent " + k.at(a.sent) + ", received " + k.at(a.taken)
		class := c.color(a.from)
		if len(all) > manyArrows {
			class += " faint"
		}
		c.p.Begin(class, title)
		c.drawArrow(a)
		c.p.End()
	}
}

// drawArrow draws one arrow from the edge of one bar to that of the other; a message to oneself is an arch above the bar.
func (c *canvas) drawArrow(a arrow) {
	y, end := c.rows[a.from], c.rows[a.to]
	var line svg.Path
	switch {
	case a.from < a.to:
		y += barHeight
	case a.from > a.to:
		end += barHeight
	default:
		line.Move(a.x, y)
		line.Line(a.x, y-5)
		line.Line(a.until, y-5)
		c.p.Path("line thick", &line)
		c.drawHead(a.until, y-5, a.until, end)
		return
	}
	line.Move(a.x, y)
	line.Line(a.until, end)
	c.p.Path("line", &line)
	c.drawHead(a.x, y, a.until, end)
}

// drawHead draws the head of an arrow from x, y to a point.
func (c *canvas) drawHead(x, y, toX, toY float64) {
	length := math.Hypot(toX-x, toY-y)
	if length == 0 {
		return
	}
	dx, dy := (toX-x)/length, (toY-y)/length
	const long, half = 7.0, 3.5
	var head svg.Path
	head.Move(toX, toY)
	head.Line(toX-long*dx-half*dy, toY-long*dy+half*dx)
	head.Line(toX-long*dx+half*dy, toY-long*dy-half*dx)
	head.Close()
	c.p.Path("fill", &head)
}

// cut returns at most n characters of a text.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
