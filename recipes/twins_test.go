package recipes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// Some of Python 3.8 to 3.12 lose lines that threads print at once into a pipe: CPython issue 119506.
func TestTwinsOfThreadsLoseNoLine(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	for _, tt := range []struct {
		file, flag, value string
		want              int
	}{
		{"ch2/define.py", "--count", "1000", 3000},
		{"ch2/event.py", "--items", "2000", 8001},
		{"ch2/subclass.py", "--ticks", "2000", 4006},
	} {
		cmd := exec.CommandContext(t.Context(), python, filepath.FromSlash(tt.file), tt.flag, tt.value, "--speed", "max")
		cmd.Env = append(cmd.Environ(), "PYTHONUNBUFFERED=")
		out, err := cmd.Output()
		if got := bytes.Count(out, []byte("\n")); err != nil || got != tt.want {
			t.Errorf("%s %s %s: %d lines, %v; want %d", tt.file, tt.flag, tt.value, got, err, tt.want)
		}
	}
}

func TestTwinsRun(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		t.Parallel()
		text, err := e.File(catalog.Twin)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // Python's processes can wait for ever
		defer cancel()
		var cmd *exec.Cmd
		switch {
		case e.Engine == string(catalog.MPI):
			cmd = underMpirun(ctx, t, e, text)
		case len(machine.Requires(text)) > 0:
			cmd = exec.CommandContext(ctx, pythonFor(ctx, t, text), filepath.Join(e.Chapter.ID(), e.FileName(catalog.Twin)), "--speed", "max")
		default:
			cmd = exec.CommandContext(ctx, python, "-", "--speed", "max")
			cmd.Stdin = bytes.NewReader(text)
		}
		cmd.Env = append(cmd.Environ(), "PYTHONUNBUFFERED=") // or text and line break are written one after the other
		cmd.WaitDelay = 10 * time.Second                     // for children that keep the pipes open
		var out, diagnostics bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &diagnostics
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", path.Base(e.FileName(catalog.Twin)), err, diagnostics.String())
		}
		if out.Len() == 0 {
			t.Error("the twin says nothing")
		}
		if !bytes.Contains(text, []byte("\n# compare: no ratio: ")) {
			checkSameWork(t, e, terminal.SafeLines(out.String()))
		}
	})
}

// pythonFor returns an interpreter that has the modules which a twin requires: python3, or that of the system, for which packages are
// installed. Where none has them, or a program is missing, the test is skipped, unless COOKBOOK_TEST_REQUIRE names twins.
func pythonFor(ctx context.Context, t *testing.T, twin []byte) string {
	t.Helper()
	modules := machine.Requires(twin)
	_, lacks := machine.MissingProgram(machine.Programs(twin))
	if lacks == nil {
		for _, path := range []string{"python3", "/usr/bin/python3"} {
			p, err := machine.FindPython(ctx, path, modules)
			if err == nil && !slices.ContainsFunc(modules, func(m string) bool { return !p.Has[m] }) {
				return p.Path
			}
		}
		lacks = fmt.Errorf("no python3 has %s", strings.Join(modules, ", "))
	}
	if slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), "twins") {
		t.Fatalf("COOKBOOK_TEST_REQUIRE names twins, but %v", lacks)
	}
	t.Skip(lacks)
	return ""
}

// checkSameWork compares the lines of a twin with those of its recipe. A twin that does other work has to say so.
func checkSameWork(t *testing.T, e catalog.Entry, twin []string) {
	t.Helper()
	skipIfMissing(t, e)
	_, p, err := e.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	start(t, t.Context(), e, transcript.Config{Speed: transcript.SpeedMax, Sink: transcript.Plain(&out)})
	if d := p.Difference(twin, terminal.SafeLines(out.String())); d != nil && e.Engine != string(catalog.MPI) {
		t.Errorf("the twin prints %d lines and the recipe %d, as in:\n  %s\n  %s\n"+
			"let both do the same, or say why not in the twin: # compare: no ratio: …\nthe twin prints:\n  %s",
			d.Lines[0], d.Lines[1], d.First, d.Second, strings.Join(twin, "\n  "))
	}
}

// What a twin says to compare is a comment among its first lines. A slip of the pen there would not be noticed.
func TestTwinsSayToCompareOnlyWhatItReads(t *testing.T) {
	known := regexp.MustCompile(`^# compare: (no ratio|more work): \S`)
	each(t, func(t *testing.T, e catalog.Entry) {
		text, err := e.File(catalog.Twin)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if strings.Contains(line, "# compare") && (i >= 30 || !known.MatchString(line)) {
				t.Errorf("line %d: %q: want # compare: no ratio: … or # compare: more work: … among the first 30 lines", i+1, line)
			}
		}
	})
}

// printDefaults runs a twin up to the place where it reads its arguments, and prints its flags and their defaults. What a twin needs
// beside the standard library is replaced.
const printDefaults = `
import argparse, json, sys
from unittest.mock import MagicMock
for module in "numpy", "mpi4py", "Pyro4", "Pyro4.naming", "celery", "celery.exceptions", "celery.result", "redis", "redis.exceptions", "rpyc", "rpyc.utils", "rpyc.utils.server", "rpyc.utils.authenticators", "pyopencl", "pyopencl.array", "pyopencl.clmath", "pyopencl.clrandom", "pyopencl.elementwise", "pyopencl.reduction", "pyopencl.tools", "numba", "numba.cuda":
    sys.modules[module] = MagicMock()
def parse(parser, *_):
    print(json.dumps({action.option_strings[-1][2:]: str(action.default).lower() for action in parser._actions if action.option_strings}))
    sys.exit()
argparse.ArgumentParser.parse_args = parse
exec(compile(sys.argv.pop(1), "twin.py", "exec"))
`

func TestTwinsHaveTheFlagsAndDefaultsOfTheirRecipes(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	same := map[string]string{ // as Go writes it, as Python does: 0 stands for the number of processors
		"ch1.gil --threads": "0", "ch1.speedup --workers": "0", "ch2.deadlock --patience": "0.2", "ch2.performance --delay": "0.001",
		"ch5.pyro-chain --patience": "0.2",
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		t.Parallel()
		text, err := e.File(catalog.Twin)
		if err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), python, "-c", printDefaults, string(text)).Output()
		if err != nil {
			t.Fatal(err)
		}
		defaults := map[string]string{}
		if err := json.Unmarshal(said[bytes.LastIndex(bytes.TrimSpace(said), []byte("\n"))+1:], &defaults); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
		e.New(flags)
		flags.VisitAll(func(f *pflag.Flag) {
			want, got := f.DefValue, defaults[f.Name]
			if special, ok := same[e.ID+" --"+f.Name]; ok {
				want = special
			}
			if _, ok := defaults[f.Name]; !ok && f.Name != "ranks" { // mpirun says to a twin how many ranks there are
				t.Errorf("the twin has no flag --%s", f.Name)
			} else if ok && strings.ReplaceAll(got, "none", "") != strings.ToLower(want) {
				t.Errorf("--%s is %s in the recipe and %s in the twin, if it is not given", f.Name, f.DefValue, got)
			}
		})
	})
}

// underMpirun returns the command that starts a twin in as many processes as its recipe has ranks.
func underMpirun(ctx context.Context, t *testing.T, e catalog.Entry, text []byte) *exec.Cmd {
	lacking := func(what string, err error) {
		if slices.Contains(strings.Split(os.Getenv("COOKBOOK_REQUIRE"), ","), string(catalog.MPI)) {
			t.Fatalf("COOKBOOK_REQUIRE names %s: %s: %v", catalog.MPI, what, err)
		}
		t.Skipf("%s: %v", what, err)
	}
	python := "/usr/bin/python3" // for which Debian has mpi4py
	if err := exec.CommandContext(ctx, python, "-c", "import mpi4py, numpy").Run(); err != nil {
		lacking(python+" has no mpi4py", err)
	}
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	e.New(flags)
	ranks, err := flags.GetInt("ranks")
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "ch3_"+e.FileName(catalog.Twin))
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Fatal(err)
	}
	argv, env, err := mpi.Mpirun(ctx, ranks, python, script, "--speed", "max")
	if err != nil {
		lacking("mpirun", err)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}
