package alonetest

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"cookbook/internal/alone"
	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inner is the variable under which TestInner holds what it names.
const inner = "ALONETEST_INNER"

// programs are the ways in which TestInner's program says two lines.
var programs = map[string]func(context.Context, *transcript.Log) error{
	"kept": func(_ context.Context, out *transcript.Log) error {
		out.Printf("one")
		out.Printf("two")
		return nil
	},
	"swapped": func(_ context.Context, out *transcript.Log) error {
		out.Printf("two")
		out.Printf("one")
		return nil
	},
	// The order of the two is luck.
	"lucky": func(_ context.Context, out *transcript.Log) error {
		done := make(chan struct{})
		go func() {
			defer close(done)
			out.Printf("two")
		}()
		out.Printf("one")
		<-done
		return nil
	},
	"slow": func(ctx context.Context, out *transcript.Log) error {
		out.Printf("one")
		out.Sleep(ctx, 1<<62) // no pause takes its time
		out.Printf("two")
		return nil
	},
}

// TestInner is what the tests below start in a process of its own, so that it can fail.
func TestInner(t *testing.T) {
	program := programs[os.Getenv(inner)]
	if program == nil {
		t.Skip("it is started by other tests")
	}
	Hold(t, alone.Program{
		Files:  fstest.MapFS{"two.txt": {Data: []byte("= main  one\n= main  two\n")}},
		Recipe: &catalog.Recipe{ID: "ch9.two", New: func(*pflag.FlagSet) catalog.Run { return program }},
	})
}

// hold runs TestInner with variables and returns what it prints.
func hold(t *testing.T, variables ...string) (ok bool, out string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestInner$", "-test.v")
	cmd.Env = append(cmd.Environ(), variables...)
	text, err := cmd.CombinedOutput()
	return err == nil, string(text)
}

func TestAPromiseThatIsKeptPasses(t *testing.T) {
	for _, name := range []string{"kept", "slow"} {
		ok, out := hold(t, inner+"="+name)
		for _, part := range []string{"--- PASS: TestInner/without_pauses", "--- PASS: TestInner/under_stress"} {
			if !ok || !strings.Contains(out, part) {
				t.Errorf("%s: no %q in\n%s", name, part, out)
			}
		}
	}
}

func TestAPromiseThatBreaksIsNamedWithTheSeedOfTheRun(t *testing.T) {
	ok, out := hold(t, inner+"=swapped", "PROMISE_SEED=77")
	if ok || strings.Count(out, `but expected was: "= main  one", line 1 of two.txt`) != 2 || strings.Count(out, "again: PROMISE_SEED=77 go test") != 2 {
		t.Errorf("ok: %v\n%s", ok, out)
	}
}

// What only an unusual order breaks is found under stress, which is repeated more often if that is asked for.
func TestStressFindsWhatLuckHides(t *testing.T) {
	ok, out := hold(t, inner+"=lucky", "PROMISE_RUNS=10000")
	if ok || !regexp.MustCompile(`in run \d+ of 10000, with GOMAXPROCS \d+; again: PROMISE_SEED=\d+ go test`).MatchString(out) {
		t.Errorf("ok: %v\n%s", ok, out)
	}
}

func TestAVariableThatIsNoNumberIsRefused(t *testing.T) {
	for _, variable := range []string{"PROMISE_RUNS=0", "PROMISE_RUNS=many", "PROMISE_SEED=-1"} {
		if ok, out := hold(t, inner+"=kept", variable); ok || !strings.Contains(out, variable+": want a number from 1 on") {
			t.Errorf("%s: ok: %v\n%s", variable, ok, out)
		}
	}
}
