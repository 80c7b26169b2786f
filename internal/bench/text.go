package bench

import (
	"fmt"
	"strings"
)

// Quantity is a figure with three digits and a unit that people read.
func Quantity(v float64, unit string) string {
	units := []string{"ns", "µs", "ms", "s"}
	if unit == "B" {
		units = []string{"B", "KB", "MB", "GB"}
	}
	for v >= 999.5 && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	return threeDigits(v) + " " + units[0]
}

// threeDigits writes v with three digits at least.
func threeDigits(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// Text is the median of a spread for people, "–" if there is none.
func (s *Spread) Text(unit string) string {
	if s == nil {
		return "–"
	}
	return Quantity(s.Median, unit)
}

// Ends are the least and the most in brackets, "" if they are the same to three digits.
func (s *Spread) Ends(unit string) string {
	if s == nil {
		return ""
	}
	least, most := Quantity(s.Least, unit), Quantity(s.Most, unit)
	if least == most {
		return ""
	}
	number, of, _ := strings.Cut(least, " ")
	if strings.HasSuffix(most, " "+of) {
		least = number
	}
	return "(" + least + "–" + most + ")"
}

// RatioText is Python's figure to Go's: one number, or a range where the spreads are wide; "–" where there is no ratio.
func (f Finding) RatioText() string {
	switch {
	case f.Ratio == nil:
		return "–"
	case *f.High / *f.Low > nearly:
		return threeFigures(*f.Low) + " to " + threeFigures(*f.High)
	}
	return threeFigures(*f.Ratio)
}

// Remark says why a row has no ratio; "" if it has one.
func (r Row) Remark() string {
	switch {
	case r.Missing != "":
		return r.Missing
	case r.Python == nil && r.Headline != "":
		return r.Headline
	}
	return r.NoRatio
}
