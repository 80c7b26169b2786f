package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"cookbook/internal/transcript"
)

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
	var heard atomic.Int64
	log := transcript.New(transcript.Config{Sink: count{&heard}})
	g, err := NewGroup(b.Context(), WithLog(log))
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	const lines = 2000
	var n int64
	for b.Loop() {
		n++
		afterJoin(b, New(g, chatter, lines))
	}
	if heard.Load() != n*lines {
		b.Errorf("%d lines were recorded, and %d said", heard.Load(), n*lines)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*lines), "ns/line")
}

// count counts events.
type count struct{ n *atomic.Int64 }

func (c count) Event(transcript.Event) { c.n.Add(1) }

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
