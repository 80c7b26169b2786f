package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var grown = []section{
	{"Lines", "lines", []growing{
		{"say", scaled("internal/x", "say it", ""), 1, false, ""},
		{"compare", scaled("internal/x", "compare", ""), 1, false, "it looks at all pairs"},
	}},
	{"Vectors", "bytes", []growing{
		{"send", scaled("internal/x", "send", ""), 1, false, ""},
		{"apply", scaled("internal/y", "apply", "1x"), 0, false, ""},
		{"barrier", scaled("internal/y", "barrier", "1x"), 1, true, ""},
	}},
}

// growth plays benchmarks whose costs are what these functions say.
func growth() *stand {
	said := ""
	costs := map[string]func(n float64) float64{
		"say_it/lines":    func(n float64) float64 { return 5 * n },
		"compare/lines":   func(n float64) float64 { return n * n },
		"send/bytes":      func(n float64) float64 { return 1000 + n },
		"apply/bytes":     func(float64) float64 { return 7000 },
		"barrier/bytes":   func(n float64) float64 { return map[bool]float64{true: 1, false: 300 * n}[n < 1000] },
		"a_third/threads": func(n float64) float64 { return n },
	}
	for _, n := range []float64{10000, 1024, 1_000_000} {
		for name, cost := range costs {
			said += fmt.Sprintf("BenchmarkScale/%s=%.0f# 1 %g ns/op\n", name, n, cost(n))
		}
	}
	return &stand{benchmarks: []string{said}}
}

func scaleOf(t *testing.T, m *stand, args ...string) (string, error) {
	t.Helper()
	o, err := parseOptions(append([]string{"scale"}, args...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = runScale(t.Context(), o, grown, m.machine(nil), &out)
	return out.String(), err
}

func TestTheSlopeIsSaidAndWhatIsFasterThanTheWorkIsMarked(t *testing.T) {
	got, err := scaleOf(t, growth(), "--only", "say|compare|send|apply")
	if err != nil {
		t.Fatal(err)
	}
	want := `
LINES, lines     1024    10000  1000000  SLOPE  AT THE END  WORK
say           5.12 µs  50.0 µs  5.00 ms   1.00        1.00     1
compare       1.05 ms   100 ms   1000 s   2.00        2.00     1  ▲

VECTORS, bytes    1 KiB  10000 B  1000000 B  SLOPE  AT THE END  WORK
send            2.02 µs  11.0 µs    1.00 ms   0.91        0.91     1
apply           7.00 µs  7.00 µs    7.00 µs   0.00        0.00     0

▲ The cost grows faster than the work:
Lines: compare,
  because: it looks at all pairs.
`
	if _, tables, _ := strings.Cut(got, "how the work grows.\n"); tables != want {
		t.Errorf("got:\n%s\nwant:\n%s", tables, want)
	}
}

func TestRanksWithACoreEachDoNotCountForTheSlope(t *testing.T) {
	points := map[int][]float64{1: {1}, 2: {2}, 4: {100}, 8: {200}, 16: {400}}
	for ranks, want := range map[bool]float64{true: 1, false: 2.4} {
		c := growing{ranks: ranks, work: 1}.curve(section{}, points, 2)
		if math.Abs(*c.Slope-want) > 0.1 || c.Faster == ranks {
			t.Errorf("ranks %v: slope %v, faster %v", ranks, *c.Slope, c.Faster)
		}
	}
}

func TestTwoSizesMakeNoEndAndNoMark(t *testing.T) {
	c := growing{work: 1}.curve(section{}, map[int][]float64{10: {1}, 100: {1e6}}, 2)
	if c.Slope == nil || *c.Slope < 5 || c.End != nil || c.Faster {
		t.Errorf("got %v, %v, %v", c.Slope, c.End, c.Faster)
	}
	r := growthReport{Curves: []curve{c}}
	if got := r.text(0); strings.Contains(got, fasterMark) || !strings.Contains(got, " -") {
		t.Errorf("got:\n%s", got)
	}
}

func TestReasonsAreWrappedAtWords(t *testing.T) {
	c := growing{operation: "compare", work: 1, why: "it looks at all of the pairs, and then at all of them once more"}.
		curve(section{title: "Lines", unit: "lines"}, map[int][]float64{10: {1}, 100: {1000}, 1000: {1e6}}, 2)
	other := c
	other.Operation = "sort"
	_, got, _ := strings.Cut(growthReport{Curves: []curve{c, other}}.text(40), "than the work:\n")
	want := `Lines: compare,
Lines: sort,
  because: it looks at all of the pairs,
  and then at all of them once more.
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestACostThatGrowsFasterAtTheEndIsMarked(t *testing.T) {
	points := map[int][]float64{}
	for n := 10; n <= 1_000_000; n *= 10 {
		points[n] = []float64{1e6 + float64(n)*float64(n)/1e3}
	}
	c := growing{work: 1}.curve(section{}, points, 2)
	if *c.Slope > 1 || *c.End < 1.2 || !c.Faster {
		t.Errorf("got %v, %v, %v", *c.Slope, *c.End, c.Faster)
	}
	if one := (growing{work: 1}).curve(section{}, map[int][]float64{5: {1}}, 2); one.Slope != nil || one.Faster {
		t.Errorf("a single point has slope %v", one.Slope)
	}
}

func TestGrowthAsJSONAndAsAPicture(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.svg")
	got, err := scaleOf(t, growth(), "--json", "--rounds", "1", "--svg", file)
	if err != nil {
		t.Fatal(err)
	}
	var r growthReport
	if err := json.Unmarshal([]byte(got), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Curves) != 5 || r.Curves[1].Operation != "compare" || !r.Curves[1].Faster || r.Curves[0].Points[1].Size != 10000 || r.Curves[0].Points[1].Median != 50000 {
		t.Errorf("got %+v", r)
	}
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(picture, new(struct{})); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"How cost grows", ">Lines<", ">Vectors<", "2.00 ▲ compare", "powers of ten"} {
		if !strings.Contains(string(picture), want) {
			t.Errorf("there is no %q in the picture", want)
		}
	}
	if _, err := scaleOf(t, growth(), "--svg", "a.png"); err == nil || !strings.Contains(err.Error(), "a.svg") {
		t.Errorf("a PNG: got %v", err)
	}
}

func TestABenchmarkWithoutSizesIsAnError(t *testing.T) {
	m := growth()
	m.benchmarks = []string{"BenchmarkScale/compare/lines=5# 1 9 ns/op\n"}
	if _, err := scaleOf(t, m, "--rounds", "1"); err == nil || !strings.Contains(err.Error(), "internal/x has no BenchmarkScale/say_it") || !strings.Contains(err.Error(), "bench/scale.go") {
		t.Errorf("got %v", err)
	}
}
