package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cookbook/internal/gpu"
	"cookbook/internal/mpi"
)

// Each script shows one thing a user does, typed as he types it.
func TestScripts(t *testing.T) {
	compiled := t.TempDir() // where PoCL keeps what it has compiled
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                scriptCommands,
		Condition: func(name string) (bool, error) {
			has := false
			if file, ok := strings.CutPrefix(name, "exists:"); ok {
				_, err := os.Stat(file)
				return err == nil || required(filepath.Base(file)), nil
			}
			if shell, ok := strings.CutPrefix(name, "shell:"); ok {
				_, err := exec.LookPath(shell)
				if err != nil && required(shell) {
					return false, fmt.Errorf("COOKBOOK_TEST_REQUIRE names %s, but it is not here", shell)
				}
				return err == nil, nil
			}
			switch name {
			case "mpi": // this program was built with it
				has = mpi.Built()
			case "opencl": // it has a device here
				_, missing := gpu.DevicesOf("opencl")
				if missing != nil && required("opencl") {
					return false, fmt.Errorf("COOKBOOK_REQUIRE names opencl, but %s", missing.Reason)
				}
				return missing == nil, nil
			case "mpirun":
				_, err := exec.LookPath("mpirun")
				has = err == nil
			default:
				return false, fmt.Errorf("unknown condition %q", name)
			}
			if !has && required("mpi") {
				return false, fmt.Errorf("COOKBOOK_REQUIRE names mpi, but %s is not here", name)
			}
			return has, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TERM", "xterm")
			env.Setenv("PAGER", "cat")
			env.Setenv("COOKBOOK_REQUIRE", os.Getenv("COOKBOOK_REQUIRE"))
			env.Setenv("POCL_CACHE_DIR", compiled)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or every command of a -race build ends with a second's sleep
			return nil
		},
	})
}

// required reports whether COOKBOOK_REQUIRE, which CI sets, says that a need must not be missing, or COOKBOOK_TEST_REQUIRE that
// something must be here which only tests want.
func required(need string) bool {
	return slices.Contains(strings.Split(os.Getenv("COOKBOOK_REQUIRE")+","+os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), need)
}

// The commands that scripts have beside those of testscript.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "await": await}

// await waits until a program in the background has written something into a file, and can keep it in a variable:
//
//	exec sh -c 'exec cookbook engine >said' &server&
//	await said 'nats://[0-9.:]+' URL
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: await FILE REGEXP [VARIABLE]")
	}
	wanted, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var text []byte
	for range 3000 { // 30 s, on a machine that is busy
		text, _ = os.ReadFile(ts.MkAbs(args[0]))
		if found := wanted.Find(text); found != nil {
			if len(args) == 3 {
				ts.Setenv(args[2], string(found))
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s: nothing matches %s in %q", args[0], args[1], text)
}

// exits is exec for a program that must end with one certain exit code:
//
//	exits 2 cookbook list --frob
//	stderr 'unknown flag: --frob'
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args...]")
	}
	want, err := strconv.ParseUint(args[0], 10, 8)
	if err != nil {
		ts.Fatalf("exits %s: want an exit code, 0 to 255", args[0])
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("run %s: %v", args[1], err)
	}
	if got == int(want) {
		return
	}
	how := fmt.Sprintf("exit code %d", got)
	if got < 0 { // a signal ended it
		how = err.Error()
	}
	ts.Fatalf("%s: %s, want %d; it wrote to stderr: %q", strings.Join(args[1:], " "), how, want, ts.ReadFile("stderr"))
}

func TestExitsSaysTheCodesAndStderr(t *testing.T) {
	for script, want := range map[string]string{
		"exits 2 cookbook list --frob\nstderr 'unknown flag: --frob'": "PASS",
		"exits 0 cookbook list rlock\nstdout ch2.rlock":               "PASS",
		"exits 3 cookbook list --frob":                                "cookbook list --frob: exit code 2, want 3; it wrote to stderr: \"cookbook: unknown flag: --frob",
		"exits 2 cookbook list rlock":                                 "exit code 0, want 2; it wrote to stderr: \"\"",
		"exits 2 no-such-program":                                     "run no-such-program: ",
		"exits 256 cookbook list":                                     "exits 256: want an exit code, 0 to 255",
		"! exits 2 cookbook list":                                     "usage: exits CODE program",
	} {
		name := filepath.Join(t.TempDir(), "script.txtar")
		if err := os.WriteFile(name, []byte(script+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var log scriptLog
		func() {
			defer func() {
				if p := recover(); p != nil && p != any(&log) {
					panic(p)
				}
			}()
			testscript.RunT(&log, testscript.Params{Files: []string{name}, RequireExplicitExec: true, Cmds: scriptCommands})
		}()
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s\nsays %s\nwant %s", script, &log, want)
		}
	}
}

// A scriptLog keeps what a script says instead of failing the test.
type scriptLog struct{ strings.Builder }

func (l *scriptLog) Run(_ string, f func(testscript.T)) { f(l) }
func (l *scriptLog) Log(args ...any)                    { fmt.Fprintln(l, args...) }
func (l *scriptLog) Fatal(args ...any)                  { l.Log(args...); l.FailNow() }
func (l *scriptLog) Skip(args ...any)                   { l.Fatal(args...) }
func (l *scriptLog) FailNow()                           { panic(l) }
func (l *scriptLog) Parallel()                          {}
func (l *scriptLog) Verbose() bool                      { return true }
