package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_FAILS") != "" {
		fmt.Fprintln(os.Stderr, "Traceback: no module named asyncio")
		os.Exit(3)
	}
	goleak.VerifyTestMain(m)
}

func TestParseTakesEveryFigureOfALine(t *testing.T) {
	got := parse(`goos: linux
BenchmarkGather-2                 	       8	  12758285 ns/op	      1276 ns/task
BenchmarkTaskSwitch/loop/tasks=1-2	 1000000	       117.1 ns/op	 0 B/op
BenchmarkQueue/of-16-2            	 1000000	       1e3 ns/op
BenchmarkSaysSomething
BenchmarkIsSkipped-2              	--- SKIP: BenchmarkIsSkipped
PASS
ok  	cookbook/internal/async	1.588s
`, 2)
	want := map[string]float64{
		"Gather ns/op": 12758285, "Gather ns/task": 1276,
		"TaskSwitch/loop/tasks=1 ns/op": 117.1, "TaskSwitch/loop/tasks=1 B/op": 0,
		"Queue/of-16 ns/op": 1000,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := parse("BenchmarkQueue/of-1 5 7.5 ns/op\n", 1); got["Queue/of-1 ns/op"] != 7.5 {
		t.Errorf("on one CPU a name is as it stands: %v", got)
	}
}

var two = []pair{
	{"first", "a.py", "one", "internal/x", "One/sub", "ns/op", false},
	{"second", "a.py", "two", "internal/x", "Two", "ns/task", false},
	{"large", "a.py", "size", "internal/x", "Size", "B/task", true},
}

// A machine plays both sides, and keeps the commands that it was given.
type machine struct {
	benchmarks, python []string // what each side prints, one a call; the last again and again
	commands           []string
}

func (m *machine) command(_ context.Context, name string, args ...string) ([]byte, error) {
	m.commands = append(m.commands, strings.Join(append([]string{name}, args...), " "))
	says := &m.python
	if name == "go" {
		says = &m.benchmarks
	}
	said := (*says)[0]
	if len(*says) > 1 {
		*says = (*says)[1:]
	}
	// A real Go side names its CPUs, if it has more than one.
	if n := runtime.GOMAXPROCS(0); n > 1 {
		said = strings.ReplaceAll(said, "#", fmt.Sprintf("-%d", n))
	}
	return []byte(strings.ReplaceAll(said, "#", "")), nil
}

func steady() *machine {
	return &machine{
		benchmarks: []string{"BenchmarkOne/sub# 1 10 ns/op\nBenchmarkTwo# 1 9 ns/op 50 ns/task\nBenchmarkSize# 1 9 ns/op 400 B/task\n"},
		python:     []string{`{"python": "CPython 3", "ns": {"one": 200, "two": null}, "bytes": {"size": 100}}`},
	}
}

func measure(t *testing.T, m *machine, of []pair, args ...string) (string, error) {
	t.Helper()
	o, err := parseOptions(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = run(t.Context(), o, of, m.command, &out, io.Discard)
	return out.String(), err
}

func TestTheSidesTakeTurns(t *testing.T) {
	m := steady()
	if _, err := measure(t, m, two, "--rounds", "2", "--python", "py"); err != nil {
		t.Fatal(err)
	}
	goes := "go test -run ^$ -bench ^BenchmarkOne$/^sub$|^BenchmarkTwo$ -benchtime 200ms ./internal/x"
	pythons := "py bench/python/a.py --rounds 1 one two"
	want := []string{goes, pythons,
		"go test -run ^$ -bench ^BenchmarkSize$ -benchtime 1x ./internal/x", "py bench/python/a.py --rounds 1 size", // once
		goes, pythons}
	if !slices.Equal(m.commands, want) {
		t.Errorf("commands:\n%s\nwant:\n%s", strings.Join(m.commands, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheTableHasMediansAndRatios(t *testing.T) {
	m := steady()
	m.python = []string{
		`{"python": "CPython 3", "ns": {"one": 9000, "two": null}}`,
		`{"python": "CPython 3", "bytes": {"size": 100}}`,
		`{"python": "CPython 3", "ns": {"one": 200, "two": null}}`,
	}
	got, err := measure(t, m, two, "--rounds", "3")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(got, "\n\n")
	want := `OPERATION  PYTHON ns      GO ns  PYTHON/GO  GO BENCHMARK
first            200       10.0       20.0  internal/x One/sub
second             -       50.0          -  internal/x Two
large            100        400       0.25  internal/x Size
`
	if table != want || !strings.HasPrefix(got, "CPython 3 and go1") {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestOperationsAreChosen(t *testing.T) {
	m := steady()
	got, err := measure(t, m, two, "--rounds", "1", "--quick", "--json", "--only", "first|large")
	var r report
	if err := errors.Join(err, json.Unmarshal([]byte(got), &r)); err != nil {
		t.Fatal(err)
	}
	if len(r.Operations) != 1 || r.Operations[0].Operation != "first" || *r.Operations[0].Ratio != 20 {
		t.Errorf("want the first alone, as the large one is not measured with --quick:\n%s", got)
	}
	if want := "python3 bench/python/a.py --rounds 1 --quick one"; m.commands[1] != want {
		t.Errorf("command %q, want %q", m.commands[1], want)
	}
}

func TestErrorsSayWhatToMend(t *testing.T) {
	lacking := func(change func(*machine)) error {
		m := steady()
		change(m)
		_, err := measure(t, m, two, "--rounds", "1")
		return err
	}
	_, none := measure(t, steady(), two, "--only", "no such")
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"no benchmark": {lacking(func(m *machine) { m.benchmarks = []string{"BenchmarkTwo# 1 9 ns/op 50 ns/task\n"} }),
			[]string{"internal/x has no BenchmarkOne/sub that reports ns/op", `"one" of a.py`, "pairs.go"}},
		"no metric": {lacking(func(m *machine) { m.benchmarks = []string{"BenchmarkOne/sub# 1 9 ns/op\nBenchmarkTwo# 1 9 ns/op\n"} }),
			[]string{"no BenchmarkTwo that reports ns/task"}},
		"no key": {lacking(func(m *machine) { m.python = []string{`{"ns": {"one": 1}}`} }),
			[]string{`bench/python/a.py printed no figure "two"`, "BenchmarkTwo of internal/x", "pairs.go"}},
		"no JSON": {lacking(func(m *machine) { m.python = []string{"hello"} }), []string{"bench/python/a.py printed is not JSON"}},
		"no pair": {none, []string{`no operation to measure matches --only "no such"`}},
	} {
		for _, want := range test.want {
			if test.err == nil || !strings.Contains(test.err.Error(), want) {
				t.Errorf("%s: error %v, want it to say %q", name, test.err, want)
			}
		}
	}
}

func TestAnInterpreterThatIsNotThere(t *testing.T) {
	_, _, err := pythonRound(t.Context(), output, options{python: "no-such-python"}, "a.py", two)
	if err == nil || !strings.Contains(err.Error(), "no-such-python") || !strings.Contains(err.Error(), "--python") {
		t.Errorf("error %v, want it to name the interpreter and the flag", err)
	}
}

func TestAnInterpreterThatFails(t *testing.T) {
	t.Setenv("BENCH_TEST_FAILS", "1")
	_, _, err := pythonRound(t.Context(), output, options{python: os.Args[0]}, "a.py", two)
	for _, want := range []string{"bench/python/a.py --rounds 1 one two", "exit status 3", "Traceback: no module named asyncio"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"--rounds", "0"}, {"--only", "("}, {"gather"}, {"--no-such-flag"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}

// Nothing is run, so this finds only names that nobody wrote.
func TestEveryPairNamesAScriptAndABenchmark(t *testing.T) {
	for _, p := range pairs {
		script, err := os.ReadFile(filepath.Join("python", p.script))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(script), `"`+p.key+`"`) {
			t.Errorf("%s: %s has no %q", p.operation, p.script, p.key)
		}
		files, _ := filepath.Glob(filepath.Join("..", p.pkg, "*_test.go"))
		top, _, _ := strings.Cut(p.benchmark, "/")
		if !slices.ContainsFunc(files, func(file string) bool {
			code, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(code), "func Benchmark"+top+"(b *testing.B)")
		}) {
			t.Errorf("%s: %s has no Benchmark%s", p.operation, p.pkg, top)
		}
	}
}
