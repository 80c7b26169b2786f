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
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"cookbook/internal/command"
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
	python := machinetest.Python(t, "3.12.1", "", `echo "python $1 $3 $5 $6 $7 $8" >> `+log)
	exe := fakeCookbook(t, `echo "go $*" >> `+log)
	code, _, stderr := compare(t, Streams{Exe: exe}, "", "lock", "--python", python, "--times", "2", "--speed", "5", "--timeout", "9s", "--", "--count", "7")
	if code != exitOK {
		t.Fatalf("code %d: %s", code, stderr)
	}
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	p, g := "python -c ch2_lock.py --speed 5 --count 7\n", "go run ch2.lock --plain --timeout 9s --speed 5 --count 7\n"
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
	if got.Recipe != "ch2.lock" || got.Times != 3 || got.Speed != "max" || got.Args == nil {
		t.Errorf("%+v", got)
	}
	if got.Ratio != nil || got.NoRatio != "not the same work: Python prints 3 lines, Go 1; only Python has: one" || !strings.Contains(got.Headline, got.NoRatio) {
		t.Errorf("%+v", got.Finding)
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
	if got.Python.times != nil || got.Go.times != nil {
		t.Errorf("sides whose lines differ were timed: %s", stdout)
	}
}

func TestCompareShowsTwoColumnsWhereThereIsRoom(t *testing.T) {
	python := machinetest.Python(t, "3.13.0", "", "echo from python; echo second")
	exe := fakeCookbook(t, "echo from go; echo zweite")
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
		for _, part := range []string{"MEDIAN", python, "1 run each, in", "python3 -c pass, cookbook version"} {
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
		{"times is 0", "", good, "", []string{"--times", "0"}, exitUsage, []string{"--times 0: want 1 to 1000000; see: cookbook compare --help"}},
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
	cancel(command.InterruptedError{})
	if err := <-done; !errors.As(err, new(command.InterruptedError)) || exitCode(err) != exitInterrupted {
		t.Errorf("got %v", err)
	}
	if _, err := io.ReadAll(alive); err != nil {
		t.Error(err)
	}
}

func TestCompareGivesNoRatioForOtherWork(t *testing.T) {
	exe := fakeCookbook(t, "sleep 0.02; echo item 1 of {all}; echo item 2 of {all}; echo not locked")
	for _, tt := range []struct {
		name, twin, run string
		args            []string
		want            string // "" for no remark on the work
	}{
		{"the twin says so", "\"\"\"Twin.\"\"\"\n# requires: json\n# compare: no ratio: Go has no such thing\n", "sleep 0.02; echo item 1 of {all}", nil,
			"\nno ratio: Go has no such thing\n"},
		{"a part is missing", "", "sleep 0.02; echo item 1 of {all}; echo item 2 of {all}", nil,
			"\nno ratio: not the same work: Python prints 2 lines, Go 3; only Go has: not locked\n"},
		{"a part more", "", "sleep 0.02; echo item 1 of {all}; echo item 2 of {all}; echo item 3 of {all}; echo not locked", nil,
			"\nno ratio: not the same work: Python prints 4 lines, Go 3; only Python has: item 3 of {all}\n"},
		{"another size", "", "sleep 0.02; echo item 1 of {all}; echo item 2 of some; echo not locked", nil, ""},
		{"another order and other words", "", "sleep 0.02; echo unlocked lock; echo item 7 of {all}; echo item 5 of {all}", nil, ""},
		{"the same with other arguments", "", "sleep 0.02; echo unlocked lock; echo item 7 of {all}; echo item 5 of {all}", []string{"--", "--count", "7"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			python := machinetest.Python(t, "3.12.1", `"json":true`, tt.run)
			code, stdout, stderr := compare(t, Streams{Exe: exe}, tt.twin, append([]string{"lock", "--python", python, "--times", "1"}, tt.args...)...)
			if code != exitOK || stderr != "" || tt.want == "" && strings.Contains(stdout, "not the same work") || !strings.Contains(stdout, tt.want) {
				t.Errorf("code %d, stderr %q, stdout\n%s\nwant %q", code, stderr, stdout, tt.want)
			}
			if timed := strings.Contains(stdout, "MEDIAN") && strings.Contains(stdout, "1 run each, in turn"); timed == strings.Contains(tt.want, "not the same work") {
				t.Errorf("it is timed: %v:\n%s", timed, stdout)
			}
			if tt.want != "" && (strings.Contains(stdout, "×") || strings.Contains(stdout, "python/go")) {
				t.Errorf("there is a ratio:\n%s", stdout)
			}
		})
	}
}

// The version that an interpreter says it has, and its path, are texts that anybody may have written.
func TestCompareShowsNoEscapes(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a\x1b[2Jb")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Skip(err)
	}
	python := filepath.Join(folder, "python3")
	if err := os.Rename(machinetest.Python(t, `3.12.1\\u001b[31m`, "", `printf 'one\033[2Jtwo\n'`), python); err != nil {
		t.Fatal(err)
	}
	exe := fakeCookbook(t, "echo from go")
	for _, s := range []Streams{{OutTTY: true, Width: 120}, {OutTTY: true, Width: 60}, {}} {
		s.Exe = exe
		code, stdout, stderr := compare(t, s, "", "lock", "--python", python, "--times", "1")
		if stdout = regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(stdout, ""); code != exitOK || strings.Contains(stdout, "\x1b") || !strings.Contains(stdout, "␛") {
			t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
		}
	}
}

func TestCompareShowsNotMoreLinesThanOneReads(t *testing.T) {
	python := machinetest.Python(t, "3.12.1", "", "seq 1000")
	exe := fakeCookbook(t, "seq 1000")
	for _, s := range []Streams{{OutTTY: true, Width: 120}, {}} {
		s.Exe = exe
		code, stdout, stderr := compare(t, s, "", "lock", "--python", python, "--times", "1")
		if code != exitOK || strings.Count(stdout, "… 901 more lines, all in --json") != 2 || strings.Contains(stdout, "\n  100\n") {
			t.Errorf("code %d, stderr %q, stdout\n%s", code, stderr, stdout)
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
