package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
)

// finding is what a comparison comes to. There is a ratio, or a reason why there is none.
type finding struct {
	Ratio    *float64 `json:"ratio"`              // of the medians, Python's to Go's
	Low      *float64 `json:"ratio_low"`          // of Python's shortest run to Go's longest
	High     *float64 `json:"ratio_high"`         // of Python's longest run to Go's shortest
	NoRatio  string   `json:"no_ratio,omitempty"` // why
	Headline string   `json:"headline"`
}

// judge compares the times of the two sides. The string why says why their work was not the same, and is empty if it was; more says what
// to type so that both have more to do, if that is known.
func judge(python, golang measured, times int, why, more string) finding {
	ratio, low, high := over(python.Median, golang.Median), over(python.Min, golang.Max), over(python.Max, golang.Min)
	switch {
	case why != "":
		return finding{NoRatio: why, Headline: "no ratio: " + why}
	case mostlyStartup(python) || mostlyStartup(golang):
		why = fmt.Sprintf("mostly start-up: Python %s, Go %s", startupOf(python), startupOf(golang))
		if more != "" {
			why += "; give both more to do: " + more
		}
		return finding{NoRatio: why, Headline: why}
	case low <= 1 && high >= 1 && (low < 1/nearly || high > nearly):
		why = fmt.Sprintf("the spreads overlap: Python %s to %s ms, Go %s to %s ms; see --times",
			short(python.Min), short(python.Max), short(golang.Min), short(golang.Max))
		return finding{NoRatio: why, Headline: "no ratio: " + why}
	}
	v := finding{Ratio: &ratio, Low: &low, High: &high}
	word, least, most := "faster", low, high
	if ratio < 1 {
		word, least, most = "slower", 1/high, 1/low
	}
	switch {
	case ratio > 1/1.05 && ratio < 1.05:
		v.Headline = fmt.Sprintf("Go and Python take the same time (python/go = %.2f)", ratio)
	case most/least > nearly:
		v.Headline = fmt.Sprintf("Go is %s to %s × %s (python/go = %s to %s)", short(least), short(most), word, figures(low), figures(high))
	default:
		v.Headline = fmt.Sprintf("Go is %s × %s (python/go = %s)", short(max(ratio, 1/ratio)), word, figures(ratio))
	}
	if times == 1 {
		v.Headline += ", but one run shows no spread: see --times"
	}
	return v
}

// nearly is the factor by which the ends of a range differ that is given as one number.
const nearly = 1.25

// over is a/b. A time of 0 is one that the clock could not tell from it.
func over(a, b float64) float64 { return max(a, 0.001) / max(b, 0.001) }

// mostlyStartup reports whether half of the time or more goes by before the program begins.
func mostlyStartup(m measured) bool { return 2*m.Startup >= m.Median }

func startupOf(m measured) string {
	return fmt.Sprintf("%s of %s ms", short(min(m.Startup, m.Median)), short(m.Median))
}

// short is a number with one decimal place if it is small.
func short(x float64) string {
	if x >= 9.95 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

// figures is a number with three figures, or all those before the point.
func figures(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

// otherWork says how the lines of the two sides show that they did not do the same work, "" if they do not show it. Their order
// does not matter, because free lines may come in any.
func otherWork(e catalog.Entry, args, python, golang []string) (string, error) {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true // such as --seed, which is not the recipe's own
	e.Declare(flags)
	if err := flags.Parse(args); err != nil {
		return "", usagef("%w", err)
	}
	promise, err := e.Promise(flags)
	if err != nil {
		return "", err
	}
	d := promise.Difference(python, golang)
	switch {
	case d == nil:
		return "", nil
	case d.Second == "":
		return fmt.Sprintf("not the same work: Python prints %d lines, Go %d; only Python has: %s", d.Lines[0], d.Lines[1], oneOf(d.First)), nil
	case d.First == "":
		return fmt.Sprintf("not the same work: Python prints %d lines, Go %d; only Go has: %s", d.Lines[0], d.Lines[1], oneOf(d.Second)), nil
	}
	return fmt.Sprintf("not the same work: Python prints: %s; Go: %s", oneOf(d.First), oneOf(d.Second)), nil
}

// oneOf is a line as it is quoted.
func oneOf(line string) string { return strings.Join(strings.Fields(line), " ") }
