package worker

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cookbook/internal/process/proctest"
)

// relay is the limit of a round trip: bare pipes.
var relay = RegisterRole("test.relay", proctest.SendBack)

// BenchmarkRoundTrip is a call to a running worker, beside eight bytes there and back through two pipes.
func BenchmarkRoundTrip(b *testing.B) {
	w := worker(b)
	b.Run("call with an int", func(b *testing.B) {
		for b.Loop() {
			if got, err := Do(b.Context(), w, twice, 4); err != nil || got != 8 {
				b.Fatal(got, err)
			}
		}
	})
	b.Run("call with a struct", func(b *testing.B) {
		for b.Loop() {
			if _, err := Do(b.Context(), w, move, point{X: 1, Label: "x"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit raw pipes", func(b *testing.B) {
		cmd, err := relay.Command(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		stdin, stdout, end := proctest.Relay(b, cmd, 8)
		defer end()
		buf := make([]byte, 8)
		for b.Loop() {
			if _, err := stdin.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(stdout, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMiB sends 1 MiB there and back.
func BenchmarkMiB(b *testing.B) {
	w, sent := worker(b), make([]byte, 1<<20)
	b.SetBytes(2 << 20)
	for b.Loop() {
		if _, err := Do(b.Context(), w, echo, sent); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is a process from its start to its first answer and its end, beside an empty Go program.
func BenchmarkStart(b *testing.B) {
	b.Run("call in a new process", func(b *testing.B) {
		for b.Loop() {
			if _, err := Call(b.Context(), twice, 4); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit empty program", func(b *testing.B) { runEmpty(b) })
}

// runEmpty runs a Go program that does nothing.
func runEmpty(b *testing.B) {
	dir := b.TempDir()
	source, program := filepath.Join(dir, "empty.go"), filepath.Join(dir, "empty.exe")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for b.Loop() {
		if err := exec.Command(program).Run(); err != nil {
			b.Fatal(err)
		}
	}
}
