package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"cookbook/internal/machine"
	"cookbook/internal/machine/machinetest"
	"cookbook/internal/terminal"
)

func fakeCookbook(t *testing.T, run string) string {
	t.Helper()
	return machinetest.Script(t, "cookbook", "case $1 in version) exit 0;; esac\n"+run)
}

// compare runs the command and returns its exit code and what it wrote. It must leave no file behind.
func compare(t *testing.T, s Streams, twin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var out, errs bytes.Buffer
	s.Out, s.Err, s.Env = &out, &errs, func(string) (string, bool) { return "", false }
	code = Main(sample(twin), append([]string{"compare"}, args...), s)
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("compare left %v behind", left)
	}
	return code, out.String(), errs.String()
}

func TestCompareGivesBothSidesTheSameArgumentsInTurn(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	python := machinetest.Python(t, "3.12.1", "", `echo "python $(basename $1) $2 $3 $4 $5" >> `+log)
	exe := fakeCookbook(t, `echo "go $*" >> `+log)
	code, _, stderr := compare(t, Streams{Exe: exe}, "", "lock", "--python", python, "--times", "2", "--speed", "5", "--timeout", "9s", "--", "--count", "7")
	if code != exitOK {
		t.Fatalf("code %d: %s", code, stderr)
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p, g := "python ch2_lock.py --speed 5 --count 7\n", "go run ch2.lock --plain --timeout 9s --speed 5 --count 7\n"
	if want := p + g + g + p + p + g; string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCompareForPrograms(t *testing.T) {
	python := machinetest.Python(t, "3.12.1", "", "echo one; echo; echo two")
	exe := fakeCookbook(t, `printf 'eins\tzwei\033[31m\n'`)
	code, stdout, stderr := compare(t, Streams{Exe: exe}, "", "lock", "--python", python, "--json", "--times", "3")
	if code != exitOK {
		t.Fatalf("code %d: %s", code, stderr)
	}
	var got comparison
	dec := json.NewDecoder(strings.NewReader(stdout))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Recipe != "ch2.lock" || got.Times != 3 || got.Speed != "max" || got.Args == nil || got.Ratio <= 0 {
		t.Errorf("%+v", got)
	}
	if got.Python.Path != python || got.Python.Version != "3.12.1" || got.Go.Path != exe || got.Go.Version != runtime.Version() {
		t.Errorf("%+v", got)
	}
	if want := []string{"one", "", "two"}; !reflect.DeepEqual(got.Python.Lines, want) {
		t.Errorf("Python's lines are %q, want %q", got.Python.Lines, want)
	}
	if want := []string{"eins    zwei␛[31m"}; !reflect.DeepEqual(got.Go.Lines, want) {
		t.Errorf("Go's lines are %q, want %q", got.Go.Lines, want)
	}
	for _, m := range []measured{got.Python, got.Go} {
		if m.Min <= 0 || m.Min > m.Median || m.Median > m.Max || m.Startup <= 0 {
			t.Errorf("%+v", m)
		}
	}
}

func TestCompareShowsTwoColumnsWhereThereIsRoom(t *testing.T) {
	python := machinetest.Python(t, "3.13.0", "", "echo from python; echo second")
	exe := fakeCookbook(t, "echo from go")
	for _, tt := range []struct {
		streams Streams
		want    string
	}{
		{Streams{OutTTY: true, Width: 120}, "  from python" + strings.Repeat(" ", 57-len("from python")) + " │ from go\n  second"},
		{Streams{OutTTY: true, Width: 80}, "Python 3.13.0, free-threaded\n  from python\n  second\n\nGo "},
		{Streams{Width: 140}, "Python 3.13.0, free-threaded\n  from python\n  second\n\nGo "},
	} {
		tt.streams.Exe = exe
		code, stdout, stderr := compare(t, tt.streams, "", "lock", "--python", python, "--times", "1")
		if code != exitOK || !strings.Contains(stdout, tt.want) {
			t.Errorf("code %d, stderr %s, stdout\n%s\nlacks %q", code, stderr, stdout, tt.want)
		}
		for _, part := range []string{"MEDIAN", "python/go = ", python, "1 run each, in", "python3 -c pass, cookbook version"} {
			if !strings.Contains(stdout, part) {
				t.Errorf("no %q in\n%s", part, stdout)
			}
		}
	}
}

func TestCompareSaysWhatIsMissingOrFailed(t *testing.T) {
	good := fakeCookbook(t, "exit 0")
	for _, tt := range []struct {
		name, python, exe, twin string
		args                    []string
		code                    int
		stderr                  []string
	}{
		{"a module is missing", machinetest.Python(t, "3.12.1", `"numpy":true,"mpi4py":false`, ""), good,
			"#!/usr/bin/env python3\n# requires: numpy, mpi4py\n", nil,
			exitMissing, []string{"the Python twin of ch2.lock needs mpi4py", "-m pip install mpi4py", "apt install python3-mpi4py"}},
		{"Python is too old", machinetest.Python(t, "3.8.10", "", ""), good, "", nil,
			exitMissing, []string{"needs Python 3.9 or newer", "is Python 3.8.10", "apt install python3", "--python"}},
		{"it is no Python", machinetest.Script(t, "python3", "echo hello"), good, "", nil,
			exitMissing, []string{"does not answer as Python does"}},
		{"there is no such Python", "/nowhere/python3", good, "", nil,
			exitMissing, []string{"/nowhere/python3"}},
		{"the twin fails", machinetest.Python(t, "3.12.1", "", "echo Traceback >&2; echo ValueError >&2; exit 1"), good, "", nil,
			exitFailed, []string{"the Python twin of ch2.lock failed: exit status 1:\n  Traceback\n  ValueError\n"}},
		{"the recipe fails", machinetest.Python(t, "3.12.1", "", ""), fakeCookbook(t, "echo promise broke >&2; exit 1"), "", nil,
			exitFailed, []string{"the Go recipe ch2.lock failed: exit status 1:\n  promise broke\n"}},
		{"they do not take the arguments", machinetest.Python(t, "3.12.1", "", "exit 2"), good, "", []string{"--", "--bad"},
			exitUsage, []string{"exit status 2", "what both take: cookbook run ch2.lock --help"}},
		{"the twin does not end", machinetest.Python(t, "3.12.1", "", "exec sleep 1000"), good, "", []string{"--timeout", "300ms"},
			exitTimeout, []string{"did not end within 300ms (--timeout)"}},
		{"the recipe does not end", machinetest.Python(t, "3.12.1", "", ""), fakeCookbook(t, "echo who waits >&2; exit 124"), "", nil,
			exitTimeout, []string{"the Go recipe ch2.lock did not end within 1m0s (--timeout):\n  who waits\n"}},
		{"a flag is unknown", "", good, "", []string{"--count", "3"},
			exitUsage, []string{"unknown flag: --count; flags of the recipe go behind --"}},
		{"times is 0", "", good, "", []string{"--times", "0"}, exitUsage, []string{"--times 0: want at least 1"}},
		{"two recipes", "", good, "", []string{"rlock"}, exitUsage, []string{"takes one recipe, got 2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := compare(t, Streams{Exe: tt.exe}, tt.twin, append([]string{"lock", "--python", tt.python}, tt.args...)...)
			if code != tt.code || stdout != "" {
				t.Errorf("code %d, want %d; stdout %q", code, tt.code, stdout)
			}
			for _, part := range tt.stderr {
				if !strings.Contains(stderr, part) {
					t.Errorf("stderr %q lacks %q", stderr, part)
				}
			}
		})
	}
}

// A process that holds the named pipe open is alive. So its reader sees the end only when the child and its own child are gone,
// although both ignore the request to end.
func TestInterruptedChildrenAreGone(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "alive")
	stubborn := machinetest.Script(t, "stubborn", `exec 3> `+pipe+`
trap '' TERM
sh -c 'trap "" TERM; echo ready >&3; while :; do sleep 1; done' &
wait`)
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Skipf("mkfifo: %v: %s", err, out)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	done := make(chan error, 1)
	go func() {
		_, _, err := machine.RunChild(ctx, "the stubborn one", time.Hour, nil, stubborn)
		done <- err
	}()
	alive, err := os.Open(pipe) // returns when the child has opened it too
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	if _, err := io.ReadFull(alive, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	cancel(interruptedError{})
	if err := <-done; !errors.As(err, new(interruptedError)) || exitCode(err) != exitInterrupted {
		t.Errorf("got %v", err)
	}
	if _, err := io.ReadAll(alive); err != nil {
		t.Error(err)
	}
}

func TestVerdictIsHonest(t *testing.T) {
	side := func(low, mid, high float64) measured { return measured{Min: low, Median: mid, Max: high} }
	for _, tt := range []struct {
		python, golang measured
		times          int
		want           string
	}{
		{side(40, 42, 44), side(1, 1, 2), 5, "Go is 42 × faster (python/go = 42)"},
		{side(1000, 1234, 1500), side(1, 1, 2), 5, "Go is 1234 × faster (python/go = 1234)"},
		{side(1, 1, 2), side(2.5, 4, 5), 5, "Go is 4.0 × slower (python/go = 0.25)"},
		{side(10, 15, 30), side(8, 10, 12), 5, "Go is 1.5 × faster (python/go = 1.5), but the spreads overlap: see --times"},
		{side(10, 10, 10), side(10, 10, 10), 5, "Go and Python take the same time (python/go = 1.00)"},
		{side(20, 20, 20), side(10, 10, 10), 1, "Go is 2.0 × faster (python/go = 2), but one run shows no spread: see --times"},
	} {
		c := comparison{Python: tt.python, Go: tt.golang, Times: tt.times, Ratio: tt.python.Median / tt.golang.Median}
		if got := verdictOn(c); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		all  []time.Duration
		want time.Duration
	}{{[]time.Duration{3, 1, 2}, 2}, {[]time.Duration{4, 1, 3, 2}, 2}, {[]time.Duration{7}, 7}} {
		if got := median(tt.all); got != tt.want {
			t.Errorf("median of %v is %v, want %v", tt.all, got, tt.want)
		}
	}
}

// What a child writes is shown on a terminal, and no child may steer it.
func FuzzOutputLines(f *testing.F) {
	f.Add("one\ntwo\r\n")
	f.Add("\x1b[2J\xff\u009b31m\ttab")
	f.Fuzz(func(t *testing.T, output string) {
		for _, line := range terminal.SafeLines(output) {
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
				t.Errorf("%q", line)
			}
			folded := foldAt([]string{line}, 0, 10)
			if strings.Join(folded, "") != line {
				t.Errorf("%q folds to %q", line, folded)
			}
			for _, piece := range folded {
				if terminal.Width(piece) > 10 {
					t.Errorf("%q is too wide", piece)
				}
			}
		}
	})
}
