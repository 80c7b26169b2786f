package recipes

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/machine"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	enginetest.VerifyTestMain(m)
}

// each runs f as a subtest for every recipe.
func each(t *testing.T, f func(t *testing.T, e catalog.Entry)) {
	for _, e := range Catalog().Entries() {
		t.Run(e.ID, func(t *testing.T) { f(t, e) })
	}
}

func TestEveryRecipeIsWhole(t *testing.T) {
	const most = 187 // lines of code: a recipe is one to read in one pass
	longer := map[string]int{
		"ch2.performance": 245, // four workloads, and the server of one
		"ch5.celery":      235, // four kinds of processes: broker, workers, and two clients
		"ch5.celery-task": 225, // what the book leaves out: a retry, a limit, a chain, a group, a killed worker
		"ch5.pycsp":       268, // what a language has for processes: channels, kinds, select, ends; here and over processes
		"ch5.disco":       225, // two jobs, mappers, reducers, and a client
		"ch6.libraries":   225, // products, transforms and random numbers, each beside plain Go
		"ch6.memory":      210, // two kernels, and a library to measure them against
		"ch5.pyro-shop":   262, // a server that keeps accounts, and its clients
	}
	seen := map[string]bool{}
	each(t, func(t *testing.T, e catalog.Entry) {
		if !regexp.MustCompile(`^ch\d\.[a-z]+(-[a-z]+)*$`).MatchString(e.ID) || seen[e.ID] {
			t.Errorf("id %q is not of the form chN.stem, or not the only one", e.ID)
		}
		seen[e.ID] = true
		if e.Title == "" || e.Python == "" || e.Go == "" || !strings.HasPrefix(e.ID, "ch"+e.Section[:1]+".") {
			t.Errorf("incomplete or in the wrong chapter: %+v", *e.Recipe)
		}
		for _, ending := range []string{catalog.Source, catalog.Explanation, catalog.Twin, catalog.Promise} {
			text, err := e.File(ending)
			if err != nil || len(bytes.TrimSpace(text)) == 0 {
				t.Errorf("%s: missing or empty: %v", e.FileName(ending), err)
			}
			if lines := bytes.Count(text, []byte("\n")); ending == catalog.Source && lines > max(most, longer[e.ID]) {
				t.Errorf("%s has %d lines", e.FileName(ending), lines)
			}
		}
		if _, p, err := e.Prepare(); err != nil {
			t.Error(err)
		} else if p.Size() == 0 {
			t.Error("the promise promises nothing")
		}
	})
}

func TestEveryFileBelongsToARecipe(t *testing.T) {
	for _, ch := range Catalog().Chapters {
		known := map[string]bool{}
		for _, r := range ch.Recipes {
			e := catalog.Entry{Recipe: r, Chapter: ch}
			for _, ending := range []string{catalog.Source, catalog.Explanation, catalog.Twin, catalog.Promise} {
				known[e.FileName(ending)] = true
			}
			known[e.FileName(catalog.WrongSource)] = r.Wrong != nil
			known[e.FileName(catalog.BareSource)] = r.Bare != nil
		}
		files, err := fs.ReadDir(ch.Files, ".")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			chapterFile := regexp.MustCompile(`^ch\d\.(go|md)$|_test\.go$`).MatchString(f.Name())
			stem, _, forASystem := strings.Cut(f.Name(), "_") // process_exec_js.go is part of process.go, for one system
			forASystem = forASystem && !strings.HasSuffix(f.Name(), catalog.WrongSource) && !strings.HasSuffix(f.Name(), catalog.BareSource)
			if !known[f.Name()] && !chapterFile && !(forASystem && known[stem+catalog.Source]) {
				t.Errorf("chapter %d: %s belongs to no recipe", ch.Number, f.Name())
			}
		}
	}
}

// --device is for the recipes that open a device, and for no others.
func TestRecipesThatOpenADeviceTakeTheFlag(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		source, err := e.File(catalog.Source)
		if err != nil {
			t.Fatal(err)
		}
		if opens := bytes.Contains(source, []byte("gpu.Open(ctx)")); opens != e.Device {
			t.Errorf("it calls gpu.Open(ctx): %v; its field Device is %v", opens, e.Device)
		}
	})
}

// start runs a recipe and reports a broken promise.
func start(t *testing.T, ctx context.Context, e catalog.Entry, cfg transcript.Config, args ...string) {
	t.Helper()
	run, p, err := e.Prepare(args...)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Recipe, cfg.Promise = e.ID, p
	if err := catalog.Start(ctx, run, cfg); err != nil {
		t.Errorf("%q, speed %v, scheduler %T: %v", args, cfg.Speed, cfg.Scheduler, err)
	}
}

// skipIfMissing skips a recipe whose needs this machine lacks, unless COOKBOOK_REQUIRE, which CI sets, says that it must not.
func skipIfMissing(t *testing.T, e catalog.Entry) {
	t.Helper()
	need, err := machine.Missing(t.Context(), e.Needs)
	switch {
	case err == nil:
	case slices.Contains(strings.Split(os.Getenv("COOKBOOK_REQUIRE"), ","), string(need)):
		t.Fatalf("%s is required: %v", need, err)
	default:
		t.Skipf("this machine lacks %s: %v", need, err)
	}
}

// bubbles reports whether a recipe can run in a synctest bubble: it needs nothing from outside, and it measures no time.
func bubbles(e catalog.Entry) bool { return e.Needs == nil && !e.Measures }

// What recipes are told to leave out in a bubble, and in a page: a last part that needs other processes.
var inside = map[string][]string{"ch5.pycsp": {"--stretch=false"}}

// Minutes of book time take milliseconds in a bubble, and every goroutine must have ended when it ends.
func TestPromisesHoldAtTheBooksPace(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		if !bubbles(e) {
			t.Skip("not for a bubble: TestPromisesHoldWithoutPauses runs it")
		}
		synctest.Test(t, func(t *testing.T) {
			start(t, t.Context(), e, transcript.Config{Speed: 1}, inside[e.ID]...)
		})
	})
}

func TestPromisesHoldWithoutPauses(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector: under stress it sees more")
	}
	each(t, func(t *testing.T, e catalog.Entry) {
		skipIfMissing(t, e)
		start(t, t.Context(), e, transcript.Config{Speed: transcript.SpeedMax})
	})
}

func TestPromisesHoldUnderStress(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		skipIfMissing(t, e)
		start(t, t.Context(), e, transcript.Config{Scheduler: transcript.NewStress(1), Seed: 1, Speed: transcript.SpeedMax})
	})
}

// A recipe that is told to end ends, wherever it is. In a bubble that is certain: one that waits on is a deadlock there.
func TestRecipesEndWithTheirContext(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		if !bubbles(e) {
			t.Skip("not for a bubble: TestRecipesToldToEndDoNotBegin tries what can be tried outside")
		}
		for _, after := range []time.Duration{0, time.Millisecond, 900 * time.Millisecond, 3500 * time.Millisecond, 11 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				run, _, err := e.Prepare(inside[e.ID]...)
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				err = catalog.Start(ctx, run, transcript.Config{Speed: 1})
				if late := time.Since(begun) - after; late > time.Second {
					t.Errorf("told to end after %v, it took %v more (and returned %v)", after, late, err)
				}
			})
		}
	})
}

// A recipe that measures, or needs something from outside a bubble, ends with its context as well. When is up to the clock;
// that it does, and that it says why, is not.
func TestRecipesToldToEndDoNotBegin(t *testing.T) {
	each(t, func(t *testing.T, e catalog.Entry) {
		if bubbles(e) {
			t.Skip("TestRecipesEndWithTheirContext knows better")
		}
		skipIfMissing(t, e)
		why := errors.New("told to end")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		run, _, err := e.Prepare()
		if err != nil {
			t.Fatal(err)
		}
		if err := catalog.Start(ctx, run, transcript.Config{Speed: transcript.SpeedMax}); !errors.Is(err, why) {
			t.Errorf("told to end before it began, it returned %v", err)
		}
	})
}
