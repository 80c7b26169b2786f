package primitive

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	goleak.VerifyTestMain(m)
}

func all() (all []Primitive) {
	for _, some := range [][]Primitive{Threading(), Processes(), MPI(), Async()} {
		all = append(all, some...)
	}
	return all
}

// Each operation does its work, on the Go side and in plain Go; the memory of many takes a process and a while.
func TestOperationsWork(t *testing.T) {
	for _, p := range all() {
		if p.Bytes != nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			f, err := Measure(t.Context(), []Primitive{p}, 1)
			if err != nil || f.NS[p.Key] <= 0 || p.Plain != nil && f.Plain[p.Key] <= 0 {
				t.Errorf("%v, %v", f, err)
			}
		})
	}
}

// Each operation has a figure of a script that says in its first lines what that is.
func TestScriptsHaveTheFigures(t *testing.T) {
	dir := t.TempDir()
	if err := WriteScripts(dir); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range all() {
		text, err := os.ReadFile(dir + "/" + p.Script)
		if err != nil {
			t.Fatal(err)
		}
		about, rest, _ := strings.Cut(strings.TrimPrefix(string(text), `"""`), `"""`)
		if !strings.Contains(about, "\n    "+p.Key+" ") || !strings.Contains(rest, `"`+p.Key+`"`) {
			t.Errorf("%s has no figure %q, or does not say what it is", p.Script, p.Key)
		}
		if names[p.Name] {
			t.Errorf("two operations are called %q", p.Name)
		}
		names[p.Name] = true
	}
}

func TestOperationsAreRepeatedUntilItTakesLongEnough(t *testing.T) {
	var turns []int
	got, err := repeat(t.Context(), func(_ context.Context, n int) (time.Duration, error) {
		turns = append(turns, n)
		return time.Duration(n) * time.Microsecond, nil
	}, time.Millisecond)
	if err != nil || got != 1000 || len(turns) < 2 || turns[len(turns)-1] < 1000 {
		t.Errorf("got %v ns, %v, after turns of %v", got, err, turns)
	}
}

func TestMeasuringEndsEarly(t *testing.T) {
	broken := errors.New("broken")
	ctx, cancel := context.WithCancelCause(t.Context())
	body := func(context.Context, int) (time.Duration, error) { cancel(broken); return 0, nil }
	if _, err := Measure(ctx, []Primitive{{Name: "a", Go: body}}, time.Hour); !errors.Is(err, broken) {
		t.Errorf("got %v, want the cause", err)
	}
	fails := func(context.Context, int) (time.Duration, error) { return 0, broken }
	if _, err := Measure(t.Context(), []Primitive{{Name: "an operation", Go: fails}}, 1); !errors.Is(err, broken) || !strings.Contains(err.Error(), "an operation: ") {
		t.Errorf("got %v, want the operation's own error, and its name", err)
	}
}

// BenchmarkPrimitives are the same operations as go test prints them, beside plain Go.
func BenchmarkPrimitives(b *testing.B) {
	for _, p := range all() {
		for _, side := range []struct {
			name string
			body Body
		}{{p.Name, p.Go}, {p.Name + ", limit " + p.PlainIs, p.Plain}} {
			if side.body == nil {
				continue
			}
			b.Run(side.name, func(b *testing.B) {
				took, err := side.body(b.Context(), b.N)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(took)/float64(b.N)/float64(max(p.Per, 1)), "ns/op")
			})
		}
	}
}
