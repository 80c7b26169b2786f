package chart

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/golden"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func line(name string, coordinates ...float64) Line {
	l := Line{Name: name}
	for i := 0; i < len(coordinates); i += 2 {
		l.Points = append(l.Points, Point{X: coordinates[i], Y: coordinates[i+1]})
	}
	return l
}

// threads is a chart as ch2.performance draws it.
func threads() Chart {
	ideal := line("ideal: n threads, n times", 1, 1, 8, 8)
	ideal.Guide = true
	return Chart{Title: "What threads gain", X: "threads", Y: "times as fast as without threads", Log2: true, Lines: []Line{
		ideal, line("nothing", 1, 0.1, 2, 0.045, 4, 0.05, 8, 0.04), line("fibonacci", 1, 0.95, 2, 1.8, 4, 2, 8, 1.6),
		line("file", 1, 1.2, 2, 1.6, 4, 1.7, 8, 1.9), line("http", 1, 1, 2, 1.8, 4, 3.4, 8, 5),
	}}
}

// latencies is a chart with linear axes and spread.
func latencies() Chart {
	queue := Line{Name: "queue", Points: []Point{{0, 75, 70, 90}, {250, 120, 110, 180}, {1000, 465, 420, 610}}}
	pipe := Line{Name: "pipe", Points: []Point{{0, 656, 610, 700}, {250, 690, 650, 800}, {1000, 820, 700, 980}}}
	return Chart{Title: "What a message costs", X: "bytes in a message", Y: "ns per message", Lines: []Line{queue, pipe}}
}

func text(t *testing.T, c Chart) string {
	t.Helper()
	picture, err := c.draw()
	if err != nil {
		t.Fatal(err)
	}
	b, err := picture.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		if _, err := d.Token(); err == io.EOF {
			return string(b)
		} else if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
	}
}

func TestChartsLookAsApproved(t *testing.T) {
	golden.Compare(t, "threads.svg", text(t, threads()))
	golden.Compare(t, "latencies.svg", text(t, latencies()))
}

func TestSaveWritesTheChart(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.svg")
	if err := threads().Save(name); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != text(t, threads()) {
		t.Errorf("the file holds %s", b)
	}
	if err := threads().Save(filepath.Join(t.TempDir(), "a.png")); err == nil || !strings.Contains(err.Error(), "name a .svg file") {
		t.Errorf("a PNG: got %v", err)
	}
}

func TestChartsBelowOneAnotherAreOnePicture(t *testing.T) {
	second := latencies()
	second.Log10 = true
	second.Lines = []Line{line("n log n", 10, 1, 100, 20, 1000, 300)}
	name := filepath.Join(t.TempDir(), "a.svg")
	if err := SaveAll(name, "both", threads(), second); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`height="1120"`, "<title>both</title>", "What threads gain: Line chart of", "both in powers of ten. n log n: 1 at 10, 300 at 1000."} {
		if !strings.Contains(string(b), want) {
			t.Errorf("there is no %q in it", want)
		}
	}
	if _, ys := places(string(b)); slices.Max(ys) < height || slices.Max(ys) > 2*height {
		t.Errorf("the lowest place is %v", slices.Max(ys))
	}
	second.Lines = nil
	if err := SaveAll(name, "both", threads(), second); err == nil {
		t.Error("a chart without lines was drawn")
	}
	if err := SaveAll(name, "none"); err == nil {
		t.Error("no chart was drawn")
	}
}

func TestAChartIsToldInWords(t *testing.T) {
	c := threads()
	c.Lines = c.Lines[1:2]
	want := "Line chart of times as fast as without threads (upwards) over threads (to the right), both in powers of two." +
		" nothing: 0.1 at 1, 0.04 at 8."
	if got := c.about(); got != want {
		t.Errorf("got %q", got)
	}
}

func TestHostileNamesStayText(t *testing.T) {
	const hostile = "</text><script>\x1b[31m\u202e\"&\xff"
	c := threads()
	c.Title, c.X, c.Y, c.Lines[0].Name, c.Lines[1].Name = hostile, hostile, hostile, hostile, strings.Repeat(hostile, 100)
	got := text(t, c)
	for _, bad := range []string{"<script", "\x1b", "\u202e"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is in the picture", bad)
		}
	}
}

func TestNumbersThatCannotBeDrawnAreErrors(t *testing.T) {
	for _, test := range []struct {
		want  string
		spoil func(*Chart)
	}{
		{`point 2 of the line "http" has a number of 0 or below`, func(c *Chart) { c.Lines[4].Points[1].Y = 0 }},
		{`point 1 of the line "http" has a number of 0 or below`, func(c *Chart) { c.Lines[4].Points[0].X = -1 }},
		{`point 1 of the line "file" has a number of 0 or below`, func(c *Chart) { c.Lines[3].Points[0].High = 7 }},
		{`point 1 of the line "file" lies outside its spread`, func(c *Chart) { c.Lines[3].Points[0] = Point{1, 1, 2, 3} }},
		{`not at a finite place`, func(c *Chart) { c.Lines[0].Points[0].Y = math.NaN() }},
		{`not at a finite place`, func(c *Chart) { c.Lines[0].Points[0].X = math.Inf(1) }},
		{`no common axis`, func(c *Chart) { c.Log2, c.Lines[0].Points[0].X, c.Lines[0].Points[1].X = false, -1e308, 1e308 }},
		{`"http" has no points`, func(c *Chart) { c.Lines[4].Points = nil }},
		{`without lines`, func(c *Chart) { c.Lines = nil }},
	} {
		c, name := threads(), filepath.Join(t.TempDir(), "a.svg")
		test.spoil(&c)
		if err := c.Save(name); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%q: and yet a file was written", test.want)
		}
	}
}

// places are the coordinates in a picture, across and down.
func places(picture string) (xs, ys []float64) {
	body := picture[strings.Index(picture, "</style>"):]
	for _, n := range regexp.MustCompile(`[ML](-?[0-9.]+) (-?[0-9.]+)|(?:x|x1|x2)="(-?[0-9.]+)" (?:y|y1)="(-?[0-9.]+)"`).FindAllStringSubmatch(body, -1) {
		for i, text := range n[1:] {
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case err != nil: // of the other form
			case i%2 == 0:
				xs = append(xs, v)
			default:
				ys = append(ys, v)
			}
		}
	}
	return xs, ys
}

func TestEveryNumberHasItsPlaceInThePicture(t *testing.T) {
	for name, points := range map[string][]float64{
		"one point":             {3, 4},
		"one point at zero":     {0, 0},
		"equal values":          {1, 5, 2, 5, 3, 5},
		"nearly equal values":   {1, 5, 2, math.Nextafter(5, 6)},
		"values below zero":     {-3, -4, -2, -1},
		"tiny values":           {1, 5e-324, 2, 1e-300},
		"huge values":           {1, 1e300, 2, 1e307},
		"values far from zero":  {1e9, 1e9, 1e9 + 1, 1e9 + 100},
		"values of every size":  {1e-9, 1e-200, 1, 1, 1e9, 1e200},
		"values within a power": {1.1, 1.2, 1.3, 1.4},
	} {
		for _, log2 := range []bool{false, true} {
			if log2 && slices.Min(points) <= 0 {
				continue
			}
			xs, ys := places(text(t, Chart{Title: "a", X: "b", Y: "c", Log2: log2, Lines: []Line{line("d", points...)}}))
			if len(xs) < 5 || slices.Min(xs) < 0 || slices.Max(xs) > width {
				t.Errorf("%s: %d places across, from %v to %v", name, len(xs), slices.Min(xs), slices.Max(xs))
			}
			if len(ys) < 5 || slices.Min(ys) < 0 || slices.Max(ys) > height {
				t.Errorf("%s: %d places down, from %v to %v", name, len(ys), slices.Min(ys), slices.Max(ys))
			}
		}
	}
}
