package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// sample is a catalog of one recipe with all its files; the twin is given.
func sample(twin string) *catalog.Catalog {
	return &catalog.Catalog{Chapters: []*catalog.Chapter{{
		Number: 2, Title: "Threads",
		Files: fstest.MapFS{
			"ch2.md": {Data: []byte("# Threads\n\n## In Python and in Go\n\n| Python | Go |\n| --- | --- |\n| module `threading` | `go`, package `sync` |\n")},
			"lock.md": {Data: []byte("# Guard it\n\n## The problem\n\nTwo threads, *one* counter.\n\n" +
				"| Python | Go | remark |\n| --- | --- | --- |\n| `threading.Lock()` | `sync.Mutex` | a \\| b |\n| – | `go_race -x` | |\n")},
			"lock.go":  {Data: []byte("package ch2\n\n// guard it\nvar lock = \"```\"\n")},
			"lock.py":  {Data: []byte(twin)},
			"lock.txt": {Data: []byte("# the promise\nrepeat i=1..2\n  = main thread  item {item:int} of {{all}}\nend\n✓ none is lost\n")},
		},
		Recipes: []*catalog.Recipe{{
			ID: "ch2.lock", Section: "2.6", Title: "Guard a counter", Python: "threading.Lock", Go: "sync.Mutex",
			New: func(*pflag.FlagSet) catalog.Run {
				return func(context.Context, *transcript.Log) error { return nil }
			},
		}},
	}}}
}

func TestExplainInAPipeIsMarkdownOrTheFileItself(t *testing.T) {
	c := sample("print('hi')\n")
	for _, tt := range []struct{ args, want string }{
		{"explain lock", "# Guard it\n\n## The problem\n\nTwo threads, *one* counter.\n\n" +
			"| Python | Go | remark |\n| --- | --- | --- |\n| `threading.Lock()` | `sync.Mutex` | a \\| b |\n| – | `go_race -x` | |\n" +
			"\n## The recipe in Go: `recipes/ch2/lock.go`\n\n````go\npackage ch2\n\n// guard it\nvar lock = \"```\"\n````\n" +
			"\n## Its twin in Python: `recipes/ch2/lock.py`\n\n```python\nprint('hi')\n```\n" +
			"\n## Before and next\n\n- the chapter: `cookbook explain ch2` (Threads)\n"},
		{"explain ch2", "# Threads\n\n## In Python and in Go\n\n| Python | Go |\n| --- | --- |\n| module `threading` | `go`, package `sync` |\n" +
			"\n## The recipes\n\n- `cookbook explain ch2.lock`: Guard a counter (§2.6)\n"},
		{"explain 2.6 --source", "package ch2\n\n// guard it\nvar lock = \"```\"\n"},
		{"explain ch2.lock --python", "print('hi')\n"},
		{"explain ch2.lock --promise", "# the promise\nrepeat i=1..2\n  = main thread  item {item:int} of {{all}}\nend\n✓ none is lost\n"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Main(c, strings.Fields(tt.args), Streams{Out: &out, Err: &errs, Width: 80, Env: func(string) (string, bool) { return "", false }})
			if code != exitOK || out.String() != tt.want || errs.Len() > 0 {
				t.Errorf("code %d, stdout\n%s\nwant\n%s\nstderr %s", code, out.String(), tt.want, errs.String())
			}
		})
	}
}

func TestExplainOnATerminalShowsAllUnderHeadings(t *testing.T) {
	for _, args := range []string{"explain lock", "explain lock --no-pager"} {
		var out, errs bytes.Buffer
		code := Main(sample("print('hi')\n"), strings.Fields(args), Streams{
			Out: &out, Err: &errs, OutTTY: true, Width: 80,
			Env: func(name string) (string, bool) { return "cat", name == "PAGER" },
		})
		if code != exitOK {
			t.Fatalf("%s: code %d: %s", args, code, errs.String())
		}
		rest := out.String()
		for _, part := range []string{"Guard it", "The problem", "Two threads, one counter.",
			"recipes/ch2/lock.go", "package ch2", "recipes/ch2/lock.py", "print('hi')", "Before and next"} {
			_, behind, ok := strings.Cut(rest, part)
			if !ok {
				t.Fatalf("%s: no %q behind what came before it:\n%s", args, part, out.String())
			}
			rest = behind
		}
	}
}

func TestExplainColoursAPromise(t *testing.T) {
	var out bytes.Buffer
	code := Main(sample(""), []string{"explain", "lock", "--promise"}, Streams{
		Out: &out, Err: &out, OutTTY: true, Color: true, Width: 80,
		Env: func(name string) (string, bool) { return "cat", name == "PAGER" },
	})
	want := "\x1b[2m# the promise\x1b[0m\n" +
		"\x1b[1mrepeat\x1b[0m i=1..2\n" +
		"  \x1b[1;32m=\x1b[0m \x1b[36mmain thread\x1b[0m  item \x1b[35m{item:int}\x1b[0m of {{all}}\n" +
		"\x1b[1mend\x1b[0m\n" +
		"\x1b[1;32m✓\x1b[0m none is lost\n"
	if code != exitOK || out.String() != want {
		t.Errorf("code %d\n got %q\nwant %q", code, out.String(), want)
	}
}

func TestExplainRefusesWhatMakesNoSense(t *testing.T) {
	for _, tt := range []struct{ args, stderr string }{
		{"explain lock --source --promise", "--source and --promise exclude each other"},
		{"explain", "takes one recipe, got 0"},
		{"explain lock rlock", "takes one recipe, got 2"},
		{"explain lok", "did you mean ch2.lock?"},
		{"explain chapter lock", `no recipe "chapter lock"`},
		{"explain chapter 2 lock", "takes one recipe, got 3"},
		{"explain ch2 --source", "ch2 is a chapter"},
	} {
		var out, errs bytes.Buffer
		code := Main(sample(""), strings.Fields(tt.args), Streams{Out: &out, Err: &errs, Env: func(string) (string, bool) { return "", false }})
		if code != exitUsage || !strings.Contains(errs.String(), tt.stderr) || out.Len() > 0 {
			t.Errorf("%s: code %d, stderr %q, stdout %q", tt.args, code, errs.String(), out.String())
		}
	}
}

func TestExplainSaysWhichFileIsMissing(t *testing.T) {
	c := sample("")
	delete(c.Chapters[0].Files.(fstest.MapFS), "lock.md")
	var out, errs bytes.Buffer
	code := Main(c, []string{"explain", "lock"}, Streams{Out: &out, Err: &errs, Env: func(string) (string, bool) { return "", false }})
	if code != exitFailed || !strings.Contains(errs.String(), "ch2.lock lacks its file recipes/ch2/lock.md") {
		t.Errorf("code %d, stderr %q", code, errs.String())
	}
}

func TestAChapterIsNamedInSeveralWays(t *testing.T) {
	for _, args := range [][]string{{"ch2"}, {"2"}, {"2.1"}, {"§2.1"}, {"chapter", "2"}, {"Chapter 2"}} {
		var out, errs bytes.Buffer
		code := Main(sample(""), append([]string{"explain"}, args...), Streams{Out: &out, Err: &errs, Env: func(string) (string, bool) { return "", false }})
		if code != exitOK || !strings.HasPrefix(out.String(), "# Threads\n") {
			t.Errorf("%q: code %d, stderr %q, stdout %q", args, code, errs.String(), out.String())
		}
	}
}

func TestAChapterWithoutRecipesSaysSo(t *testing.T) {
	c := sample("")
	c.Chapters = append(c.Chapters, &catalog.Chapter{Number: 5, Title: "Distribution", Files: fstest.MapFS{"ch5.md": {Data: []byte("# Distribution\n")}}})
	for _, tt := range []struct {
		args, want string
		code       int
	}{
		{"explain ch5", "has no recipes yet", exitOK},
		{"run ch5", "chapter 5 has no recipes yet", exitUsage},
		{"verify 5", "chapter 5 has no recipes yet", exitUsage},
		{"compare 5.2", "chapter 5 has no recipes yet", exitUsage},
	} {
		var out bytes.Buffer
		code := Main(c, strings.Fields(tt.args), Streams{Out: &out, Err: &out, Env: func(string) (string, bool) { return "", false }})
		if code != tt.code || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: code %d, %q", tt.args, code, out.String())
		}
	}
}
