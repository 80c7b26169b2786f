package bench

import "fmt"

// Finding is what a contest comes to. There is a ratio, or a reason why there is none.
type Finding struct {
	Ratio    *float64 `json:"ratio"`              // of the medians, Python's to Go's
	Low      *float64 `json:"ratio_low"`          // of Python's least to Go's most
	High     *float64 `json:"ratio_high"`         // of Python's most to Go's least
	NoRatio  string   `json:"no_ratio,omitempty"` // why
	Headline string   `json:"headline"`
}

// Evidence is what [Judge] is told.
type Evidence struct {
	Python, Go           Spread
	PythonStart, GoStart float64 // what the start-up of a process takes of the medians; 0: it is no part of them
	Rounds               int
	OtherWork            string // why the sides did not do the same work; "" if they did
	MoreWork             string // what to type so that both have more to do, if that is known
	RoundsFlag           string // the flag that gives more rounds
	InBytes              bool   // and not in nanoseconds
}

// nearly is the factor by which the ends of a range differ that is given as one number.
const nearly = 1.25

// Judge returns the ratio of two spreads. There is none where the sides did other work, where start-up is half of a time or more,
// and where the spreads overlap.
func Judge(e Evidence) Finding {
	python, golang := e.Python, e.Go
	ratio, low, high := over(python.Median, golang.Median), over(python.Least, golang.Most), over(python.Most, golang.Least)
	switch {
	case e.OtherWork != "":
		return Finding{NoRatio: e.OtherWork, Headline: "no ratio: " + e.OtherWork}
	case 2*e.PythonStart >= python.Median || 2*e.GoStart >= golang.Median:
		why := fmt.Sprintf("mostly start-up: Python %s, Go %s", startupOf(e.PythonStart, python), startupOf(e.GoStart, golang))
		if e.MoreWork != "" {
			why += "; give both more to do: " + e.MoreWork
		}
		return Finding{NoRatio: why, Headline: why}
	case low <= 1 && high >= 1 && (low < 1/nearly || high > nearly):
		why := fmt.Sprintf("the spreads overlap: Python %s, Go %s; see %s",
			e.ends(python), e.ends(golang), e.RoundsFlag)
		return Finding{NoRatio: why, Headline: "no ratio: " + why}
	}
	f := Finding{Ratio: &ratio, Low: &low, High: &high}
	words := [2]string{"faster", "slower"}
	if e.InBytes {
		words = [2]string{"smaller", "larger"}
	}
	word, least, most := words[0], low, high
	if ratio < 1 {
		word, least, most = words[1], 1/high, 1/low
	}
	switch {
	case ratio > 1/1.05 && ratio < 1.05:
		f.Headline = fmt.Sprintf("Go and Python take the same (python/go = %.2f)", ratio)
	case most/least > nearly:
		f.Headline = fmt.Sprintf("Go is %s to %s × %s (python/go = %s to %s)", short(least), short(most), word, threeFigures(low), threeFigures(high))
	default:
		f.Headline = fmt.Sprintf("Go is %s × %s (python/go = %s)", short(max(ratio, 1/ratio)), word, threeFigures(ratio))
	}
	if e.Rounds == 1 {
		f.Headline += ", but one run shows no spread: see " + e.RoundsFlag
	}
	return f
}

// ends are the least and the most of a spread.
func (e Evidence) ends(s Spread) string {
	if e.InBytes {
		return Quantity(s.Least, "B") + " to " + Quantity(s.Most, "B")
	}
	return inUnit(s.Least, "to", s.Most)
}

// over is a/b. A time of 0 is one that the clock could not tell from it.
func over(a, b float64) float64 { return max(a, 1e-3) / max(b, 1e-3) }

// startupOf says how much of a time is start-up.
func startupOf(start float64, s Spread) string { return inUnit(min(start, s.Median), "of", s.Median) }
