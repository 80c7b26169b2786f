package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
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
BenchmarkGather
BenchmarkGather-2                 	       8	  12758285 ns/op	      1276 ns/task
BenchmarkTaskSwitch/loop/tasks=1-2	 1000000	       117.1 ns/op	 0 B/op
BenchmarkQueue/of-16-2            	 1000000	       1e3 ns/op
BenchmarkSaysSomething
BenchmarkMessages/a_scan/C
    bench_test.go:140: it looks for a compiler
    bench_test.go:150: there is no mpicc: apt install it,
        or do without
--- SKIP: BenchmarkMessages/a_scan/C
BenchmarkSaysNothing
--- SKIP: BenchmarkSaysNothing-2
--- SKIP: BenchmarkSaysItBehind-2
    bench_test.go:150: there is no mpicc: apt install it
PASS
`, 2)
	values := map[string]float64{
		"Gather ns/op": 12758285, "Gather ns/task": 1276,
		"TaskSwitch/loop/tasks=1 ns/op": 117.1, "TaskSwitch/loop/tasks=1 B/op": 0,
		"Queue/of-16 ns/op": 1000,
	}
	skipped := map[string]string{"Messages/a_scan/C": "there is no mpicc: apt install it, or do without",
		"SaysNothing": "it was skipped, and does not say why", "SaysItBehind": "there is no mpicc: apt install it"}
	if !reflect.DeepEqual(got.values, values) || !reflect.DeepEqual(got.skipped, skipped) {
		t.Errorf("got %v and %v, want %v and %v", got.values, got.skipped, values, skipped)
	}
	if got := parse("BenchmarkQueue/of-1 5 7.5 ns/op\n", 1); got.values["Queue/of-1 ns/op"] != 7.5 {
		t.Errorf("on one CPU a name is as it stands: %v", got)
	}
}

var two = []pair{
	{"first", "a.py", "one", "internal/x", "One/sub", "ns/op", false},
	{"second", "a.py", "two", "internal/x", "Two", "ns/task", false},
	{"large", "a.py", "size", "internal/x", "Size", "B/task", true},
}

// A stand plays the programs of both sides, and keeps the commands that it was given.
type stand struct {
	benchmarks, python []string // what each side prints, one a call; the last again and again
	commands           []string
	temporary          []string // the TMPDIR of each
	lacks              string   // a program that is not there
	load               float64
	columns            int    // of the terminal
	stop               func() // is called by the first program that measures
}

func (m *stand) command(ctx context.Context, i invocation) ([]byte, error) {
	command := strings.Join(i.argv, " ")
	if folder, file := filepath.Split(i.argv[0]); strings.HasSuffix(file, ".test.exe") {
		command = strings.ReplaceAll(command, folder, "in "+filepath.ToSlash(i.dir)+": ")
	}
	for _, v := range i.env {
		if dir, ok := strings.CutPrefix(v, "TMPDIR="); ok {
			m.temporary = append(m.temporary, dir)
			os.WriteFile(filepath.Join(dir, "left behind"), nil, 0o600)
		}
	}
	if i.argv[0] == "go" {
		m.commands = append(m.commands, i.env[0]+" "+command[:strings.LastIndex(command, "-o ")]+i.argv[len(i.argv)-1])
		return nil, nil
	}
	m.commands = append(m.commands, command)
	if m.stop != nil {
		m.stop()
		return nil, context.Cause(ctx)
	}
	says := &m.benchmarks
	if strings.Contains(command, "bench/python/") {
		says = &m.python
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

func (m *stand) machine(progress *progress) machine {
	lookPath := func(program string) error {
		if program == m.lacks {
			return errors.New("not there")
		}
		return nil
	}
	return machine{lookPath, m.command, func() *float64 { return &m.load }, progress, m.columns}
}

func steady() *stand {
	return &stand{
		benchmarks: []string{"BenchmarkOne/sub# 1 10 ns/op\nBenchmarkTwo# 1 9 ns/op 50 ns/task\nBenchmarkSize# 1 9 ns/op 400 B/task\n"},
		python:     []string{`{"python": "CPython 3", "ns": {"one": 200, "two": null}, "bytes": {"size": 100}, "missing": {"two": "there is no module two: pip install two"}}`},
	}
}

func besidePython(t *testing.T, m *stand, args ...string) (string, error) {
	t.Helper()
	o, err := parseOptions(append([]string{"python"}, args...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = runPython(t.Context(), o, two, m.machine(nil), &out)
	return out.String(), err
}

func TestProgramsAreBuiltAndThenTakeTurns(t *testing.T) {
	m := steady()
	if _, err := besidePython(t, m, "--rounds", "2", "--python", "py"); err != nil {
		t.Fatal(err)
	}
	goes := func(what, benchtime string) string {
		return "in internal/x: internal-x.test.exe -test.run ^$ -test.bench " + what + " -test.benchtime " + benchtime + " -test.timeout 2m -test.v"
	}
	pythons := "py bench/python/a.py --rounds 1 one two"
	want := []string{"CGO_ENABLED=0 go test -c -tags  ./internal/x",
		goes("^BenchmarkOne$/^sub$|^BenchmarkTwo$", "200ms"), pythons,
		goes("^BenchmarkSize$", "1x"), "py bench/python/a.py --rounds 1 size", // once
		goes("^BenchmarkOne$/^sub$|^BenchmarkTwo$", "200ms"), pythons}
	if !slices.Equal(m.commands, want) {
		t.Errorf("commands:\n%s\nwant:\n%s", strings.Join(m.commands, "\n"), strings.Join(want, "\n"))
	}
}

func TestPythonsTableHasMediansAndRatios(t *testing.T) {
	m := steady()
	m.python = []string{
		`{"python": "CPython 3", "ns": {"one": 9000, "two": null}, "missing": {"two": "there is no module two"}}`,
		`{"python": "CPython 3", "bytes": {"size": 100}}`,
		`{"python": "CPython 3", "ns": {"one": 200, "two": null}, "missing": {"two": "there is no module two"}}`,
	}
	got, err := besidePython(t, m, "--rounds", "3")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(got, "\n\n")
	want := `OPERATION  PYTHON ns  GO ns  PYTHON/GO  GO BENCHMARK
first            200   10.0       20.0  internal/x One/sub
second             -   50.0          -  internal/x Two
large          100 B  400 B       0.25  internal/x Size
second: there is no module two.
`
	if table != want || !strings.HasPrefix(got, "CPython 3 and go1") {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestOperationsAreChosen(t *testing.T) {
	m := steady()
	got, err := besidePython(t, m, "--rounds", "1", "--quick", "--json", "--only", "first|large")
	var r pythonReport
	if err := errors.Join(err, json.Unmarshal([]byte(got), &r)); err != nil {
		t.Fatal(err)
	}
	if len(r.Operations) != 1 || r.Operations[0].Operation != "first" || *r.Operations[0].Ratio != 20 {
		t.Errorf("want the first alone, as the large one is not measured with --quick:\n%s", got)
	}
	if want := "python3 bench/python/a.py --rounds 1 --quick one"; m.commands[2] != want {
		t.Errorf("command %q, want %q", m.commands[2], want)
	}
}

func TestErrorsSayWhatToMend(t *testing.T) {
	lacking := func(change func(*stand)) error {
		m := steady()
		change(m)
		_, err := besidePython(t, m, "--rounds", "1", "--python", "py")
		return err
	}
	_, none := besidePython(t, steady(), "--only", "no such")
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"no benchmark": {lacking(func(m *stand) { m.benchmarks = []string{"BenchmarkTwo# 1 9 ns/op 50 ns/task\n"} }),
			[]string{"internal/x has no BenchmarkOne/sub that reports ns/op", `"one" of a.py`, "bench/pairs.go"}},
		"no metric": {lacking(func(m *stand) { m.benchmarks = []string{"BenchmarkOne/sub# 1 9 ns/op\nBenchmarkTwo# 1 9 ns/op\n"} }),
			[]string{"no BenchmarkTwo that reports ns/task"}},
		"no key": {lacking(func(m *stand) { m.python = []string{`{"ns": {"one": 1}}`} }),
			[]string{`bench/python/a.py printed no figure "two"`, "BenchmarkTwo of internal/x", "bench/pairs.go"}},
		"no JSON":   {lacking(func(m *stand) { m.python = []string{"hello"} }), []string{"bench/python/a.py printed is not JSON"}},
		"no pair":   {none, []string{`no operation to measure matches --only "no such"`}},
		"no Python": {lacking(func(m *stand) { m.lacks = "py" }), []string{"there is no py", "install Python 3", "--python"}},
	} {
		for _, want := range test.want {
			if test.err == nil || !strings.Contains(test.err.Error(), want) {
				t.Errorf("%s: error %v, want it to say %q", name, test.err, want)
			}
		}
	}
}

func TestAProgramThatFails(t *testing.T) {
	t.Setenv("BENCH_TEST_FAILS", "1")
	_, err := output(t.Context(), invocation{argv: []string{os.Args[0], "--rounds", "1"}})
	for _, want := range []string{"--rounds 1", "exit status 3", "Traceback: no module named asyncio"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

func TestNothingTemporaryIsLeftBehind(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		root := t.TempDir()
		t.Setenv("TMPDIR", root)
		t.Setenv("TMP", root)
		m := steady()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		if interrupted {
			m.stop = func() { cancel(stoppedError{syscall.SIGINT}) }
		}
		o, err := parseOptions([]string{"python", "--rounds", "1"}, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := runPython(ctx, o, two, m.machine(nil), io.Discard); interrupted && exitCode(err) != 130 || !interrupted && err != nil {
			t.Errorf("error %v", err)
		}
		left, err := os.ReadDir(root)
		if err != nil || len(left) > 0 {
			t.Errorf("interrupted %v: left are %v, %v", interrupted, left, err)
		}
		if len(m.temporary) == 0 || len(m.temporary) != len(m.commands) || !strings.HasPrefix(m.temporary[0], root) {
			t.Errorf("temporary folders %q of commands %q", m.temporary, m.commands)
		}
	}
}

func TestAPartOfASkippedBenchmarkIsSkipped(t *testing.T) {
	f := figures{skipped: map[string]string{"One": "there is no C"}}
	if _, why, err := f.of(of("internal/x", "One/sub/limit")); why != "there is no C" || err != nil {
		t.Errorf("got %q, %v", why, err)
	}
	if _, _, err := f.of(of("internal/x", "Other/sub")); err == nil {
		t.Error("another benchmark is skipped, too")
	}
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{{nil, 0}, {errors.New("no Python"), 1}, {usageError{errors.New("--rounds 0")}, 2},
		{fmt.Errorf("stopped: %w", stoppedError{syscall.SIGINT}), 130}, {stoppedError{syscall.SIGTERM}, 143}} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v: got %d, want %d", test.err, got, test.want)
		}
	}
}

func TestTheRootOfTheRepositoryIsWanted(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	inside := filepath.Join(root, "a", "b")
	if err := errors.Join(os.MkdirAll(inside, 0o700), os.WriteFile(filepath.Join(root, "go.mod"), []byte("module cookbook\n\ngo 1.26\n"), 0o600),
		os.WriteFile(filepath.Join(elsewhere, "go.mod"), []byte("module cookbooks\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := checkRoot(root); err != nil {
		t.Errorf("the root itself: %v", err)
	}
	for dir, want := range map[string]string{inside: "run it in " + root, elsewhere: elsewhere + " is not in the repository"} {
		if err := checkRoot(dir); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", dir, err, want)
		}
	}
}

func TestHelpWritesFlagsAsTheyAreTyped(t *testing.T) {
	var out strings.Builder
	if _, err := parseOptions([]string{"--help"}, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, want := range []string{"bench limits|python|scale", "  --only regexp ", "capitals or small", "  --rounds N ", "(default python3)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "  -r") || strings.Contains(out.String(), "  -o") {
		t.Errorf("a flag with one dash in\n%s", out.String())
	}
}

func TestWrongUsageIsNamedOnce(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"nonsense", `no measurement "nonsense": say bench limits`},
		{"--json", "say first what to measure"},
		{"limits --no-such-flag", "not defined: --no-such-flag; bench --help"},
		{"limits --rounds many", "for flag --rounds"},
		{"limits --only", "needs an argument: --only"},
		{"limits --only (", "missing closing ): `(`"},
	} {
		var out strings.Builder
		_, err := parseOptions(strings.Fields(test.args), &out)
		if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%s: error %v and output %q, want %q", test.args, err, &out, test.want)
		}
	}
}

func TestOnlyIgnoresCase(t *testing.T) {
	got, err := besidePython(t, steady(), "--rounds", "1", "--only", "FIRST")
	if err != nil || !strings.Contains(got, "first ") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"python", "--rounds", "0"}, {"limits", "--only", "("}, {"python", "gather"}, {"python", "--no-such-flag"}, {"lmits"}, {}, {"python", "--svg", "a.svg"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
