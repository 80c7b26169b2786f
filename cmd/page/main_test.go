package main

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/recipes/ch2"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// do runs a command line and returns what it prints and its exit code.
func do(t *testing.T, told *told, args ...string) (string, int) {
	t.Helper()
	var out strings.Builder
	code := run(context.Background(), &catalog.Catalog{Chapters: []*catalog.Chapter{&ch2.Chapter}}, args, &out, told)
	return out.String(), code
}

func TestARunIsAStream(t *testing.T) {
	out, code := do(t, &told{}, "ch2.with", "--speed=max")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if n := len(lines); code != command.ExitOK || n < 3 || !strings.HasPrefix(lines[n-2], `{"timeline":"<svg `) || !strings.HasPrefix(lines[n-1], `{"end":{"ok":true,"code":0,`) {
		t.Errorf("code %d and\n%s", code, out)
	}
}

func TestWhatAPageCannotRunIsRefused(t *testing.T) {
	for want, args := range map[string][]string{
		"wants the id of a recipe":               nil,
		"ch2.performance needs network":          {"ch2.performance"},
		"no recipe":                              {"ch9.nothing"},
		"--items 0: want 1 to 100000":            {"ch2.condition", "--items=0"},
		"ch2.condition takes no argument, got x": {"ch2.condition", "x"},
	} {
		out, code := do(t, &told{}, args...)
		if code == command.ExitOK || !strings.Contains(out, want) || strings.Count(out, "\n") > 2 {
			t.Errorf("%q: code %d and\n%swant %s", args, code, out, want)
		}
	}
}

// teller tells a run a word when the run says its first line.
type teller struct {
	strings.Builder
	told *told
	word string
}

func (w *teller) Write(p []byte) (int, error) {
	if w.word != "" && strings.Contains(string(p), `class=\"line`) {
		w.told.hear(w.word)
		w.word = ""
	}
	return w.Builder.Write(p)
}

func TestARunDoesAsItIsTold(t *testing.T) {
	for word, want := range map[string]struct {
		code int
		text string
	}{
		"stop":    {command.ExitInterrupted, "interrupted"},
		"timeout": {command.ExitTimeout, "did not end within 1m0s"},
		"stuck":   {command.ExitFailed, "cannot go on"},
	} {
		told := &told{}
		out := &teller{told: told, word: word}
		code := run(context.Background(), &catalog.Catalog{Chapters: []*catalog.Chapter{&ch2.Chapter}}, []string{"ch2.condition", "--speed=1"}, out, told)
		if code != want.code || !strings.Contains(out.String(), want.text) {
			t.Errorf("%s: code %d, want %d and %q in\n%s", word, code, want.code, want.text, out)
		}
	}
}
