package alone

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a program that greets as often as --n says, or, with --wrong mute, not at all, or, with --wrong stuck, never ends.
func sample() Program {
	greet := func(out *transcript.Log, n int) error {
		for range n {
			out.Printf("hello")
		}
		return nil
	}
	return Program{
		Files: fstest.MapFS{"greet.txt": {Data: []byte("when --wrong == \"\"\nrepeat i=1..--n\n  = main  hello\nend\nelse\n= main  hello\nend\n")}},
		Recipe: &catalog.Recipe{
			ID: "ch9.greet", Section: "9.1", Title: "Greet", Python: "print", Go: "Printf",
			New: func(f *pflag.FlagSet) catalog.Run {
				n := catalog.Int(f, "n", 1, 1, 9, "how often")
				return func(_ context.Context, out *transcript.Log) error { return greet(out, *n) }
			},
			Wrong: []catalog.Wrong{
				{Name: "mute", Title: "says nothing", Run: func(_ context.Context, out *transcript.Log) error { return greet(out, 0) }},
				{Name: "stuck", Title: "never ends", Run: func(ctx context.Context, out *transcript.Log) error {
					out.Printf("hello")
					<-ctx.Done()
					return context.Cause(ctx)
				}},
			},
		},
	}
}

// start runs a command line of a program.
func start(t *testing.T, p Program, args string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = p.main(strings.Fields(args), command.Streams{Out: &out, Err: &errs, Width: 80, Env: func(string) (string, bool) { return "", false }})
	return code, out.String(), errs.String()
}

func TestACommandLine(t *testing.T) {
	heading := "ch9.greet · Greet                                                      book §9.1\nprint → Printf\n"
	for _, tt := range []struct {
		args   string
		code   int
		stdout string // begins so; "": nothing
		stderr string // holds this; "": nothing
	}{
		{"", command.ExitOK, heading, ""},
		{"--plain", command.ExitOK, "hello\n", ""},
		{"--plain --n 2", command.ExitOK, "hello\nhello\n", ""},
		{"--json", command.ExitOK, `{"recipe":"ch9.greet","at_ms":`, ""},
		{"--speed max --seed 3", command.ExitOK, heading, ""},
		{"--plain --wrong mute", command.ExitFailed, "", "this never came: \"= main  hello\", line 6 of greet.txt\n"},
		{"--wrong stuck --timeout 20ms", command.ExitTimeout, heading, "greet: ch9.greet did not end within 20ms (--timeout)"},
		{"--wrong mute --n 3", command.ExitUsage, "", "greet: --n is a flag of the recipe, and --wrong mute runs another program: leave one of them out\n"},
		{"--wrong loud", command.ExitUsage, "", "greet: --wrong loud: want mute or stuck; see: go run . --help\n"},
		{"--n 10", command.ExitUsage, "", "greet: --n 10: want 1 to 9; see: go run . --help\n"},
		{"--n", command.ExitUsage, "", "greet: flag needs an argument: --n int; see: go run . --help\n"},
		{"--m 1", command.ExitUsage, "", "greet: unknown flag: --m; see: go run . --help\n"},
		{"--device cpu", command.ExitUsage, "", "greet: unknown flag: --device; see: go run . --help\n"},
		{"again", command.ExitUsage, "", "greet: go run . takes no argument, got \"again\"; see: go run . --help\n"},
		{"--plain --json", command.ExitUsage, "", "greet: --plain and --json exclude each other: choose one\n"},
		{"--watch --json", command.ExitUsage, "", "greet: --watch shows each run beside its promise: leave out --plain and --json\n"},
	} {
		code, stdout, stderr := start(t, sample(), tt.args)
		if code != tt.code || !strings.HasPrefix(stdout, tt.stdout) || tt.stdout == "" && stdout != "" || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q", tt.args, code, stdout, stderr)
		}
	}
}

func TestTheLastLineNamesTheReadme(t *testing.T) {
	_, out, _ := start(t, sample(), "")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); !strings.HasPrefix(lines[len(lines)-1], "1 promise kept in ") || !strings.HasSuffix(lines[len(lines)-1], "  why: README.md") {
		t.Errorf("got\n%s", out)
	}
}

func TestHelpShowsTheRecipeAndBothKindsOfFlags(t *testing.T) {
	code, out, _ := start(t, sample(), "--n 2 --help")
	at := 0
	for _, part := range []string{
		"Greet (book §9.1)\nprint → Printf\n", "README.md", "=  exactly here", "\nUsage:\n  go run . [flags]\n", "\nFlags:\n", "-h, --help", "--n int", "(default 1)", "--wrong name",
		"\nWrong in one place, by --wrong:\n  mute   says nothing\n", "\nFlags of every recipe:\n", "--json", "--plain", "--seed", "--speed", "--timeout", "--watch",
	} {
		i := strings.Index(out[at:], part)
		if i < 0 {
			t.Fatalf("%q does not come, or not there, in\n%s", part, out)
		}
		at += i
	}
	if code != command.ExitOK || strings.Contains(out, "cookbook") || strings.Contains(out, "--device") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestWrongIsTheProgramThatIsWrongUnlessTold(t *testing.T) {
	p := sample()
	p.Wrong = "mute"
	if code, _, stderr := start(t, p, "--plain"); code != command.ExitFailed || !strings.Contains(stderr, "line 6 of greet.txt") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	if code, out, _ := start(t, p, "--plain --wrong stuck --timeout 20ms"); code != command.ExitTimeout || out != "hello\n" {
		t.Errorf("exit code %d, stdout %q", code, out)
	}
	if _, out, _ := start(t, p, "--help"); !strings.Contains(out, "(default mute)") {
		t.Errorf("help does not name it:\n%s", out)
	}
	p.Recipe.Bare = func(_ context.Context, out *transcript.Log) error { out.Printf("bare"); return nil }
	if _, out, _ := start(t, p, "--plain --bare"); out != "bare\n" {
		t.Errorf("with --bare it said %q", out)
	}
	p.Wrong = "loud"
	if code, _, stderr := start(t, p, "--plain"); code != command.ExitUsage || !strings.Contains(stderr, `Wrong: "loud" in main.go: want mute or stuck`) {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	p.Recipe.Wrong = nil
	if code, _, stderr := start(t, p, "--plain"); code != command.ExitUsage || !strings.Contains(stderr, "has no wrong programs") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

func TestDeviceIsNamedInTheContextAndTheHeading(t *testing.T) {
	type key struct{}
	p := sample()
	p.Recipe.Device = true
	p.Recipe.New = func(*pflag.FlagSet) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			out.Printf("on %v", ctx.Value(key{}))
			return nil
		}
	}
	p.Files = fstest.MapFS{"greet.txt": {Data: []byte("= main  on {:text}\n")}}
	p.Device = func(ctx context.Context, name string) (context.Context, error) {
		if name == "abacus" {
			return nil, &catalog.ValueError{Want: "cpu"}
		}
		return context.WithValue(ctx, key{}, name), nil
	}
	if _, out, _ := start(t, p, "--device cpu"); !strings.Contains(out, "print → Printf, on cpu\n") || !strings.Contains(out, "  on cpu\n") {
		t.Errorf("got\n%s", out)
	}
	if _, out, _ := start(t, p, ""); !strings.Contains(out, "print → Printf\n") || !strings.Contains(out, "  on <nil>\n") {
		t.Errorf("got\n%s", out)
	}
	if code, _, stderr := start(t, p, "--device abacus"); code != command.ExitUsage || stderr != "greet: --device abacus: want cpu; see: go run . --help\n" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

// A reader that has left, as head does, ends the run.
func TestAReaderThatLeavesEndsTheRun(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	var errs bytes.Buffer
	code := sample().main([]string{"--wrong", "stuck", "--timeout", "1000h"}, command.Streams{Out: w, Err: &errs, Width: 80, Env: os.LookupEnv})
	if code == command.ExitOK || code == command.ExitTimeout || errs.Len() > 0 {
		t.Errorf("exit code %d, stderr %q", code, errs.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestOutputThatCannotBeWrittenFails(t *testing.T) {
	var errs bytes.Buffer
	code := sample().main(nil, command.Streams{Out: full{}, Err: &errs, Width: 80, Env: os.LookupEnv})
	if want := "greet: cannot write the output: the disk is full\n"; code != command.ExitFailed || errs.String() != want {
		t.Errorf("exit code %d, stderr %q", code, errs.String())
	}
}

func TestWatchWantsTheFolderOfTheProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, stderr := start(t, sample(), "--watch"); code != command.ExitUsage || !strings.Contains(stderr, "no go.mod") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

func TestTheRunsOfAWatchAreGivenTheOtherFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--watch":                     "",
		"--n 3 --watch --seed 4":      "--n 3 --seed 4",
		"--watch=true --n=3":          "--n=3",
		"--watch --n 3 -- --watch ab": "--n 3 -- --watch ab",
	} {
		if got := strings.Join(withoutWatch(strings.Fields(args)), " "); got != want {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}
