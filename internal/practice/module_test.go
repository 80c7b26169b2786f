package practice

import (
	"errors"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cookbook/recipes"
)

// first is the first exercise.
func first(t *testing.T) *Exercise {
	t.Helper()
	all, err := All(recipes.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func TestTheModuleOfAnExerciseNamesNothingOfCookbook(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, x *Exercise) {
		files, err := x.Module()
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if formatted, err := format.Source(text); path.Ext(name) == ".go" && (err != nil || string(formatted) != string(text)) {
				t.Errorf("%s is not as gofmt writes it: %v\n%s", name, err, text)
			}
			if strings.Contains(string(text), `"cookbook/`) || strings.Contains(string(text), here) {
				t.Errorf("%s imports something of cookbook, or names a folder of this machine", name)
			}
		}
		if first := "// Command practice is an exercise of cookbook, " + x.Name + ": " + x.Title + ".\n"; !strings.HasPrefix(string(files["main.go"]), first) {
			t.Errorf("main.go does not begin with %q:\n%s", first, files["main.go"])
		}
		if n := strings.Count(string(files["main.go"]), "\n"); n > 25 {
			t.Errorf("main.go has %d lines:\n%s", n, files["main.go"])
		}
	})
}

// Each of these reaches another part of the library.
func TestModulesOfExercisesBuildAndServe(t *testing.T) {
	compiles(t)
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	all, err := All(recipes.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"two-locks", "wrong-count", "recv-before-send", "unread-error"} {
		t.Run(name, func(t *testing.T) {
			x, err := Find(all, name, "")
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			if err := x.write(filepath.Join(folder, "src"), []byte(strings.ReplaceAll(x.Files[Given], `"cookbook/`, `"`+moduleName+`/`))); err != nil {
				t.Fatal(err)
			}
			exe, said, err := build(t.Context(), folder, "program")
			if err != nil || said != "" {
				t.Fatalf("%v\n%s", err, said)
			}
			j := NewJudge()
			j.Budget = 2 * time.Minute // the search ends when it has found the fault
			v, err := j.Judge(t.Context(), Program{Name: x.id(), Promise: x.Files[Promise], Start: Command(exe)})
			if err != nil || v.Fault == nil {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
}

func TestAModuleIsMadeWholeOrNotAtAll(t *testing.T) {
	x, dir := first(t), t.TempDir()
	at := filepath.Join(dir, "here")
	if err := x.Make(at); err != nil {
		t.Fatal(err)
	}
	if name, module := Marked(filepath.Join(at, "internal")); name != x.Name || module != at {
		t.Errorf("made in %s: marked %s in %s", at, name, module)
	}
	if err := x.Make(at); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("made twice: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := x.Make(filepath.Join(dir, "empty")); err != nil {
		t.Error(err)
	}
	if err := x.Make(filepath.Join(at, Given, "below")); err == nil {
		t.Error("made below a file")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".practice-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if name, _ := Marked(dir); name != "" {
		t.Errorf("%s is marked as %s", dir, name)
	}
}

func TestResetKeepsWhatWasThere(t *testing.T) {
	x, dir := first(t), filepath.Join(t.TempDir(), "x")
	if err := x.Make(dir); err != nil {
		t.Fatal(err)
	}
	given, err := os.ReadFile(filepath.Join(dir, Given))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ mine, kept string }{{string(given), ""}, {"mine", Given + ".old"}, {"mine, too", Given + ".old2"}} {
		if err := os.WriteFile(filepath.Join(dir, Given), []byte(tt.mine), 0o600); err != nil {
			t.Fatal(err)
		}
		kept, err := x.Reset(dir)
		if err != nil || kept != tt.kept {
			t.Fatalf("%q: kept as %q, %v", tt.mine, kept, err)
		}
		if kept == "" {
			continue
		}
		if old, err := os.ReadFile(filepath.Join(dir, kept)); err != nil || string(old) != tt.mine {
			t.Errorf("kept %q, %v", old, err)
		}
	}
	if err := os.Remove(filepath.Join(dir, Given)); err != nil {
		t.Fatal(err)
	}
	if kept, err := x.Reset(dir); err != nil || kept != "" {
		t.Errorf("without a file: %q, %v", kept, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, Given)); err != nil || string(text) != string(given) {
		t.Errorf("reset: %q, %v", text, err)
	}
}

// onTheClock is the exercise as it is given, with a time.Sleep by which the threads run one after the other in each run.
func onTheClock(t *testing.T, x *Exercise) string {
	const begin = "threading.NewThread(main, func(t *threading.Thread) error {\n"
	text := strings.Replace(x.Files[Given], begin, begin+"\t\t\tif by < 0 {\n\t\t\t\ttime.Sleep(50 * time.Millisecond)\n\t\t\t}\n", 1)
	if text == x.Files[Given] {
		t.Fatalf("no place for a pause in %s", x.Name)
	}
	text = strings.Replace(text, "\t\"context\"\n", "\t\"context\"\n\t\"time\"\n", 1)
	return strings.ReplaceAll(text, `"cookbook/`, `"`+moduleName+`/`)
}

// The judge takes nothing but exercise.go from the folder.
func TestOnlyTheExerciseItselfIsJudged(t *testing.T) {
	compiles(t)
	x, dir := first(t), filepath.Join(t.TempDir(), "x")
	if err := x.Make(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	solved := string(x.Solved())
	for _, tt := range []struct {
		name string
		kind string
		text string // a part of what the verdict says
		with map[string]string
	}{
		{"as it is given", "broken", "line ", nil},
		{"with another promise", "broken", "line ", map[string]string{Expected: "* main  {:text}\n"}},
		{"solved", "", "", map[string]string{Given: solved, "recipe.go": "package other", "more.go": "package main\n\nvar x int = y\n"}},
		{"left to the clock", string(OnTheClock), "exercise.go:", map[string]string{Given: onTheClock(t, x)}},
		{"unfinished", string(Unbuilt), "./exercise.go:3:1: syntax error", map[string]string{Given: "package main\n\nfunk run()\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, text := range tt.with {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v, err := NewJudge().Check(t.Context(), x, dir)
			if err != nil {
				t.Fatal(err)
			}
			if v.Kind == OnTheClock && v.Trial != nil {
				t.Errorf("it was run %d times all the same", v.Trial.Runs)
			}
			if string(v.Kind) != tt.kind || !strings.Contains(v.Text, tt.text) {
				t.Errorf("%q: %s", v.Kind, v.Text)
			}
			if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	if err := os.Remove(filepath.Join(dir, Given)); err != nil {
		t.Fatal(err)
	}
	if _, err := NewJudge().Check(t.Context(), x, dir); err == nil || !strings.Contains(err.Error(), "cookbook practice reset "+x.Name) {
		t.Errorf("without the file: %v", err)
	}
	t.Setenv("PATH", "")
	if err := os.WriteFile(filepath.Join(dir, Given), []byte(solved), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewJudge().Check(t.Context(), x, dir); !errors.Is(err, ErrNoGo) {
		t.Errorf("without go: %v", err)
	}
}
