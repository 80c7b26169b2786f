package bench

import (
	"math"
	"strings"
	"testing"
)

func TestHeadlineIsHonest(t *testing.T) {
	type timed struct {
		spread  Spread
		startup float64
	}
	side := func(low, mid, high, startup float64) timed { // in milliseconds
		return timed{Spread{Least: low * 1e6, Median: mid * 1e6, Most: high * 1e6}, startup * 1e6}
	}
	for _, tt := range []struct {
		name           string
		python, golang timed
		times          int
		why, more      string
		want           string
		ratio          float64 // 0 if there is none
	}{
		{"narrow", side(41, 42, 43, 1), side(1, 1, 1, 0), 5, "", "", "Go is 42 × faster (python/go = 42)", 42},
		{"large", side(1200, 1234, 1250, 1), side(1, 1, 1, 0), 5, "", "", "Go is 1234 × faster (python/go = 1234)", 1234},
		{"slower", side(1, 1, 1, 0.1), side(3.9, 4, 4.1, 0.1), 5, "", "", "Go is 4.0 × slower (python/go = 0.25)", 0.25},
		{"a wide spread", side(40, 60, 80, 1), side(4, 5, 8, 1), 5, "", "", "Go is 5.0 to 20 × faster (python/go = 5 to 20)", 12},
		{"wide and slower", side(4, 5, 8, 1), side(40, 60, 80, 1), 5, "", "", "Go is 5.0 to 20 × slower (python/go = 0.05 to 0.2)", 5.0 / 60},
		{"the spread swallows it", side(10, 15, 30, 1), side(8, 10, 12, 1), 5, "", "",
			"no ratio: the spreads overlap: Python 10 to 30 ms, Go 8.0 to 12 ms; see --times", 0},
		{"far apart", side(10, 15, 20, 1), side(0.002, 8, 1200, 1), 5, "", "",
			"no ratio: the spreads overlap: Python 10 to 20 ms, Go 2.00 µs to 1.20 s; see --times", 0},
		{"equal, but who can tell", side(10, 15, 30, 1), side(10, 15, 30, 1), 5, "", "",
			"no ratio: the spreads overlap: Python 10 to 30 ms, Go 10 to 30 ms; see --times", 0},
		{"equal", side(10, 10, 10, 1), side(10, 10, 10, 1), 5, "", "", "Go and Python take the same (python/go = 1.00)", 1},
		{"one run", side(20, 20, 20, 1), side(10, 10, 10, 1), 1, "", "", "Go is 2.0 × faster (python/go = 2), but one run shows no spread: see --times", 2},
		{"Go hardly begins", side(60, 65, 70, 30), side(4, 4.1, 4.2, 4), 5, "", "cookbook compare ch2.lock -- --count 7",
			"mostly start-up: Python 30 of 65 ms, Go 4.0 of 4.1 ms; give both more to do: cookbook compare ch2.lock -- --count 7", 0},
		{"Python hardly begins", side(60, 65, 70, 35), side(30, 31, 32, 4), 5, "", "", "mostly start-up: Python 35 of 65 ms, Go 4.0 of 31 ms", 0},
		{"half is most", side(60, 60, 60, 30), side(30, 30, 30, 4), 5, "", "", "mostly start-up: Python 30 of 60 ms, Go 4.0 of 30 ms", 0},
		{"the start-up of its own was slower", side(60, 65, 70, 80), side(30, 31, 32, 4), 5, "", "", "mostly start-up: Python 65 of 65 ms, Go 4.0 of 31 ms", 0},
		{"below half", side(60, 60, 60, 29), side(20, 20, 20, 4), 5, "", "", "Go is 3.0 × faster (python/go = 3)", 3},
		{"other work", side(60, 65, 70, 35), side(8, 8, 8, 4), 5, "Go does half of it", "--count 7", "no ratio: Go does half of it", 0},
		{"too fast for the clock", side(0, 0, 0, 0), side(0, 0, 0, 0), 5, "", "", "mostly start-up: Python 0.0 of 0.0 ns, Go 0.0 of 0.0 ns", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Judge(Evidence{Python: tt.python.spread, Go: tt.golang.spread, PythonStart: tt.python.startup, GoStart: tt.golang.startup,
				Rounds: tt.times, OtherWork: tt.why, MoreWork: tt.more, RoundsFlag: "--times"})
			if got.Headline != tt.want {
				t.Errorf("got %q, want %q", got.Headline, tt.want)
			}
			if tt.ratio == 0 && (got.Ratio != nil || got.Low != nil || got.High != nil || got.NoRatio == "" || !strings.Contains(got.Headline, got.NoRatio)) {
				t.Errorf("want no ratio and why, got %+v", got)
			}
			if tt.ratio != 0 && (got.Ratio == nil || math.Abs(*got.Ratio/tt.ratio-1) > 1e-9 || *got.Low > tt.ratio || *got.High < tt.ratio || got.NoRatio != "") {
				t.Errorf("want the ratio %v, got %+v", tt.ratio, got)
			}
		})
	}
}
