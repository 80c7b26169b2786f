package mapreduce

import (
	"bytes"
	"context"
	"os"
	"testing"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	enginetest.VerifyTestMain(m)
}

// words counts words, which are what stands between blanks and line ends.
var words = Register("test.words", Job[int]{
	Map: func(_ context.Context, s Split, emit func([]byte, int)) error {
		for word := range fields(s.Data) {
			emit(word, 1)
		}
		return nil
	},
	Combine: func(a, b int) int { return a + b },
	Sort:    ByValue[int],
})

// fields yields what stands between blanks, as bytes.FieldsSeq does for ASCII.
func fields(data []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		start := -1
		for i, b := range data {
			switch blank := b == ' ' || b == '\n' || b == '\r' || b == '\t'; {
			case blank && start >= 0:
				if !yield(data[start:i]) {
					return
				}
				start = -1
			case !blank && start < 0:
				start = i
			}
		}
		if start >= 0 {
			yield(data[start:])
		}
	}
}

// plainCount is what a job has to come to.
func plainCount(text []byte) map[string]int {
	counts := map[string]int{}
	for word := range bytes.FieldsSeq(text) {
		counts[string(word)]++
	}
	return counts
}

// endless is a text again and again.
type endless struct {
	text []byte
	at   int
}

func (e *endless) Read(to []byte) (int, error) {
	n := copy(to, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// A serveArgs is what a worker in another process is told.
type serveArgs struct {
	At        engine.Address
	Role      Role
	SaveAfter int   // see the constant; 0: as it is
	DieAt     Stage // a mapper kills itself there …
	DieIn     int   // … with its n-th split, counted from 1; 0: never
}

var serve = process.Register("test.serve", func(ctx context.Context, a serveArgs) (struct{}, error) {
	conn, err := engine.Connect(ctx, a.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	n := 0
	die := WithHook(func(_ context.Context, stage Stage, _ Split) {
		if stage == Taken {
			n++
		}
		if n == a.DieIn && stage == a.DieAt {
			killMe()
		}
	})
	saveOften := func(w *worker) {
		if a.SaveAfter > 0 {
			w.saveAfter = a.SaveAfter
		}
	}
	return struct{}{}, Serve(ctx, conn, a.Role, die, saveOften)
})

// killMe is kill -9 from within.
func killMe() {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	self.Kill()
	select {}
}

// group is processes that end with the test.
func group(t testing.TB) *process.Group {
	t.Helper()
	g, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() }) // its error is that some were killed
	return g
}

// start starts a worker in a process of its own.
func start(t testing.TB, g *process.Group, a serveArgs) *process.Process {
	t.Helper()
	p := process.New(g, serve, a)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}
