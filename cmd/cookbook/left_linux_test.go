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
	"syscall"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
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
				var left []string
				for range 1000 { // one that sees its parent die takes a moment to end
					if left = marked(mark); left == nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
				t.Errorf("left behind: %q", left)
			})
		}
	}
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
