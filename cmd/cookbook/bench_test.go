package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartup is the cost of starting and ending this program, as released: as a command, and as a child process that
// serves calls, of which there are none. Beside it stands what an empty program costs.
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
	cookbook, empty := build("cookbook", "."), build("empty", "./testdata/empty")
	for _, p := range []struct {
		name, program string
		env           []string
	}{
		{"command", cookbook, nil},
		{"child that serves", cookbook, []string{"COOKBOOK_PROCESS=worker"}},
		{"limit empty cobra program", empty, nil},
	} {
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				cmd := exec.Command(p.program, "version")
				cmd.Env = append(cmd.Environ(), p.env...)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
