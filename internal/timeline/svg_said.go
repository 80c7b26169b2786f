package timeline

import (
	"strings"
	"time"

	"cookbook/internal/svg"
)

// pin is lines of one lane that were said at about the same time.
type pin struct {
	x     float64
	at    time.Duration
	texts []string
	n     int
}

// pins are the lines of a lane.
func (c *canvas) pins(l Lane) []pin {
	var all []pin
	for i, at := range l.Lines {
		x := c.at(at)
		if n := len(all); n == 0 || x-all[n-1].x > 2*max(1, c.detail.grain) {
			all = append(all, pin{x: x, at: at})
		}
		p := &all[len(all)-1]
		if p.n++; len(p.texts) < c.detail.texts && l.text(i) != "" {
			p.texts = append(p.texts, cut(l.text(i), c.detail.text))
		}
	}
	return all
}

// caption is what is written beside a pin; "" if it has no room.
type caption struct {
	text  string
	class string
	x     float64
}

// captions are what is written beside the pins: behind each one, or, if it has no room there, before it, or at least in what it differs
// from its neighbours.
func captions(all []pin, left float64) []caption {
	const gap, few = 6.0, 36.0
	captions := make([]caption, len(all))
	free := left
	for i, p := range all {
		if len(p.texts) == 0 {
			free = p.x + gap
			continue
		}
		text, same := p.texts[0], commonWords(all, i)
		if p.n > 1 {
			text += " (+" + counted(p.n-1, "line") + ")"
		}
		width := svg.Width(text, smallSize)
		least := min(width, max(0.6*width, 120))
		behind, before := canvasWidth-margin/2-p.x-gap, p.x-gap-free
		if i+1 < len(all) {
			behind = all[i+1].x - p.x - 2*gap
		}
		switch {
		case behind >= width || behind >= least && behind >= before:
			captions[i] = caption{svg.Fit(text, smallSize, behind), "small halo", p.x + gap}
			free = p.x + gap + min(width, behind)
		case before >= least:
			captions[i] = caption{svg.Fit(text, smallSize, before), "small halo end", p.x - gap}
			free = p.x + gap
		case len(same) > 0 && behind >= few:
			captions[i] = caption{svg.Fit("…"+text[len(same):], smallSize, behind), "small halo", p.x + gap}
			free = p.x + gap + behind
		default:
			free = p.x + gap
		}
	}
	return captions
}

// commonWords are the words with which line i begins as the one before it, or as the one behind it.
func commonWords(all []pin, i int) (same string) {
	for _, other := range []int{i - 1, i + 1} {
		if other < 0 || other >= len(all) || len(all[other].texts) == 0 {
			continue
		}
		a, b, n := all[i].texts[0], all[other].texts[0], 0
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		words := a[:strings.LastIndexByte(a[:n], ' ')+1]
		if call := strings.LastIndexByte(a[:n], '('); call > len(words) {
			words = a[:call]
		}
		if len(words) > len(same) {
			same = words
		}
	}
	return same
}

// speaks reports whether some text of a lane's lines has room.
func (c *canvas) speaks(l Lane) bool {
	for _, k := range captions(c.pins(l), c.left) {
		if k.text != "" {
			return true
		}
	}
	return false
}

// drawSaid draws the lines that were said, above everything else.
func (c *canvas) drawSaid() {
	k := c.t.clock()
	for i, l := range c.t.Lanes {
		if !c.shown[i] {
			continue
		}
		bar, all := c.rows[i], c.pins(l)
		beside := captions(all, c.left)
		for j, p := range all {
			c.used[sampleLine] = true
			title := l.Name + " says " + counted(p.n, "line")
			if len(p.texts) > 0 {
				title = l.Name + ": " + strings.Join(p.texts, " ⏎ ")
				if more := p.n - len(p.texts); more > 0 {
					title += " and " + counted(more, "more line")
				}
			}
			c.p.Begin("", title+", "+k.at(p.at))
			c.p.Line("line", p.x, bar-3, p.x, bar+barHeight)
			var dot svg.Path
			dot.Circle(p.x, bar-4, 3.5)
			c.p.Path("mark", &dot)
			if k := beside[j]; k.text != "" {
				c.p.Text(k.class, k.x, bar-4, k.text)
			}
			c.p.End()
		}
	}
}
