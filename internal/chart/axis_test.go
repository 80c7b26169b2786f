package chart

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// room is what a label takes in these tests: 10 pixels a letter, and 10 between two labels.
func room(label string) float64 { return 10 * float64(utf8.RuneCountInString(label)+1) }

// labels returns the labels of an axis of 600 pixels.
func labels(t *testing.T, base int, values ...float64) string {
	t.Helper()
	a, err := newAxis(values, base, 0)
	if err != nil {
		t.Fatal(err)
	}
	a.to = 600
	var all []string
	last := math.Inf(-1)
	for _, mark := range a.ticks(room) {
		if mark.at < -1e-6 || mark.at > 600+1e-6 {
			t.Errorf("%v: the mark %s is outside, at %v", values, mark.label, mark.at)
		}
		if mark.at-room(mark.label)/2 < last-1e-6 {
			t.Errorf("%v: the mark %s reaches into the one before", values, mark.label)
		}
		last = mark.at + room(mark.label)/2
		all = append(all, mark.label)
	}
	return strings.Join(all, " ")
}

func TestALogarithmicAxisMarksPowersOfTwo(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{1, 8, "1 2 4 8"},
		{1. / 32, 8, "1/32 1/16 1/8 1/4 1/2 1 2 4 8"},
		{0.04, 5, "1/16 1/8 1/4 1/2 1 2 4"},
		{16, 65536, "16 64 256 1024 4096 16384 65536"},
		{1, 1 << 30, "1 16 256 4096 65536 1048576 2²⁴ 2²⁸"},
		{math.Exp2(-1000), math.Exp2(1000), "2⁻⁷⁶⁸ 2⁻⁵¹² 2⁻²⁵⁶ 1 2²⁵⁶ 2⁵¹² 2⁷⁶⁸"},
		{1, 2, "1 2"},
		{1.1, 1.9, "1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9"}, // without two powers of two: round numbers
		{3, 5, "3.0 3.2 3.4 3.6 3.8 4.0 4.2 4.4 4.6 4.8 5.0"},
		{7, 7, "4 8"},
	} {
		if got := labels(t, 2, test.low, test.high); got != test.want {
			t.Errorf("%v to %v: got %s", test.low, test.high, got)
		}
	}
}

func TestALogarithmicAxisMarksPowersOfTen(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{100, 1e6, "100 1000 10000 100000 1000000"},
		{0.05, 2000, "0.1 1 10 100 1000"},
		{1, 1e12, "1 100 10000 1000000 10⁸ 10¹⁰ 10¹²"},
		{1e-300, 1e300, "10⁻²⁵⁶ 10⁻¹²⁸ 1 10¹²⁸ 10²⁵⁶"},
		{2, 9, "2 3 4 5 6 7 8 9"}, // without two powers of ten: round numbers
	} {
		if got := labels(t, 10, test.low, test.high); got != test.want {
			t.Errorf("%v to %v: got %s", test.low, test.high, got)
		}
	}
}

func TestALinearAxisMarksRoundNumbers(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 10, "0 1 2 3 4 5 6 7 8 9 10"},
		{5, 10, "5.0 5.5 6.0 6.5 7.0 7.5 8.0 8.5 9.0 9.5 10.0"},
		{1, 10, "1 2 3 4 5 6 7 8 9 10"},
		{-1, 1, "-1.0 -0.8 -0.6 -0.4 -0.2 0.0 0.2 0.4 0.6 0.8 1.0"},
		{75, 980, "100 200 300 400 500 600 700 800 900"},
		{0, 0.003, "0.0000 0.0005 0.0010 0.0015 0.0020 0.0025 0.0030"},
		{1e9, 1e9 + 100, "1000000000 1000000020 1000000040 1000000060 1000000080 1000000100"},
		{0, 3e12, "0 5e+11 1e+12 1.5e+12 2e+12 2.5e+12 3e+12"},
		{7, 7, "5.5 6.0 6.5 7.0 7.5 8.0 8.5"},
		{0, 0, "-1.0 -0.8 -0.6 -0.4 -0.2 0.0 0.2 0.4 0.6 0.8 1.0"},
		{-1e-7, 3e-7, "-1e-07 -5e-08 0 5e-08 1e-07 1.5e-07 2e-07 2.5e-07 3e-07"},
	} {
		if got := labels(t, 0, test.low, test.high); got != test.want {
			t.Errorf("%v to %v: got %s", test.low, test.high, got)
		}
	}
}

func FuzzAnAxisShowsAnyNumbers(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 5e-324, 1e-300, 1e300, math.MaxFloat64, math.Pi} {
		f.Add(v, 2*v, true)
		f.Add(v, math.Nextafter(v, 2), true)
		f.Add(-v, v, false)
	}
	f.Add(2e-322, 4.45e-322, true)
	f.Fuzz(func(t *testing.T, one, other float64, log2 bool) {
		for _, v := range []float64{one, other} {
			if math.IsNaN(v) || math.IsInf(v, 0) || log2 && v <= 0 {
				t.Skip("refused before there is an axis")
			}
		}
		base := 0
		if log2 {
			base = 2
		}
		checkAxis(t, base, one, other)
		if log2 {
			checkAxis(t, 10, one, other)
		}
	})
}

// checkAxis holds that two numbers and the marks have places in order on an axis.
func checkAxis(t *testing.T, base int, one, other float64) {
	t.Helper()
	a, err := newAxis([]float64{one, other}, base, 0.03)
	if err != nil {
		return
	}
	a.to = 600
	places := []float64{a.at(min(one, other)), a.at(max(one, other))}
	for _, mark := range a.ticks(room) {
		places = append(places, mark.at)
	}
	for _, at := range places {
		if !(at > -1 && at < 601) {
			t.Errorf("%v and %v: places %v", one, other, places)
		}
	}
	if !slices.IsSorted(places[:2]) || !slices.IsSorted(places[2:]) {
		t.Errorf("%v and %v: places %v", one, other, places)
	}
}

func TestNamesAreMovedApart(t *testing.T) {
	for _, test := range []struct{ places, want []float64 }{
		{[]float64{50}, []float64{50}},
		{[]float64{50, 10, 90}, []float64{50, 10, 90}},
		{[]float64{50, 50, 50}, []float64{50, 70, 90}},
		{[]float64{100, 99, 98}, []float64{100, 80, 60}},
		{[]float64{0, 0, 100, 100}, []float64{0, 20, 80, 100}},
		{slices.Repeat([]float64{5}, 10), []float64{5, 15, 25, 35, 45, 55, 65, 75, 85, 95}},
	} {
		if got := apart(test.places, 0, 100, 20); !slices.Equal(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.places, got, test.want)
		}
	}
}
