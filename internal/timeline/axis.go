package timeline

import (
	"math"
	"strconv"
	"time"

	"cookbook/internal/terminal"
)

// axis writes the times, at round ones.
func (d *drawing) axis() {
	unit, name := time.Millisecond, " ms"
	switch {
	case d.t.Steps:
		name = " steps"
	case d.t.End >= time.Second:
		unit, name = time.Second, " s"
	}
	step, decimals := roundStep(float64(d.t.End) / float64(unit) / float64(d.cells) * 10)
	if d.t.Steps && decimals > 0 {
		step, decimals = 1, 0
	}
	times, rule := d.blank(), d.blank()
	line, tick := '─', '┬'
	if d.part {
		line, tick = '═', '╤'
	}
	for i := range rule {
		rule[i] = cell{line, terminal.Dim}
	}
	for i := 0; ; i++ {
		at := float64(i) * step
		column := int(math.Round(at * float64(unit) / float64(d.t.End) * float64(d.cells)))
		text := strconv.FormatFloat(at, 'f', decimals, 64)
		if i == 0 {
			text = "0" + name
		}
		if column+terminal.Width(text) > d.cells {
			break
		}
		write(times[column:], text, terminal.Dim)
		rule[column].glyph = tick
	}
	d.line("", "", 0, times)
	d.line("", "", 0, rule)
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
