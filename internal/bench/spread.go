package bench

import (
	"fmt"
	"slices"
	"time"
)

// Spread is what the rounds of a side gave: nanoseconds, or bytes.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// spreadOf returns the spread of some figures, of which there is one at least.
func spreadOf(figures []float64) Spread {
	s := slices.Sorted(slices.Values(figures))
	return Spread{(s[(len(s)-1)/2] + s[len(s)/2]) / 2, s[0], s[len(s)-1]}
}

// Milliseconds is a number of nanoseconds in milliseconds, to the microsecond.
func Milliseconds(ns float64) float64 { return float64(time.Duration(ns).Microseconds()) / 1000 }

// unitOf returns a unit in which a time of so many nanoseconds is easy to read, and how many nanoseconds it has.
func unitOf(ns float64) (unit string, size float64) {
	for _, u := range []struct {
		name string
		size float64
	}{{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}} {
		if ns < 999.5*u.size {
			return u.name, u.size
		}
	}
	return "s", 1e9
}

// inUnit is two times in the unit of the second one: "10 to 30 ms", unless the first one is far smaller.
func inUnit(a float64, between string, b float64) string {
	unit, size := unitOf(b)
	if a > 0 && a < size/20 { // it would be written as 0.0
		return fmt.Sprintf("%s %s %s", Quantity(a, "ns"), between, Quantity(b, "ns"))
	}
	return fmt.Sprintf("%s %s %s %s", short(a/size), between, short(b/size), unit)
}

// short is a number with one decimal place if it is small.
func short(x float64) string {
	if x >= 9.95 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// threeFigures is a number with three figures, or all those before the point.
func threeFigures(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
