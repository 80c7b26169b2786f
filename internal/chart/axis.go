package chart

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// axis turns numbers into places between from and to, in pixels.
type axis struct {
	base      int     // of the powers in which it counts, 2 or 10; 0: it is linear
	low, high float64 // what it shows; exponents of the base if there is one
	from, to  float64
}

// newAxis returns an axis that shows all values, of which there is at least one, with air at both ends: this share of its length.
func newAxis(values []float64, base int, air float64) (axis, error) {
	a := axis{base: base}
	low, high := a.counts(slices.Min(values)), a.counts(slices.Max(values))
	a.low, a.high = low, high
	length := high - low
	size := max(math.Abs(low), math.Abs(high))
	if base > 0 {
		size = max(size, 1) // near the power of 0, equal numbers have unequal logarithms
	}
	switch {
	case length > math.MaxFloat64/4:
		return a, errors.New("numbers so far apart have no common axis")
	case length > 1e-9*size && length > 1e-300:
		a.low, a.high = low-air*length, high+air*length
	case base > 0 || size < 1e-300: // all values are equal, or look so
		a.low, a.high = low-1, high+1
	default:
		a.low, a.high = low-size/4, high+size/4
	}
	return a, nil
}

// counts returns what counts on the axis: the number, or its exponent.
func (a axis) counts(v float64) float64 {
	switch a.base {
	case 2:
		return math.Log2(v)
	case 10:
		return math.Log10(v)
	}
	return v
}

// at returns the place of a number.
func (a axis) at(v float64) float64 { return a.place(a.counts(v)) }

// place returns the place of what counts on the axis: a number, or its exponent.
func (a axis) place(v float64) float64 { return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from) }

type tick struct {
	at    float64
	label string
}

// ticks returns marks at round numbers: at powers of its base on a logarithmic axis, if it has two of them. takes says how much
// room a label needs, in pixels; no label reaches into another's.
func (a axis) ticks(takes func(label string) float64) []tick {
	switch {
	case a.base == 0:
		return a.fit(takes, func(width int) []tick { return a.round(a.low, a.high, width) })
	case math.Floor(a.high) > math.Ceil(a.low):
		return a.fit(takes, a.powers)
	}
	base := float64(a.base)
	low, high := math.Pow(base, a.low), min(math.Pow(base, a.high), math.MaxFloat64)
	return a.fit(takes, func(width int) []tick { return a.round(low, high, width) })
}

// fit returns the closest of ever wider marks whose labels have room.
func (a axis) fit(takes func(label string) float64, marks func(width int) []tick) (fitting []tick) {
	for width := 0; width < 64; width++ {
		fitting = marks(width)
		room := true
		for i := 1; i < len(fitting); i++ {
			gap := math.Abs(fitting[i].at - fitting[i-1].at)
			room = room && gap >= (takes(fitting[i].label)+takes(fitting[i-1].label))/2
		}
		if room {
			return fitting
		}
	}
	return fitting[:1]
}

// powers marks every power of the base, or every second, fourth, eighth, …
func (a axis) powers(width int) (marks []tick) {
	step := math.Exp2(float64(width))
	for e := math.Ceil(a.low/step) * step; e <= a.high; e += step {
		marks = append(marks, tick{a.place(e), a.power(int(e))})
	}
	return marks
}

// power prints the base to the power of e.
func (a axis) power(e int) string {
	long := 20 // longer powers of two are hard to read
	if a.base == 10 {
		long = 6
	}
	switch {
	case e < -long || e > long:
		return strconv.Itoa(a.base) + strings.Map(func(r rune) rune {
			if r == '-' {
				return '⁻'
			}
			return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0']
		}, strconv.Itoa(e))
	case e < 0 && a.base == 2:
		return "1/" + strconv.Itoa(1<<-e)
	}
	return strconv.FormatFloat(math.Pow(float64(a.base), float64(e)), 'f', -1, 64)
}

// round marks the multiples of 1, 2 or 5 times a power of ten from low to high: about 50 with width 0, fewer with each wider one.
func (a axis) round(low, high float64, width int) (marks []tick) {
	exponent := int(math.Floor(math.Log10((high-low)/50))) + width/3
	step := []float64{1, 2, 5}[width%3] * math.Pow10(exponent)
	if step == 0 || math.IsInf(step, 0) { // among the least and the most of all numbers are no round ones
		return nil
	}
	const slack = 1e-9 // the ends have been through a logarithm, and a mark there should not be lost
	first, last := math.Ceil(low/step-slack), math.Floor(high/step+slack)
	if a.base > 0 {
		first = max(first, 1) // 0 has no place there
	}
	most := max(math.Abs(first), math.Abs(last))
	for i := range int(last-first) + 1 {
		v := (first+float64(i))*step + 0 // + 0 makes 0 of -0
		label := strconv.FormatFloat(v, 'f', max(0, -exponent), 64)
		if exponent < -6 || most*step >= 1e9 { // too many zeros; precise enough to tell neighbours apart
			label = strconv.FormatFloat(v, 'g', int(math.Log10(max(most*5, 1)))+2, 64)
		}
		marks = append(marks, tick{a.at(v), label})
	}
	return marks
}

// short prints a measurement with the three digits that can be trusted.
func short(v float64) string {
	if math.Abs(v) >= 1000 && math.Abs(v) < 1e9 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
