package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/transcript"
)

// explorable is a catalog of small recipes of two goroutines, and of what can be wrong with them.
func explorable() *catalog.Catalog {
	files := fstest.MapFS{}
	chapter := &catalog.Chapter{Number: 9, Title: "What can be explored", Files: files}
	add := func(stem, promise string, run func(n int) catalog.Run) {
		files[stem+catalog.Promise] = &fstest.MapFile{Data: []byte(promise)}
		files[stem+catalog.Source] = &fstest.MapFile{Data: []byte("package ch9")}
		chapter.Recipes = append(chapter.Recipes, &catalog.Recipe{
			ID: "ch9." + stem, Section: fmt.Sprintf("9.%d", len(chapter.Recipes)+1), Title: "The " + stem + " one", Python: "py", Go: "go",
			New: func(f *pflag.FlagSet) catalog.Run {
				n := f.Int("n", 1, "how many")
				return func(ctx context.Context, out *transcript.Log) error { return run(*n)(ctx, out) }
			},
		})
	}
	// both runs two goroutines as the actors a and b.
	both := func(out *transcript.Log, run func(name string, say func(format string, args ...any))) {
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			wg.Go(func() {
				out.Actor(name).Begin()
				run(name, out.Actor(name).Printf)
			})
		}
		wg.Wait()
	}
	add("free", "repeat i=1..--n\n~ a  a speaks\n~ b  b speaks\nend", func(n int) catalog.Run {
		return func(_ context.Context, out *transcript.Log) error {
			both(out, func(name string, say func(string, ...any)) {
				for range n {
					say("%s speaks", name)
				}
			})
			return nil
		}
	})
	add("lost", "~ a  a reads {:int}\n~ b  b reads {:int}\n= main  the sum is 2", func(int) catalog.Run {
		return func(_ context.Context, out *transcript.Log) error {
			var sum atomic.Int64
			both(out, func(name string, say func(string, ...any)) {
				read := sum.Load()
				say("%s reads %d", name, read)
				sum.Store(read + 1)
			})
			out.Printf("the sum is %d", sum.Load())
			return nil
		}
	})
	add("crossed", "~ a  a has one lock\n~ b  b has one lock", func(int) catalog.Run {
		return func(_ context.Context, out *transcript.Log) error {
			var first, second sync.Mutex
			both(out, func(name string, say func(string, ...any)) {
				one, other := &first, &second
				if name == "b" {
					one, other = other, one
				}
				one.Lock()
				say("%s has one lock", name)
				other.Lock()
				defer one.Unlock()
				defer other.Unlock()
			})
			return nil
		}
	})
	add("panicky", "~ a  a goes first\n~ b  b goes second", func(int) catalog.Run {
		return func(_ context.Context, out *transcript.Log) error {
			var first atomic.Bool
			both(out, func(name string, say func(string, ...any)) {
				switch {
				case name == "a":
					first.Store(true)
					say("a goes first")
				case !first.Load():
					say("b cannot go second")
					panic("b was first")
				default:
					say("b goes second")
				}
			})
			return nil
		}
	})
	return &catalog.Catalog{Chapters: []*catalog.Chapter{chapter}}
}

// explorer runs command lines on that catalog, with a state folder of their own.
func explorer(t *testing.T) func(args ...string) (code int, stdout, stderr string) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"XDG_STATE_HOME": t.TempDir()}
	return func(args ...string) (int, string, string) {
		t.Helper()
		var out, diagnostics bytes.Buffer
		code := Main(explorable(), args, Streams{
			In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: 80, Exe: exe,
			Env: func(name string) (string, bool) { value, set := env[name]; return value, set },
		})
		return code, out.String(), diagnostics.String()
	}
}

func TestExploreSaysWhatItHasCoveredAndWhatIsWrong(t *testing.T) {
	explore := explorer(t)
	for _, tt := range []struct {
		args   string
		code   int
		stdout string // a regular expression
	}{
		{"explore free", exitOK, `(?m)^COMPLETE: 2 line orders from \d+ schedules in \d+\.\d s$`},
		{"explore free --n 40 --budget 200ms", exitOK, `(?s)BOUNDED: .* line\s+orders\s+from\s.*go on: cookbook explore ch9.free --n 40 --resume\n`},
		{"explore free --n 40 --schedules 3", exitOK, `(?s)BOUNDED: .*\sfrom\s+[123]\s+schedule`},
		{"explore lost", exitFailed, `(?s)BROKEN: main said "the sum is 1".*\n +a +b.*reads 0.*replay: cookbook run ch9.lost --schedule \S+\n.*BROKEN, found after`},
		{"explore crossed", exitFailed, `(?s)DEADLOCK: nothing can run.*replay: `},
		{"explore panicky", exitFailed, `(?s)PANIC: b was first\n.*b cannot go second.*replay: `},
		{"explore", exitFailed, `(?m)^ch9.free\tCOMPLETE\t2\t\d+\tall\t\t[0-9.]+\nch9.lost\tBROKEN\t(?s:.*)\nch9.panicky\tPANIC\t`},
		{"explore ch9 free", exitFailed, `ch9.free\tCOMPLETE`},
	} {
		code, stdout, stderr := explore(strings.Fields(tt.args)...)
		summary := regexp.MustCompile(`^(4 recipes: 1 complete, 0 bounded, 3 failed, 0 skipped, in \d+\.\d s\n)?$`)
		if code != tt.code || !regexp.MustCompile(tt.stdout).MatchString(stdout) || !summary.MatchString(stderr) {
			t.Errorf("%s: code %d, stderr %q, stdout\n%s\nwant code %d and a match of\n%s", tt.args, code, stderr, stdout, tt.code, tt.stdout)
		}
	}
}

func TestExploreRefusesWhatItDoesNotUnderstand(t *testing.T) {
	explore := explorer(t)
	for args, want := range map[string]string{
		"explore fre --wrong x":                 "unknown flag: --wrong; see: cookbook explore --help",
		"explore free lost --n 2":               "a recipe's own flags and arguments are for one recipe, and 2 are named",
		"explore free -- more":                  `ch9.free takes no argument, got "more"`,
		"explore ch9 --n 2":                     "unknown flag: --n",
		"explore ch9 --timeline":                "--suggest and --timeline are for one recipe",
		"explore free --json --timeline":        "--timeline is a picture: leave out --json",
		"explore free --n two":                  "--n two: want int, as in 1",
		"explore free --budget 0s":              "--budget 0s: want 1ms to 1000h0m0s",
		"explore free --resume":                 "nothing to go on from: no search of ch9.free was cut short",
		"explore nosuch":                        `no recipe "nosuch"`,
		"run free --schedule nosuch":            `--schedule "nosuch": not a token of cookbook explore`,
		"run free --schedule s1.AAAA":           "it was made for another recipe, or for other flags or another --seed than ch9.free",
		"run free --schedule s1.AAAA --speed 1": "leave out --speed",
	} {
		if code, stdout, stderr := explore(strings.Fields(args)...); code != exitUsage || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q; want %q", args, code, stdout, stderr, want)
		}
	}
}

// found by explore --json, as a program reads it.
type foundJSON struct {
	Recipe, Verdict string
	Args            []string
	Schedules       int
	Resumable       bool
	Faults          []struct {
		Kind, Replay, Token string
		Fewest              bool
	}
}

func TestAScheduleReplaysToTheSameBytes(t *testing.T) {
	explore := explorer(t)
	for _, recipe := range []string{"lost"} { // a deadlock would leave its goroutines here
		code, stdout, _ := explore("explore", recipe, "--json")
		var f foundJSON
		if err := json.Unmarshal([]byte(stdout), &f); err != nil || code != exitFailed || len(f.Faults) != 1 || !f.Faults[0].Fewest {
			t.Fatalf("explore %s: code %d, %v\n%s", recipe, code, err, stdout)
		}
		for _, form := range []string{"", " --plain", " --json"} {
			again := strings.Fields(strings.TrimPrefix(f.Faults[0].Replay, "cookbook ") + form)
			_, want, wantErr := explore(again...)
			if strings.Count(want, "\n") < 2 || wantErr == "" {
				t.Fatalf("%v said %q and %q", again, want, wantErr)
			}
			for range 20 {
				if code, got, gotErr := explore(again...); code != exitFailed || got != want || gotErr != wantErr {
					t.Fatalf("%v: code %d\n%s%s\nwant\n%s%s", again, code, got, gotErr, want, wantErr)
				}
			}
		}
	}
}

func TestAPanicOfAGoroutineIsFoundWithTheFewestPreemptions(t *testing.T) {
	_, stdout, stderr := explorer(t)("explore", "panicky", "--json")
	var f foundJSON
	if err := json.Unmarshal([]byte(stdout), &f); err != nil || len(f.Faults) != 1 {
		t.Fatalf("%v, %s\n%s", err, stderr, stdout)
	}
	if fault := f.Faults[0]; fault.Kind != "panic" || !fault.Fewest || fault.Token == "" {
		t.Errorf("%+v", fault)
	}
}

func TestAFlagThatIsTypedInOneOfItsFormsIsPartOfTheSchedule(t *testing.T) {
	explore := explorer(t)
	_, stdout, _ := explore("explore", "lost", "--n=3", "--seed=7")
	replay := regexp.MustCompile(`replay: cookbook (run ch9.lost --n 3 --seed 7 --schedule \S+)`).FindStringSubmatch(stdout)
	if replay == nil {
		t.Fatal(stdout)
	}
	args := strings.Fields(replay[1])
	if code, _, stderr := explore(args...); code != exitFailed {
		t.Errorf("%v: code %d, %s", args, code, stderr)
	}
	token := args[len(args)-1]
	for _, other := range [][]string{{"--n", "3"}, {"--n", "4", "--seed", "7"}, {"--seed", "7"}} {
		if code, _, stderr := explore(append([]string{"run", "lost", "--schedule", token}, other...)...); code != exitUsage {
			t.Errorf("%v: code %d, %s", other, code, stderr)
		}
	}
}

func TestASearchGoesOnWhereTheLastOneEnded(t *testing.T) {
	explore := explorer(t)
	search := func(args ...string) (f foundJSON, stderr string) {
		_, stdout, stderr := explore(append([]string{"explore", "free", "--n", "5", "--json"}, args...)...)
		if stdout != "" {
			if err := json.Unmarshal([]byte(stdout), &f); err != nil {
				t.Fatal(err)
			}
		}
		return f, stderr
	}
	first, _ := search("--schedules", "100")
	if first.Schedules == 0 || first.Schedules > 100 || !first.Resumable {
		t.Fatalf("%+v", first)
	}
	if second, stderr := search("--schedules", "100", "--resume"); second.Schedules <= first.Schedules || second.Schedules > 200 || !second.Resumable {
		t.Errorf("%+v, %s", second, stderr)
	}
	if _, _, stderr := explore("explore", "free", "--n", "6", "--resume"); !strings.Contains(stderr, "no search of ch9.free --n 6 was cut short") {
		t.Errorf("other flags: %s", stderr)
	}
	if last, stderr := search("--resume", "--budget", "1m"); last.Verdict != "COMPLETE" || last.Resumable {
		t.Errorf("%+v, %s", last, stderr)
	}
	if _, stderr := search("--resume"); !strings.Contains(stderr, "nothing to go on from") {
		t.Errorf("after the end: %s", stderr)
	}
}

func TestAStateOfAnotherVersionIsRefused(t *testing.T) {
	state := t.TempDir()
	a := &app{catalog: explorable(), Streams: Streams{Env: func(name string) (string, bool) { return state, name == "XDG_STATE_HOME" }}}
	e, err := a.catalog.Find("free")
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSubject(e, nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	version := func() string {
		v, err := s.version()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	before := version()
	files := s.Chapter.Files.(fstest.MapFS)
	files["freedom.txt"] = &fstest.MapFile{Data: []byte("of another recipe")}
	if version() != before {
		t.Error("another recipe's file changes the version")
	}
	files["free_wrong.go"] = &fstest.MapFile{Data: []byte("package ch9")}
	if version() == before {
		t.Error("a file of the recipe does not change the version")
	}
	file := a.stateFile(s)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"": "is no state of a search of ch9.free",
		`{"program":"ch9.free","version":"1","state":{}}`: "was of another version of the recipe",
		`{"program":"ch9.lost","version":"1","state":{}}`: "is no state of a search of ch9.free",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.savedState(s); err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != exitUsage {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestASearchThatIsInterruptedSaysWhatItHasDone(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	var out bytes.Buffer
	a := &app{catalog: explorable(), Streams: Streams{Out: &out, Width: 80, Exe: exe, Env: func(name string) (string, bool) { return state, name == "XDG_STATE_HOME" }}}
	e, err := a.catalog.Find("free")
	if err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	e.New(flags)
	flags.Set("n", "40")
	s, err := newSubject(e, flags, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	timer := time.AfterFunc(300*time.Millisecond, func() { cancel(command.InterruptedError{}) })
	defer timer.Stop()
	err = (&exploreOptions{budget: time.Hour}).run(ctx, a, []*subject{s})
	if exitCode(err) != exitInterrupted || !strings.Contains(out.String(), "go on: cookbook explore ch9.free --n 40 --resume") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestAFailureUnderStressIsFoundAgain(t *testing.T) {
	explore := explorer(t)
	code, stdout, _ := explore("verify", "lost", "--stress", "--times", "1000", "--seed", "5")
	replay := regexp.MustCompile(`^ch9.lost\tFAILED\t.*main said "the sum is 1".*; replay: cookbook (.*)\n$`).FindStringSubmatch(stdout)
	if code != exitFailed || replay == nil {
		t.Fatalf("code %d\n%s", code, stdout)
	}
	if code, stdout, _ := explore(strings.Fields(replay[1])...); code != exitFailed || !strings.Contains(stdout, "the sum is 1") {
		t.Errorf("%s: code %d\n%s", replay[1], code, stdout)
	}
	_, stdout, _ = explore("verify", "lost", "--stress", "--times", "1000", "--json")
	if !strings.Contains(stdout, `"verdict": "BROKEN"`) {
		t.Error(stdout)
	}
	if _, stdout, _ = explore("verify", "free", "--json"); strings.Contains(stdout, "explored") {
		t.Errorf("without --stress: %s", stdout)
	}
}
