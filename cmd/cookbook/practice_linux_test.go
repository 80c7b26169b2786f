package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cookbook/internal/practice"
	"cookbook/recipes"
)

// A reader begins an exercise, has it judged, mends it, and has it judged again: once by check, once by watch.
func TestAnExerciseIsJudgedUntilItIsSolved(t *testing.T) {
	program, err := exec.LookPath("cookbook")
	if err != nil {
		t.Fatal(err)
	}
	all, err := practice.All(recipes.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	x, err := practice.Find(all, "lost-update", "")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), x.Name)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	command := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), program, append([]string{"practice"}, args...)...)
		if len(args) == 1 {
			cmd.Dir = dir
		}
		return cmd
	}
	run := func(code int, want string, args ...string) {
		t.Helper()
		out, err := command(args...).CombinedOutput()
		got := 0
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			got = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if got != code || !strings.Contains(string(out), want) {
			t.Errorf("practice %v: exit code %d, want %d and %q in\n%s", args, got, code, want, out)
		}
	}
	save := func(text string) {
		t.Helper()
		next := filepath.Join(dir, ".next") // a file is saved whole
		if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, practice.Given)); err != nil {
			t.Fatal(err)
		}
	}
	run(0, "have it judged", x.Name, dir)
	run(1, "BROKEN: main said ", "check")
	save("package main\n\nfunk run()\n")
	run(1, "DOES NOT COMPILE:\n\n./exercise.go:3:", "check")
	run(0, "Yours is kept as exercise.go.old", "reset")

	watch := command("watch")
	said, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	await := func(begins string) {
		t.Helper()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), begins) {
				return
			}
		}
		t.Errorf("watch does not say %s", begins)
	}
	await("BROKEN")
	save(strings.ReplaceAll(x.Files[practice.Solution], `"cookbook/`, `"example.com/practice/`))
	await("kept")
	if err := watch.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	watch.Wait()
	if code := watch.ProcessState.ExitCode(); code != 0 {
		t.Errorf("watch ended with %d", code)
	}
	run(0, "SOLVED: "+x.Title, "check")
	run(0, "You have solved it.", x.Name, dir)
}
