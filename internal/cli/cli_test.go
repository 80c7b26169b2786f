package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/explore/apart"
	"cookbook/internal/process"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) {
	process.Main()
	if os.Getenv(asCookbook) != "" {
		os.Exit(Main(ranked(), os.Args[1:], System()))
	}
	if os.Getenv(apart.Variable) != "" {
		os.Exit(Main(explorable(), nil, System()))
	}
	enginetest.VerifyTestMain(m)
}

// fake is a catalog of recipes that go wrong in every way, so that every exit code can be seen.
func fake(t *testing.T) *catalog.Catalog {
	files := fstest.MapFS{}
	chapter := &catalog.Chapter{Number: 9, Title: "What can go wrong", Files: files}
	add := func(stem, promise string, needs []catalog.Need, run func(n int) catalog.Run) {
		files[stem+catalog.Promise] = &fstest.MapFile{Data: []byte(promise)}
		chapter.Recipes = append(chapter.Recipes, &catalog.Recipe{
			ID: "ch9." + stem, Section: fmt.Sprintf("9.%d", len(chapter.Recipes)+1), Title: "The " + stem + " one", Python: "py", Go: "go", Needs: needs,
			New: func(f *pflag.FlagSet) catalog.Run {
				n := f.Int("n", 1, "how many")
				return func(ctx context.Context, out *transcript.Log) error { return run(*n)(ctx, out) }
			},
		})
	}
	add("good", "= main  hello {--n}\n✓ it holds", nil, func(n int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			if n < 0 {
				return catalog.Usagef("--n %d: want at least 0", n)
			}
			out.Printf("hello %d", n)
			out.Check("it holds", true, true)
			return nil
		}
	})
	add("liar", "when --n > 1\nunmatched a liar says what he likes\nend\n= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { out.Printf("goodbye"); return nil }
	})
	add("wrong", "✓ sum", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { out.Check("sum", 1, 2); return nil }
	})
	add("broken", "= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { return errors.New("the disk is full") }
	})
	add("panicky", "= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { panic("oops") }
	})
	add("needy", "= main  hello", []catalog.Need{"a crystal ball"}, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { return nil }
	})
	add("waiting", "= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			main := threading.Main(ctx)
			lock := threading.NewLock("the lock")
			if err := lock.Acquire(main); err != nil {
				return err
			}
			return lock.Acquire(main) // waits for itself
		}
	})
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	add("deaf", "= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error { <-release; return nil }
	})
	add("late", "= main  hello", nil, func(int) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			out.Printf("hello")
			<-ctx.Done()
			out.Printf("told to end")
			out.Note("told to end")
			out.Check("told to end", true, true)
			return context.Cause(ctx)
		}
	})
	return &catalog.Catalog{Chapters: []*catalog.Chapter{chapter}}
}

// cookbook runs a command line on the fake catalog.
func cookbook(t *testing.T, tty bool, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diagnostics bytes.Buffer
	code = Main(fake(t), args, Streams{
		In: strings.NewReader(""), Out: &out, Err: &diagnostics, OutTTY: tty, Width: 80,
		Env: func(name string) (string, bool) { value, set := env[name]; return value, set },
	})
	return code, out.String(), diagnostics.String()
}

func TestExitCodesAndErrors(t *testing.T) {
	for _, tt := range []struct {
		args   string
		code   int
		stderr string // a part of it; "" means none at all
	}{
		{"run good", exitOK, ""},
		{"run good -n 5", exitUsage, "unknown shorthand flag: 'n' in -n; see: cookbook run ch9.good --help"},
		{"run good --n 5", exitOK, ""},
		{"run good --n", exitUsage, "flag needs an argument: --n"},
		{"run good --n five", exitUsage, "--n five: want int, as in 1; see: cookbook run ch9.good --help"},
		{"run good --n -5", exitUsage, "--n -5: want at least 0"},
		{"run good more", exitUsage, `cookbook run ch9.good takes no argument, got "more"`},
		{"run --speed max good --seed 3", exitOK, ""},
		{"run 9.1", exitOK, ""},
		{"run --speed 0 good", exitUsage, "--speed 0: want 0.001 to 1000000 (1 is the book's pace), or max for no pauses; see: cookbook run ch9.good --help"},
		{"run good --timeout -1s", exitUsage, "--timeout -1s: want 1ms to 1000h0m0s, as in 1m0s; see:"},
		{"run good --plain --json", exitUsage, "exclude each other"},
		{"run liar", exitFailed, `cookbook: main said "goodbye", but expected was: "= main  hello", line 4 of recipes/ch9/liar.txt`},
		{"run liar --n 2", exitOK, ""},
		{"run wrong", exitFailed, "cookbook: check failed: sum: got 1, want 2"},
		{"run wrong --n 2", exitFailed, "check failed"},
		{"run broken", exitFailed, "cookbook: the disk is full"},
		{"run panicky", exitFailed, "the recipe panicked: oops"},
		{"run needy", exitMissing, "cookbook: ch9.needy needs a crystal ball: "},
		{"run waiting --timeout 1s", exitTimeout, "ch9.waiting did not end within 1s (--timeout):\n  MainThread holds the lock, waits for the lock"},
		{"run god", exitUsage, `no recipe "god"; did you mean ch9.good?`},
		{"run e", exitUsage, `"e" names`},
		{"run", exitUsage, "run wants a recipe, as in: cookbook run ch2.lock"},
		{"rum good", exitUsage, `no command "rum"; did you mean run?`},
		{"good", exitUsage, `no command "good"; see: cookbook --help (to run a recipe: cookbook run good)`},
		{"-- run good", exitUsage, "run stands behind --, which ends a command's flags; type: cookbook run …"},
		{"--frob", exitUsage, "unknown flag: --frob; see: cookbook --help"},
		{"help", exitOK, ""},
		{"help run goo", exitOK, ""},
		{"help run gooo", exitUsage, `no recipe "gooo"; did you mean ch9.good?`},
		{"help rum", exitUsage, `no command "rum"; did you mean run?`},
		{"help version x", exitUsage, `no command "x"`},
		{"version x", exitUsage, `cookbook version takes no argument, got "x"`},
		{"verify good", exitOK, "1 recipe: 1 ok, 0 failed, 0 skipped"},
		{"verify good liar needy", exitFailed, "3 recipes: 1 ok, 1 failed, 1 skipped"},
		{"verify needy", exitOK, "1 skipped"},
		{"verify nothing", exitUsage, `no recipe "nothing"`},
		{"verify --times 0", exitUsage, "--times 0: want 1 to 1000000; see: cookbook verify --help"},
		{"verify --require wings good", exitUsage, "--require wings: nothing of that name; there are: network"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, _, stderr := cookbook(t, false, nil, strings.Fields(tt.args)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if tt.stderr == "" && stderr != "" || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("stderr %q, want %q", stderr, tt.stderr)
			}
		})
	}
}

func TestARecipeThatDoesNotListenIsLeftBehind(t *testing.T) {
	code, _, stderr := cookbook(t, false, nil, "run", "deaf", "--timeout", "10ms")
	if code != exitTimeout || !strings.Contains(stderr, "did not end within 10ms (--timeout), nor when it was told to") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

func TestRunSpeaksToPeopleAndPrograms(t *testing.T) {
	t.Run("annotated", func(t *testing.T) {
		_, out, _ := cookbook(t, false, nil, "run", "good")
		for _, want := range []string{"ch9.good · The good one", "book §9.1", " =  ", "main  hello 1", " ✓ ", "2 promises kept in ", "why: cookbook explain ch9.good"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is missing in:\n%s", want, out)
			}
		}
	})
	t.Run("plain", func(t *testing.T) {
		if _, out, _ := cookbook(t, true, nil, "run", "good", "--plain", "--n", "3"); out != "hello 3\n" {
			t.Errorf("got %q", out)
		}
	})
	t.Run("the promise follows a flag", func(t *testing.T) {
		if code, out, _ := cookbook(t, false, nil, "run", "good", "--n", "7"); code != exitOK || !strings.Contains(out, " =  ") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
	t.Run("unmatched, and why", func(t *testing.T) {
		code, out, _ := cookbook(t, false, nil, "run", "liar", "--n", "2")
		if code != exitOK || strings.Contains(out, " !  ") || !strings.Contains(out, "not compared with the promise: a liar says what he likes.") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
		_, out, _ = cookbook(t, false, nil, "run", "liar", "--n", "2", "--json")
		if !strings.Contains(out, `"unmatched":"a liar says what he likes"`) {
			t.Errorf("got:\n%s", out)
		}
	})
	t.Run("json ends with the verdict", func(t *testing.T) {
		_, out, _ := cookbook(t, false, nil, "run", "liar", "--json")
		lines := strings.Split(strings.TrimSpace(out), "\n")
		var end struct {
			Kind, Error string
			OK          bool
			Elapsed     *float64 `json:"elapsed_ms"`
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Kind != "end" || end.OK || end.Error == "" || end.Elapsed == nil {
			t.Errorf("%v: %+v", err, end)
		}
	})
	t.Run("a usage error stands alone", func(t *testing.T) {
		if _, out, _ := cookbook(t, true, nil, "run", "good", "--n", "-1"); out != "" {
			t.Errorf("got %q", out)
		}
	})
}

func TestListForPeopleAndPrograms(t *testing.T) {
	_, terminal, _ := cookbook(t, true, nil, "list")
	if !strings.HasPrefix(terminal, "Chapter 9 · What can go wrong\nRECIPE ") || strings.Contains(terminal, "\t") {
		t.Errorf("terminal:\n%s", terminal)
	}
	_, pipe, _ := cookbook(t, false, nil, "list", "liar")
	if pipe != "ch9.liar\t9.2\tThe liar one\tpy\tgo\n" {
		t.Errorf("pipe: %q", pipe)
	}
	_, out, _ := cookbook(t, false, nil, "list", "--json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 9 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, key := range []string{"id", "section", "chapter", "title", "python", "go", "needs", "available", "reason"} {
		if _, ok := all[0][key]; !ok {
			t.Errorf("no key %q", key)
		}
	}
	for _, r := range all {
		if needy := r["id"] == "ch9.needy"; r["available"] == needy || (r["reason"] != "") != needy {
			t.Errorf("%v", r)
		}
	}
	if code, out, stderr := cookbook(t, true, nil, "list", "zebra"); code != exitFailed || out != "" || !strings.Contains(stderr, "see all: cookbook list") {
		t.Errorf("%d %q %q", code, out, stderr)
	}
	if _, out, _ := cookbook(t, true, nil, "list", "zebra", "--json"); out != "[]\n" {
		t.Errorf("got %q", out)
	}
}

func TestVerifySaysWhichLineDiffers(t *testing.T) {
	code, out, _ := cookbook(t, true, nil, "verify", "good", "liar", "wrong", "needy", "--times", "3", "--stress")
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"ch9.good", "ok", "FAILED", `main said "goodbye"`, "check failed: sum", "(run 1, GOMAXPROCS ", "skipped", "4 recipes: 1 ok, 2 failed, 1 skipped"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	_, out, _ = cookbook(t, false, nil, "verify", "good", "liar", "needy", "--json")
	var verdicts []verdict
	if err := json.Unmarshal([]byte(out), &verdicts); err != nil {
		t.Fatal(err)
	}
	if len(verdicts) != 3 || verdicts[0].Status != "ok" || verdicts[0].Kept != 2 || verdicts[1].Status != "FAILED" || verdicts[2].Status != "skipped" || verdicts[2].Reason == "" {
		t.Errorf("%+v", verdicts)
	}
}

func TestVerifyFailsWhatIsRequired(t *testing.T) {
	// The fake need is known to nobody, so it is asked for as the CI does, by a need that is known and met.
	if code, _, stderr := cookbook(t, false, map[string]string{"COOKBOOK_REQUIRE": "network"}, "verify", "good"); code != exitOK {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, _, stderr := cookbook(t, false, map[string]string{"COOKBOOK_REQUIRE": "wings"}, "verify", "good"); code != exitUsage || !strings.Contains(stderr, "COOKBOOK_REQUIRE=wings: nothing of that name") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	e, err := fake(t).Find("needy")
	if err != nil {
		t.Fatal(err)
	}
	o := &verifyOptions{times: 1, timeout: time.Second}
	v := o.verify(t.Context(), &choice{}, e, []catalog.Need{"a crystal ball"}, func(int) {})
	if v.Status != "FAILED" || !strings.Contains(v.Error, "required") {
		t.Errorf("%+v", v)
	}
}

func TestInterruptEndsARun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := fake(t)
	e, err := c.Find("waiting")
	if err != nil {
		t.Fatal(err)
	}
	run, _, err := e.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	cancel(command.InterruptedError{})
	if err := command.Supervise(ctx, time.Minute, run, transcript.Config{Recipe: e.ID}); exitCode(err) != exitInterrupted {
		t.Errorf("got %v", err)
	}
}

func TestCompletionKnowsRecipesAndTheirFlags(t *testing.T) {
	for args, want := range map[string]string{
		"run ch9.go":          "ch9.good\tThe good one",
		"explain ch9.l":       "ch9.liar\tThe liar one",
		"run ch9.good --":     "--n\thow many",
		"run ch9.good --sp":   "--speed",
		"verify --":           "--stress",
		"completion ":         "fish",
		"compare ch9.pan":     "ch9.panicky",
		"run ch9.good --n 3 ": ":4",
	} {
		_, out, _ := cookbook(t, false, nil, append([]string{"__complete"}, strings.Split(args, " ")...)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s: %q is missing in %q", args, want, out)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if code, out, _ := cookbook(t, false, nil, "completion", shell); code != exitOK || !strings.Contains(out, "cookbook") {
			t.Errorf("%s: exit code %d", shell, code)
		}
	}
}

// What a recipe says when it has been told to end is about that end, and would look like a part of the run.
func TestWhatIsSaidAfterTheTimeoutIsNotShown(t *testing.T) {
	for _, flags := range [][]string{nil, {"--plain"}, {"--json"}} {
		code, out, _ := cookbook(t, false, nil, append([]string{"run", "late", "--timeout", "10ms"}, flags...)...)
		if code != exitTimeout || !strings.Contains(out, "hello") || strings.Contains(out, "told") {
			t.Errorf("%q: exit code %d:\n%s", flags, code, out)
		}
	}
}

func TestTheMarksAreExplainedTheFirstTimes(t *testing.T) {
	legend := "=  exactly here, among all lines so marked"
	home := map[string]string{"HOME": t.TempDir()}
	run := func(tty bool, env map[string]string) bool {
		code, out, stderr := cookbook(t, tty, env, "run", "good")
		if code != exitOK {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return strings.Contains(out, legend)
	}
	for range 2 {
		if run(false, home) {
			t.Error("explained in a pipe")
		}
	}
	for i := range 5 {
		if got, want := run(true, home), i < legendTimes; got != want {
			t.Errorf("time %d: explained: %v", i+1, got)
		}
	}
	if !run(false, map[string]string{"COOKBOOK_LEGEND": "always"}) || run(true, map[string]string{"HOME": t.TempDir(), "COOKBOOK_LEGEND": "never"}) {
		t.Error("COOKBOOK_LEGEND does not decide")
	}
	if run(true, nil) || run(true, map[string]string{"HOME": "/dev/null"}) {
		t.Error("explained where it cannot be counted")
	}
}
