package process

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// relay sends back what it gets, so many bytes at a time as its argument says: what a round trip costs at least.
var relay = RegisterRole("test.relay", func() error {
	size, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	b := make([]byte, size)
	for {
		if _, err := io.ReadFull(os.Stdin, b); err != nil {
			return nil
		}
		if _, err := os.Stdout.Write(b); err != nil {
			return err
		}
	}
})

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
		stdin, stdout, end := relayOf(b, 8)
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

// BenchmarkProcess is a process of a group from its start over the first line of its function to its end, beside an empty Go
// program.
func BenchmarkProcess(b *testing.B) {
	b.Run("process", func(b *testing.B) {
		g, r := loggedGroup(b)
		for b.Loop() {
			afterJoin(b, New(g, say, "here"))
			<-r.lines
		}
	})
	b.Run("without a log", func(b *testing.B) {
		g, err := NewGroup(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		defer g.Close()
		for b.Loop() {
			afterJoin(b, New(g, twice, 1))
		}
	})
	b.Run("limit empty program", func(b *testing.B) { runEmpty(b) })
}

// BenchmarkLine is a line that a process says into the log of its parent, until it is recorded.
func BenchmarkLine(b *testing.B) {
	g, r := loggedGroup(b)
	go func() {
		for range r.lines {
		}
	}()
	b.Cleanup(func() { close(r.lines) })
	const lines = 2000
	var n int
	for b.Loop() {
		n++
		afterJoin(b, New(g, chatter, lines))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*lines), "ns/line")
}
