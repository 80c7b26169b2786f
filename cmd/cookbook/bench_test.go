package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartup is the cost of starting and ending this program, as released: as a command; as a child process that serves
// calls, of which there are none; and as a process of a group, or a rank, whose parent is gone when it wants its order. Beside
// it stands what an empty program costs, and one with cobra.
func BenchmarkStartup(b *testing.B) {
	dir := b.TempDir()
	build := func(name, folder string) string {
		program := filepath.Join(dir, name+".exe")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", folder, err, out)
		}
		return program
	}
	cookbook, cobra, bare := build("cookbook", "."), build("cobra", "./testdata/empty"), build("bare", "./testdata/bare")
	null, err := os.Open(os.DevNull)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	for _, p := range []struct {
		name, program, as string
		code              int
	}{
		{"command", cookbook, "", 0},
		{"child that serves", cookbook, "worker", 0},
		{"process that has no order", cookbook, "process 3 4", 1},
		{"limit empty Go program", bare, "", 0},
		{"limit empty cobra program", cobra, "", 0},
	} {
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command(p.program, "version")
				cmd.Env = append(cmd.Environ(), "COOKBOOK_PROCESS="+p.as)
				cmd.ExtraFiles = []*os.File{null, null} // 3 and 4
				if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != p.code {
					b.Fatal(err)
				}
			}
		})
	}
}
