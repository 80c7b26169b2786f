package bare

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entry(files map[string]string, bare catalog.Run) catalog.Entry {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return catalog.Entry{
		Recipe:  &catalog.Recipe{ID: "ch9.timer", Title: "Say something later", Bare: bare},
		Chapter: &catalog.Chapter{Number: 9, Files: fs},
	}
}

// recipe is a recipe's file whose function has this body, and this comment above it.
func recipe(body string) string {
	return `package ch9

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/measure"
	"cookbook/internal/transcript"
)

// A timer says something later.

type clock struct{ out *transcript.Log }

func unused() { fmt.Println("nobody calls this") }

// # The run

func say(ctx context.Context, out *transcript.Log, n int, loud bool) error {
` + body + `
	return nil
}

var timer = catalog.Recipe{
	ID: "ch9.timer",
	New: func(f *pflag.FlagSet) catalog.Run {
		n := catalog.Int(f, "times", 3, 1, 9, "say it this many times")
		loud := f.Bool("loud", false, "say it loud")
		return func(ctx context.Context, out *transcript.Log) error { return say(ctx, out, *n, *loud) }
	},
}
`
}

func TestTheLogBecomesGosOwnMeans(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"a line", `out.Printf("%d", n)`, `	out.Printf("%d", n)`},
		{"an actor's line", `out.Actor("a").Printf("%d", n)`, `	out.Printf("%d", n)`},
		{"an actor with a name", "a := out.Actor(\"a\")\n\ta.Begin()\n\ta.Printf(\"one\")\n\tfunc() { a.Printf(\"two\") }()",
			"	out.Printf(\"one\")\n	func() { out.Printf(\"two\") }()"},
		{"an actor of a field", "c := clock{out}\n\ta := c.out.Actor(\"a\")\n\ta.Printf(\"one\")", "	c := clock{out}\n	c.out.Printf(\"one\")"},
		{"an actor as an argument", `func(a transcript.Actor) { a.Printf("x") }(out.Actor("a"))`, `	func(a *printer) { a.Printf("x") }(out)`},
		{"a note", `out.Note("One thing, " + "and another.")`, `	// One thing, and another.`},
		{"a note with numbers", `out.Note("%d %% of %s.", n, "it")`, `	// n % of it.`},
		{"a note that is not known", "out.Printf(\"a\")\n\tout.Note(\"%s\", \"\"+fmt.Sprint(n))\n\tout.Printf(\"b\")", "	out.Printf(\"a\")\n	out.Printf(\"b\")"},
		{"a choice of notes", "if n > 1 {\n\tout.Note(\"Many.\")\n\t} else {\n\tout.Note(\"One.\")\n\t}", "	// One."},
		{"a long note", `out.Note("` + strings.Repeat("word ", 20) + `")`, "	// " + strings.TrimSpace(strings.Repeat("word ", 19)) + "\n	// word\n"},
		{"a pause", `out.Sleep(ctx, 5)`, `	sleep(ctx, 5)`},
		{"a number by chance", `n = out.Rand().IntN(5)`, `	n = rand.IntN(5)`},
		{"a source of numbers", `r := out.Actor("a").Rand()`, `	r := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))`},
		{"a wrong argument", `err := catalog.Usagef("--times %d", n)`, `	err := fmt.Errorf("--times %d", n)`},
		{"measuring", `times, err := measure.Medians(ctx, 5)`, `	times, err := medians(ctx, 5)`},
		{"progress", "out.Progress(\"it\", 1, 2)\n\tout.Printf(\"a\")", "error {\n	out.Printf(\"a\")"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			main, err := Main(entry(map[string]string{"timer.go": recipe(tt.body)}, nil))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(main), tt.want) {
				t.Errorf("it lacks\n%s\nand is\n%s", tt.want, main)
			}
		})
	}
}

func TestAProgramHasWhatItReachesAndNoMore(t *testing.T) {
	main, err := Main(entry(map[string]string{"timer.go": recipe(`out.Printf("hello")`)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	begin := `// Say something later.
//
// A timer says something later.
package main

import (
	"cmp"
`
	if !strings.HasPrefix(string(main), begin) {
		t.Errorf("it begins with\n%.200s", main)
	}
	for text, want := range map[string]bool{
		`n := ranged("times", 3, 1, 9, strconv.Atoi, "say it this many times")`: true,
		`loud := flag.Bool("loud", false, "say it loud")`:                       true,
		"// The run\n":      true,
		"func main()":       true,
		"type printer":      true,
		"unused":            false,
		"type clock":        false,
		"func sleep":        false,
		"func medians":      false,
		`"errors"`:          false,
		`"math/rand/v2"`:    false,
		"catalog.":          false,
		"func (p *printer)": true,
	} {
		if strings.Contains(string(main), text) != want {
			t.Errorf("%q: want %t in\n%s", text, want, main)
		}
	}
}

func TestABareFormTakesTheSimpleName(t *testing.T) {
	const form = `package ch9

import (
	"context"
	clocks "time"

	"cookbook/internal/transcript"
)

// clockBare has no hands.
type clockBare struct{}

func timerBare(ctx context.Context, out *transcript.Log) error {
	_ = clockBare{}
	_ = clocks.Now()
	%s
	return nil
}
`
	for _, tt := range []struct{ body, want string }{
		{"", "timer(ctx, out)"},
		{"timer := 1\n\t_ = timer", "run(ctx, out)"}, // the name is taken
	} {
		main, err := Main(entry(map[string]string{
			"timer.go":      "package ch9\n\nvar timer = catalog.Recipe{ID: \"ch9.timer\", Bare: timerBare}\n",
			"timer_bare.go": strings.Replace(form, "%s", tt.body, 1),
		}, func(context.Context, *transcript.Log) error { return nil }))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"err := " + tt.want, "// clock has no hands.\ntype clock struct{}", "_ = clock{}", "_ = time.Now()", "\n\t\"time\"\n"} {
			if !strings.Contains(string(main), want) {
				t.Errorf("it lacks %q:\n%s", want, main)
			}
		}
	}
}

func TestWhatARecipeNeedsIsNamed(t *testing.T) {
	for path, want := range map[string]string{
		"cookbook/internal/mpi": "ch9.timer has no bare form: it needs internal/mpi, since Go has no ranks that pass messages and call collective operations",
		"cookbook/internal/distributed/engine": "ch9.timer has no bare form: it needs internal/distributed, since Go has no broker, and no values that " +
			"travel between machines; net and encoding/gob are far below that",
		"cookbook/internal/new":        "ch9.timer has no bare form: it needs internal/new, since the standard library does not have what it does",
		"golang.org/x/sync/errgroup":   "",
		"cookbook/internal/transcript": "",
		"math/rand/v2":                 "",
	} {
		err := Needs(entry(map[string]string{"timer.go": "package ch9\n\nimport _ \"" + path + "\"\n"}, nil))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != want {
			t.Errorf("%s: %q", path, text)
		}
	}
	if _, err := Main(entry(map[string]string{"timer.go": "package ch9\n\nimport _ \"cookbook/internal/mpi\"\n"}, nil)); !errors.As(err, new(*NeedsError)) {
		t.Errorf("Main: %v", err)
	}
}

// A call of the library that nothing stands for is an error here, and not a program that does not build.
func TestWhatHasNoOtherFormIsAnError(t *testing.T) {
	for _, body := range []string{`fmt.Println(catalog.Terminal(ctx))`, `measure.InTurn(ctx, 5)`} {
		_, err := Main(entry(map[string]string{"timer.go": recipe(body)}, nil))
		if err == nil || !strings.Contains(err.Error(), "no other form for what it uses of cookbook/internal/") {
			t.Errorf("%s: %v", body, err)
		}
	}
}
