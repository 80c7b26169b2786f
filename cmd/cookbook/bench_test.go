package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartup is the cost of starting and ending, which every child process pays, beside that of an empty program.
func BenchmarkStartup(b *testing.B) {
	dir := b.TempDir()
	for _, p := range []struct{ name, folder string }{{"cookbook", "."}, {"limit empty cobra program", "./testdata/empty"}} {
		program := filepath.Join(dir, filepath.Base(p.name)+".exe")
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, p.folder)
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", p.folder, err, out)
		}
		b.Run(p.name, func(b *testing.B) {
			for b.Loop() {
				if err := exec.Command(program, "version").Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
