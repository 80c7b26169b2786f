package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/machine/machinetest"
	"cookbook/recipes"
)

// However a run ends, the processes that it started end with it. All of them have inherited a variable by which they are
// found.
func TestNoProcessIsLeftBehind(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ends := []struct {
		how    string
		args   []string
		signal os.Signal // sent when it has said its first line
	}{
		{"by itself", []string{"--speed", "max"}, nil},
		{"by a time-out", []string{"--speed", "1", "--timeout", "500ms"}, nil},
		{"by an interrupt", []string{"--speed", "1"}, syscall.SIGINT},
		{"by kill -9", []string{"--speed", "1"}, syscall.SIGKILL},
	}
	type command struct {
		name string
		args []string
	}
	var commands []command
	for _, e := range recipes.Catalog().Entries() {
		if slices.Contains(e.Needs, catalog.Processes) {
			commands = append(commands, command{e.ID, []string{e.ID}})
		}
		if e.Engine == "" {
			continue
		}
		switch err := machine.Check(t.Context(), catalog.Need(e.Engine)); {
		case err == nil:
			commands = append(commands, command{e.ID + " on " + e.Engine, []string{e.ID, "--engine", e.Engine}})
		case required(e.Engine):
			t.Fatalf("COOKBOOK_REQUIRE names %s, but %v", e.Engine, err)
		}
	}
	for _, c := range commands {
		for _, end := range ends {
			t.Run(c.name+" ended "+end.how, func(t *testing.T) {
				t.Parallel()
				mark := fmt.Sprintf("COOKBOOK_LEFT_BEHIND=%d %s", os.Getpid(), t.Name())
				cmd := exec.CommandContext(t.Context(), program)
				cmd.Args = slices.Concat([]string{"cookbook", "run"}, c.args, []string{"--plain"}, end.args)
				cmd.Env = append(os.Environ(), mark, "GORACE=atexit_sleep_ms=0")
				said, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewReader(said)
				lines.ReadString('\n')
				if end.signal != nil {
					cmd.Process.Signal(end.signal)
				}
				io.Copy(io.Discard, lines) // children may have the pipe as well, so this waits for them, too
				cmd.Wait()
				if end.signal == nil && len(end.args) == 2 && !cmd.ProcessState.Success() {
					t.Errorf("%v", cmd.ProcessState)
				}
				awaitMarked(t, mark, "left behind", func(processes string) bool { return processes == "" })
			})
		}
	}
}

// However compare ends, the twin that it started ends with it; and unless it was killed, it clears up what it has written.
func TestCompareLeavesNoTwinBehind(t *testing.T) {
	program, err := exec.LookPath("cookbook") // under its own name, because compare starts it again
	if err != nil {
		t.Fatal(err)
	}
	python := machinetest.Python(t, "3.12.1", "", "exec sleep 600")
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			mark, folder := fmt.Sprintf("COOKBOOK_LEFT_BEHIND=%d %s", os.Getpid(), t.Name()), t.TempDir()
			cmd := exec.CommandContext(t.Context(), program, "compare", "ch2.semaphore", "--times", "1", "--python", python)
			cmd.Env = append(os.Environ(), mark, "TMPDIR="+folder, "GORACE=atexit_sleep_ms=0")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			awaitMarked(t, mark, "the twin does not start", func(processes string) bool { return strings.Contains(processes, "sleep 600") })
			cmd.Process.Signal(signal)
			cmd.Wait()
			awaitMarked(t, mark, "left behind", func(processes string) bool { return processes == "" })
			left, err := os.ReadDir(folder)
			if err != nil || len(left) > 0 && signal != syscall.SIGKILL {
				t.Errorf("it has left %v, %v", left, err)
			}
		})
	}
}

// However explore ends, the search that it started ends with it, and the file in which that notes schedules is gone.
func TestExploreLeavesNoSearchBehind(t *testing.T) {
	program, err := exec.LookPath("cookbook") // under its own name, because explore starts it again
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			mark, folder := fmt.Sprintf("COOKBOOK_LEFT_BEHIND=%d %s", os.Getpid(), t.Name()), t.TempDir()
			cmd := exec.CommandContext(t.Context(), program, "explore", "ch2.queue", "--budget", "1h")
			cmd.Env = append(os.Environ(), mark, "TMPDIR="+folder, "XDG_STATE_HOME="+t.TempDir(), "GORACE=atexit_sleep_ms=0")
			said := &strings.Builder{}
			cmd.Stdout = said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			awaitMarked(t, mark, "no search starts", func(processes string) bool {
				left, _ := os.ReadDir(folder)
				return strings.Count(processes, "\n") == 1 && len(left) == 0
			})
			cmd.Process.Signal(signal)
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); signal != syscall.SIGKILL && (code != 128+int(signal) || !strings.Contains(said.String(), "--resume")) {
				t.Errorf("code %d, it said %s", code, said)
			}
			awaitMarked(t, mark, "left behind", func(processes string) bool { return processes == "" })
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("it has left %v, %v", left, err)
			}
		})
	}
}

// awaitMarked waits until the processes that have inherited a variable, one a line, are as they should be.
func awaitMarked(t *testing.T, variable, problem string, right func(processes string) bool) {
	t.Helper()
	var found string
	for range 1000 { // one that sees its parent die takes a moment to end
		if found = strings.Join(marked(variable), "\n"); right(found) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: %q", problem, found)
}

// marked lists the processes that have inherited a variable and are not yet gone.
func marked(variable string) []string {
	var found []string
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // of a zombie it is empty
	for _, file := range environments {
		text, err := os.ReadFile(file)
		if err == nil && slices.ContainsFunc(bytes.Split(text, []byte{0}), func(v []byte) bool { return string(v) == variable }) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			found = append(found, filepath.Base(filepath.Dir(file))+" "+string(bytes.ReplaceAll(command, []byte{0}, []byte(" "))))
		}
	}
	return found
}
