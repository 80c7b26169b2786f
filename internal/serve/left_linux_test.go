package serve_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// running are the processes that a run has: all of them are told of its folder, in the temporary folder of this test.
func running(t *testing.T, folder string) (all []string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range environments {
		if text, _ := os.ReadFile(name); strings.Contains(string(text), "TMPDIR="+filepath.Join(folder, "cookbook-serve-")) {
			all = append(all, filepath.Base(filepath.Dir(name)))
		}
	}
	return all
}

// When a page is closed, the child of its run ends, and so does what the child has started; and the run's folder is removed.
func TestAClosedPageEndsItsRun(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	c := start(t, nil)
	for _, tt := range []struct {
		recipe string
		least  int // processes
	}{{"ch9.wait", 1}, {"ch3.background", 2}, {"ch3.pool", 3}, {"ch3.mpi-hello", 1}} {
		_, leave := c.begin("a", tt.recipe, "--speed=0.001")
		await(t, func() (bool, string) {
			return len(running(t, folder)) >= tt.least, tt.recipe + " starts too few processes"
		})
		leave()
		await(t, func() (bool, string) {
			left, folders := running(t, folder), names(t, folder)
			return len(left)+len(folders) == 0, tt.recipe + " leaves " + strings.Join(append(left, folders...), " ")
		})
	}
}

// The same when the server ends.
func TestTheEndOfTheServerLeavesNoProcess(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	c := start(t, nil)
	_, leave := c.begin("a", "ch3.background", "--speed=0.001")
	defer leave()
	await(t, func() (bool, string) { return len(running(t, folder)) >= 2, "too few processes" })
	c.stop()
	if left, folders := running(t, folder), names(t, folder); len(left)+len(folders) > 0 {
		t.Errorf("left are processes %v, folders %v", left, folders)
	}
}

// names are the files in a folder.
func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
