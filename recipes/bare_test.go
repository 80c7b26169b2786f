package recipes

import (
	"bytes"
	"context"
	"errors"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/bare"
	"cookbook/internal/catalog"
	"cookbook/internal/eject"
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// eachBare runs f as a subtest for every recipe that has a bare form.
func eachBare(t *testing.T, f func(t *testing.T, e catalog.Entry)) {
	each(t, func(t *testing.T, e catalog.Entry) {
		if e.Bare == nil {
			t.Skip("it has no bare form")
		}
		f(t, e)
	})
}

// What a bare form imports can be had anywhere, but for the log that it speaks to.
func TestBareFormsImportGosOwnMeans(t *testing.T) {
	eachBare(t, func(t *testing.T, e catalog.Entry) {
		text, err := e.File(catalog.BareSource)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.FileName(catalog.BareSource), text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			first, _, _ := strings.Cut(path, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(path, "golang.org/x/sync/") ||
				first == "cookbook" && path != "cookbook/internal/catalog" && path != "cookbook/internal/transcript" {
				t.Errorf("%s imports %s", e.FileName(catalog.BareSource), path)
			}
		}
		if lines := bytes.Count(text, []byte("\n")); lines > 130 {
			t.Errorf("%s has %d lines", e.FileName(catalog.BareSource), lines)
		}
	})
}

func TestBareFormsHaveTheirPromiseAndAreShown(t *testing.T) {
	eachBare(t, func(t *testing.T, e catalog.Entry) {
		if _, p, err := e.Prepare("--bare"); err != nil || p.Size() == 0 || p.Unmatched != "" {
			t.Errorf("nothing is promised with --bare: %v", err)
		}
		for ending, want := range map[string]string{catalog.Promise: "when --bare\n", catalog.Explanation: "    cookbook run " + e.ID + " --bare\n"} {
			if text, err := e.File(ending); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q: %v", e.FileName(ending), want, err)
			}
		}
	})
}

func TestBareFormsKeepTheirPromise(t *testing.T) {
	eachBare(t, func(t *testing.T, e catalog.Entry) {
		skipIfMissing(t, e)
		start(t, t.Context(), e, transcript.Config{Speed: transcript.SpeedMax}, "--bare")
		for seed := range uint64(2) {
			cfg := transcript.Config{Scheduler: transcript.NewStress(seed + 1), Seed: seed + 1, Speed: transcript.SpeedMax}
			start(t, t.Context(), e, cfg, "--bare")
		}
	})
}

// What comes from a network nobody orders. make explore takes more time for the others, and looks at what is loose.
func TestBareFormsAreRightInManyOrders(t *testing.T) {
	eachBare(t, func(t *testing.T, e catalog.Entry) {
		if raceDetector || slices.Contains(e.Needs, catalog.Network) {
			t.Skip("make test runs it without the race detector, if it can be explored")
		}
		run, promise, err := e.Prepare("--bare")
		if err != nil {
			t.Fatal(err)
		}
		r, err := explore.Search(t.Context(), explore.Program{ID: e.ID, Run: run, Promise: promise}, explore.Options{Budget: time.Second / 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Faults {
			t.Errorf("%s: %s", f.Kind, f.Text)
		}
	})
}

// A form that sleeps with a sync.Mutex held would stop the clock of the bubble, if another goroutine waits for that mutex.
func TestBareFormsEndWithTheirContext(t *testing.T) {
	eachBare(t, func(t *testing.T, e catalog.Entry) {
		for _, after := range []time.Duration{0, time.Millisecond, 900 * time.Millisecond, 3500 * time.Millisecond} {
			if !bubbles(e) {
				endAtOnce(t, e)
				return
			}
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				begun := time.Now()
				err := catalog.Start(ctx, e.Bare, transcript.Config{Speed: 1})
				if late := time.Since(begun) - after; late > time.Second {
					t.Errorf("told to end after %v, it took %v more (and returned %v)", after, late, err)
				}
			})
		}
	})
}

// endAtOnce starts the bare form of a recipe that does not run in a bubble, with a context that has ended.
func endAtOnce(t *testing.T, e catalog.Entry) {
	skipIfMissing(t, e)
	why := errors.New("told to end")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := catalog.Start(ctx, e.Bare, transcript.Config{Speed: transcript.SpeedMax}); !errors.Is(err, why) {
		t.Errorf("told to end before it began, it returned %v", err)
	}
}

// A reader who cannot have a recipe without the library is told which one, and why.
func TestRecipesThatCannotBeBareSayWhy(t *testing.T) {
	const least = 25
	can := 0
	for _, e := range Catalog().Entries() {
		err := bare.Needs(e)
		var needs *bare.NeedsError
		switch {
		case err == nil:
			can++
		case !errors.As(err, &needs):
			t.Errorf("%s: %v", e.ID, err)
		case needs.Library == "" || strings.HasPrefix(needs.Why, "the standard library does not have what"):
			t.Errorf("%s: there is no reason why it needs %s", e.ID, needs.Library)
		}
	}
	if can < least {
		t.Errorf("%d recipes can be bare, and %d should", can, least)
	}
}

// The programs are built, looked at and run as a reader would, without the library and without a network.
func TestBareProgramsPrintWhatTheirRecipesPrint(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector as well")
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		if bare.Needs(e) != nil {
			t.Skip("it needs the library")
		}
		skipIfMissing(t, e)
		files, err := eject.Bare(e, "")
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for _, f := range files {
			if f.Path == "go.mod" && strings.Contains(strings.ReplaceAll(string(f.Text), "require golang.org/x/sync ", ""), "require") {
				t.Errorf("it needs more than golang.org/x/sync:\n%s", f.Text)
			}
			if err := os.WriteFile(filepath.Join(dir, f.Path), f.Text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		main := files[0].Text
		if tidy, err := format.Source(main); err != nil || !bytes.Equal(tidy, main) {
			t.Errorf("gofmt would change it: %v", err)
		}
		if word := regexp.MustCompile(`(?i:transcript|catalog|pflag)|cookbook\b|[pP]romise`).Find(main); word != nil {
			t.Errorf("it has the word %s", word)
		}
		want := shapesOfRun(t, e)
		t.Parallel()
		goCommand(t, dir, "vet", ".")
		goCommand(t, dir, "build", "-o", "program.exe", ".")
		said, err := exec.CommandContext(t.Context(), filepath.Join(dir, "program.exe")).CombinedOutput()
		if err != nil {
			t.Errorf("%v", err)
		}
		if got := shapes(string(said)); !slices.Equal(got, want) {
			t.Errorf("it prints\n%s\nwhich, without numbers and order, is\n  %s\nand that of the recipe\n  %s",
				said, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	})
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
}

// shapesOfRun are the shapes of what a recipe, or its bare form, prints here.
func shapesOfRun(t *testing.T, e catalog.Entry) []string {
	run := e.Bare
	if run == nil {
		var err error
		if run, _, err = e.Prepare(); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	if err := catalog.Start(t.Context(), run, transcript.Config{Speed: transcript.SpeedMax, Sink: transcript.Plain(&said)}); err != nil {
		t.Fatal(err)
	}
	return shapes(said.String())
}

// shapes are the lines of a text without their order, their number, and the numbers in them, which may differ from run to run.
func shapes(text string) []string {
	number := regexp.MustCompile(`[-+]?\d+(\.\d+)?`)
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, strings.Join(strings.Fields(number.ReplaceAllString(line, "#")), " "))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
