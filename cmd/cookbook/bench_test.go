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
//
// A program that has just been built lies in the system's cache as the linker wrote it, in single pages. A copy lies there in
// larger pieces, and starts faster: this program has 650 page faults in a child, 920 in a command, an empty one has 170.
func BenchmarkStartup(b *testing.B) {
	dir := b.TempDir()
	build := func(name, folder string) string {
		program := filepath.Join(dir, name+".exe")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", folder, err, out)
		}
		file, err := os.Open(program)
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		if err := file.Sync(); err != nil { // or the first rounds would meet the disk
			b.Fatal(err)
		}
		return program
	}
	cookbook, cobra, bare := build("cookbook", "."), build("cobra", "./testdata/empty"), build("bare", "./testdata/bare")
	copied := filepath.Join(dir, "copied.exe")
	if text, err := os.ReadFile(cookbook); err != nil {
		b.Fatal(err)
	} else if err := os.WriteFile(copied, text, 0o700); err != nil {
		b.Fatal(err)
	}
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
		{"child that serves, of a copy", copied, "worker", 0},
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
