package main

import (
	"encoding/json"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cookbook/internal/terminal"
)

var besideLimits = []row{
	{"first", of("internal/x", "One/sub"), of("internal/x", "One/limit"), "a loop", 0.5, "once 3 µs", false},
	{"second", of("internal/x", "One/sub"), script("a.py", "one"), "Python", 2, "", false},
	{"third", in("B/task", "internal/x", "Size"), of("internal/x", "Skipped"), "C", 1, "", false},
	{"fourth", side{program{"internal/y", "mpi", "1x"}, "One/sub", "ns/op"}, side{program{"internal/y", "mpi", "1x"}, "One/limit", "ns/op"}, "C", 0, "", false},
}

func limited() *stand {
	said := func(limit string) string {
		return "BenchmarkOne/sub# 1 900 ns/op\nBenchmarkOne/limit# 1 " + limit + " ns/op\nBenchmarkSize# 1 2e9 B/task\n--- SKIP: BenchmarkSkipped#\n    x_test.go:7: there is no C\n"
	}
	return &stand{benchmarks: []string{said("1500"), said("990"), said("1000000")}, python: []string{`{"python": "CPython 3", "ns": {"one": 200}}`}}
}

func limitsOf(t *testing.T, m *stand, p *progress, args ...string) string {
	t.Helper()
	o, err := parseOptions(append([]string{"limits"}, args...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := runLimits(t.Context(), o, besideLimits, m.machine(p), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheTableSaysWhichRatiosAreHeld(t *testing.T) {
	m := limited()
	m.lacks = "mpicc"
	got := limitsOf(t, m, nil, "--only", "first|third|fourth", "--rounds", "2")
	want := `The load of the machine (average of the last minute) was 0.00 before it began.
RATIO is HERE divided by BESIDE: a small one is good. TO REACH is the largest that is asked for.

WORK       HERE   BESIDE                    WHAT    RATIO  TO REACH
first    900 ns  1.25 µs  (990 ns–1.50 µs)  a loop   0.72  ≤ 0.5     missed by 45 %
third   2.00 GB        -                    C           -  ≤ 1       not measured
fourth        -        -                    C           -            not measured

Ratios to reach: 0 held, 1 missed. Not measured here: 2.
first: once 3 µs.
third: there is no C.
fourth: there is no mpicc: apt install libopenmpi-dev openmpi-bin pkg-config.
`
	if _, table, _ := strings.Cut(got, "\n"); table != want {
		t.Errorf("got:\n%swant:\n%s", table, want)
	}
}

func TestANarrowTerminalGetsNoSpreads(t *testing.T) {
	m := limited()
	piped := limitsOf(t, m, nil, "--rounds", "3")
	for _, columns := range []int{200, 80, 60} {
		m := limited()
		m.columns = columns
		got := limitsOf(t, m, nil, "--rounds", "3")
		for line := range strings.Lines(got) {
			if w := terminal.Width(strings.TrimRight(line, "\n")); w > columns {
				t.Errorf("%d columns, but %d are used by %q", columns, w, line)
			}
		}
		if narrow := columns < 100; strings.Contains(got, "(1.50 µs–") == narrow || strings.Contains(got, "too narrow") != narrow {
			t.Errorf("%d columns: got\n%s", columns, got)
		}
	}
	if !strings.Contains(piped, "(1.50 µs–") || strings.Contains(piped, "too narrow") {
		t.Errorf("piped: got\n%s", piped)
	}
}

func TestARemarkStandsBelowAMissedRowAlone(t *testing.T) {
	rows := []row{besideLimits[0], besideLimits[0]}
	rows[1].operation, rows[1].atMost, rows[1].remark = "held", 5, "no need to say"
	o, err := parseOptions([]string{"limits", "--rounds", "1"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := runLimits(t.Context(), o, rows, limited().machine(nil), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "first: once 3 µs.\n") || strings.Contains(got, "no need") {
		t.Errorf("got:\n%s", got)
	}
}

func TestEveryTargetSaysWhereItComesFrom(t *testing.T) {
	for _, r := range limits {
		if (r.atMost > 0) != (r.remark != "") {
			t.Errorf("%s: target %g, remark %q", r.operation, r.atMost, r.remark)
		}
		if strings.Contains(r.remark, "debf8c6") {
			t.Errorf("%s: a commit tells a reader nothing: %q", r.operation, r.remark)
		}
	}
}

func TestASideThatCannotBeMeasuredIsToldAndNotHidden(t *testing.T) {
	m := limited()
	m.lacks = "python3"
	got := limitsOf(t, m, nil, "--rounds", "1")
	for _, want := range []string{"second: there is no python3: install Python 3", "third: there is no C."} {
		if !strings.Contains(got, want) {
			t.Errorf("got:\n%s\nwant in it %q", got, want)
		}
	}
}

func TestABusyMachineIsWarnedOf(t *testing.T) {
	m := limited()
	m.load = 0.7
	if got := limitsOf(t, m, nil, "--rounds", "1"); !strings.Contains(got, "WARNING: the load of the machine (average of the last minute) was 0.70 before it began: figures may be disturbed.") {
		t.Errorf("got %s", got)
	}
}

func TestLimitsAsJSON(t *testing.T) {
	var r limitsReport
	if err := json.Unmarshal([]byte(limitsOf(t, limited(), nil, "--json", "--rounds", "3")), &r); err != nil {
		t.Fatal(err)
	}
	second := r.Rows[1]
	if r.Python != "CPython 3" || *second.Ratio != 4.5 || *second.AtMost != 2 || *second.Held || second.Here.Median != 900 {
		t.Errorf("got %+v", r)
	}
	if third := r.Rows[2]; third.Ratio != nil || third.Held != nil || third.Missing != "there is no C" {
		t.Errorf("got %+v", third)
	}
}

func TestProgressTellsTheTimeLeft(t *testing.T) {
	var said strings.Builder
	limitsOf(t, limited(), &progress{w: &said}, "--rounds", "2", "--only", "first")
	if got := said.String(); got != "building the benchmarks of internal/x\nround 1 of 2\nround 2 of 2, 0s left\n" {
		t.Errorf("got %q", got)
	}
	if got := remaining(20*time.Second, 2, 7); got != "50s" {
		t.Errorf("got %s", got)
	}
}

func TestQuantitiesHaveUnits(t *testing.T) {
	for _, test := range []struct {
		v            float64
		metric, want string
	}{{1.5, "ns/op", "1.50 ns"}, {999.4, "ns/op", "999 ns"}, {999.6, "ns/op", "1.00 µs"}, {2.3e6, "ns/line", "2.30 ms"}, {7.2e12, "ns/op", "7200 s"}, {3289, "B/task", "3.29 KB"}} {
		if got := quantity(test.v, test.metric); got != test.want {
			t.Errorf("%g %s: got %s, want %s", test.v, test.metric, got, test.want)
		}
	}
}

// Nothing is run, so this finds only names that nobody wrote.
func TestEveryRowNamesProgramsAndTheirFigures(t *testing.T) {
	all := append(rows(pairs), limits...)
	for _, s := range sections {
		for _, w := range s.rows {
			all = append(all, row{operation: s.title + ", " + w.operation, here: w.side, beside: w.side})
		}
	}
	for _, r := range all {
		for _, s := range []side{r.here, r.beside} {
			if s.script() {
				script, err := os.ReadFile(filepath.Join("python", s.path))
				if err != nil || !strings.Contains(string(script), `"`+s.name+`"`) {
					t.Errorf("%s: %s has no %q (%v)", r.operation, s.path, s.name, err)
				}
				continue
			}
			top, rest, _ := strings.Cut(s.name, "/")
			code := testCode(t, s.path)
			if !strings.Contains(code, "func Benchmark"+top+"(b *testing.B)") {
				t.Errorf("%s: %s has no Benchmark%s", r.operation, s.path, top)
				continue
			}
			for part := range strings.SplitSeq(rest, "/") {
				if rest != "" && !slices.ContainsFunc(texts(code), func(text string) bool { return makes(text, part) }) {
					t.Errorf("%s: Benchmark%s of %s has no part %q", r.operation, top, s.path, part)
				}
			}
			if s.metric != "ns/op" && !strings.Contains(code, `"`+s.metric+`"`) {
				t.Errorf("%s: nothing in %s reports %s", r.operation, s.path, s.metric)
			}
		}
	}
}

func testCode(t *testing.T, pkg string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("..", pkg, "*_test.go"))
	code := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text) + "\n"
	}
	return code
}

// texts returns the string literals of Go code.
func texts(code string) (all []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), nil, 0)
	for {
		_, tok, literal := s.Scan()
		if tok == token.EOF {
			return all
		}
		if text, err := strconv.Unquote(literal); tok == token.STRING && err == nil {
			all = append(all, text)
		}
	}
}

// makes reports whether a literal can be, or print, this part of a benchmark's name.
func makes(literal, part string) bool {
	for name := range strings.SplitSeq(underscored(literal), "/") {
		before, after, prints := strings.Cut(name, "%d")
		if name == part || prints && before+after != "" && strings.HasPrefix(part, before) && strings.HasSuffix(part, after) {
			return true
		}
	}
	return false
}

func TestLoadIsKnownOnLinux(t *testing.T) {
	if v := load(); runtime.GOOS == "linux" && (v == nil || *v < 0) {
		t.Errorf("got %v", v)
	}
}
