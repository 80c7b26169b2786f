package timeline

import (
	"math"
	"strconv"
	"time"

	"cookbook/internal/terminal"
)

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

// roundStep returns the smallest of 1, 2 and 5 times a power of ten that is at least x, and its decimals.
func roundStep(x float64) (step float64, decimals int) {
	power := math.Floor(math.Log10(x))
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * math.Pow(10, power); step >= x*(1-1e-9) {
			if m == 10 {
				power++
			}
			break
		}
	}
	return step, max(0, -int(power))
}

// axis writes the times, at round ones, and how long those stretches took that are drawn shorter.
func (d *drawing) axis() {
	times, rule := d.blank(), d.blank()
	line, tick := '─', '┬'
	if d.part {
		line, tick = '═', '╤'
	}
	for i := range rule {
		rule[i] = cell{line, terminal.Dim}
	}
	free := 0
	put := func(column int, text string) {
		if column >= free && column+terminal.Width(text) <= d.cells {
			write(times[column:], text, terminal.Dim)
			free = column + terminal.Width(text) + 1
		}
	}
	marks := d.t.marks(d.scale, 10)
	for _, p := range d.scale.pieces {
		for len(marks) > 0 && marks[0].at <= p.to && !p.quiet {
			if column := int(math.Round(d.scale.position(marks[0].at))); column < d.cells {
				rule[column].glyph = tick
				put(column, marks[0].text)
			}
			marks = marks[1:]
		}
		if p.quiet {
			from, to, text := int(math.Round(p.at)), int(math.Round(p.end)), "⋯"+length(p.to-p.from, false)+"⋯"
			for i := from; i < to; i++ {
				rule[i].glyph = glyphShort
			}
			put(from+max(0, to-from-terminal.Width(text))/2, text)
			d.used[glyphShort] = true
		}
	}
	d.line("", "", 0, times)
	d.line("", "", 0, rule)
}
