package practice

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/transcript"
	"cookbook/recipes"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, dir := range built.folders {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// each runs f as a subtest for every exercise.
func each(t *testing.T, f func(t *testing.T, x *Exercise)) {
	all, err := All(recipes.Catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		t.Run(x.Name, func(t *testing.T) { f(t, x) })
	}
}

func TestTheHeaderOfEveryExerciseSaysWhatToDo(t *testing.T) {
	each(t, func(t *testing.T, x *Exercise) {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(x.Name) {
			t.Errorf("the name %q is not of lower-case words", x.Name)
		}
		if !regexp.MustCompile(`^ch[1-6]\.[a-z-]+$`).MatchString(x.Recipe) {
			t.Errorf("%q is no id of a recipe", x.Recipe)
		}
		if strings.ToUpper(x.Title[:1]) != x.Title[:1] || strings.HasSuffix(x.Title, ".") || len(x.Title) > 60 {
			t.Errorf("the title is no short heading: %q", x.Title)
		}
		if n := sentences(x.Task); n != 3 {
			t.Errorf("the task has %d sentences, and not 3: %s", n, x.Task)
		}
		for i, hint := range x.Hints {
			if n := sentences(hint); n < 1 || n > 3 {
				t.Errorf("hint %d has %d sentences, and not 1 to 3: %s", i+1, n, hint)
			}
		}
	})
}

// sentences counts them; 0: the text does not end with one.
func sentences(text string) int {
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		return 0
	}
	return len(regexp.MustCompile(`[.?](\s+[A-Z0-9"]|$)`).FindAllString(text, -1))
}

func TestEveryPromiseOfAnExerciseCanBeRead(t *testing.T) {
	each(t, func(t *testing.T, x *Exercise) {
		p, err := transcript.ParsePromise(Promise, x.Files[Promise])
		if err != nil {
			t.Fatal(err)
		}
		if p.Size() == 0 || p.Unmatched != "" {
			t.Errorf("nothing is promised (%s)", p.Unmatched)
		}
	})
}

func TestTheProgramsOfEveryExerciseHaveOneForm(t *testing.T) {
	const longest, widest = 80, 120
	each(t, func(t *testing.T, x *Exercise) {
		for name, text := range x.Files {
			if !strings.HasSuffix(name, ".go") {
				continue
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if tidy, err := format.Source([]byte(text)); err != nil || string(tidy) != text {
				t.Errorf("%s is not as gofmt writes it (%v)", name, err)
			}
			if file.Name.Name != "main" || !hasRun(file) {
				t.Errorf("%s: want package main with func run(ctx context.Context, out *transcript.Log) error", name)
			}
			if n := strings.Count(text, "\n"); n > longest {
				t.Errorf("%s has %d lines, and may have %d", name, n, longest)
			}
			for line := range strings.Lines(text) {
				if n := len([]rune(strings.ReplaceAll(line, "\t", "    "))); n > widest+1 {
					t.Errorf("%s: %d columns, and not %d: %s", name, n-1, widest, line)
				}
			}
			if why := strings.Contains(text, "// Wrong: "); why != strings.HasPrefix(name, "wrong") {
				t.Errorf("%s: a comment that begins with Wrong: %v", name, why)
			}
		}
	})
}

func hasRun(file *ast.File) bool {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "run" {
			return true
		}
	}
	return false
}

func TestAFileThatIsNoExerciseIsRefused(t *testing.T) {
	whole, err := archives.ReadFile("exercises/lost-update.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"recipe: ch2.lock\n", "", "it has no recipe"},
		{"title:", "titel:", `no field "titel"; there are: recipe, title, task, hint`},
		{"title:", "recipe:", "recipe is in it twice"},
		{"recipe: ch2.lock", "  ch2.lock", `"ch2.lock" belongs to no field`},
		{"\nhint: Both", "\n      Both", "it has 1 hints, and not 2"},
		{"-- solution.go --", "-- answer.go --", "it has no solution.go"},
		{"-- wrong3.go --", "-- wrong2.go --", "wrong2.go is in it twice"},
		{"-- wrong3.go --", "-- wrong3.go --\npackage main\n-- wrong4.go --", "no file of an exercise has the name wrong4.go"},
	} {
		_, err := parse("x", []byte(strings.Replace(string(whole), tt.old, tt.new, 1)))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q in place of %q: %q, want %q", tt.new, tt.old, got, tt.want)
		}
	}
}
