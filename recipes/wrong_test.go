package recipes

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// eachWrong runs f as a subtest for every wrong program.
func eachWrong(t *testing.T, f func(t *testing.T, e catalog.Entry, w catalog.Wrong)) {
	for _, e := range Catalog().Entries() {
		for _, w := range e.Wrong {
			t.Run(e.ID+"/"+w.Name, func(t *testing.T) { f(t, e, w) })
		}
	}
}

func TestEveryWrongProgramIsWhole(t *testing.T) {
	const most = 60 // lines of code for each
	seen := map[string]bool{}
	eachWrong(t, func(t *testing.T, e catalog.Entry, w catalog.Wrong) {
		if !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(w.Name) || seen[e.ID+w.Name] {
			t.Errorf("the name %q is not of lower-case words, or not the only one of its recipe", w.Name)
		}
		seen[e.ID+w.Name] = true
		if w.Title == "" || strings.ToUpper(w.Title[:1]) == w.Title[:1] || strings.HasSuffix(w.Title, ".") || w.Run == nil {
			t.Errorf("incomplete, or its title is a sentence: %+v", w)
		}
		source, err := e.File(catalog.WrongSource)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(source, []byte("\n")); lines > most*len(e.Wrong) {
			t.Errorf("%s has %d lines for %d programs", e.FileName(catalog.WrongSource), lines, len(e.Wrong))
		}
	})
}

func TestEveryWrongProgramHasItsPromise(t *testing.T) {
	eachWrong(t, func(t *testing.T, e catalog.Entry, w catalog.Wrong) {
		text, err := e.File(catalog.Promise)
		if err != nil {
			t.Fatal(err)
		}
		if want := `when --wrong == "` + w.Name + `"`; !strings.Contains(string(text), want+"\n") {
			t.Errorf("%s lacks %s", e.FileName(catalog.Promise), want)
		}
		_, p, err := e.Prepare("--wrong", w.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Size() == 0 || p.Unmatched != "" {
			t.Errorf("nothing is promised (%s)", p.Unmatched)
		}
	})
}

// A reader who is told of a wrong program is told how to see it break.
func TestExplanationsShowTheWrongPrograms(t *testing.T) {
	eachWrong(t, func(t *testing.T, e catalog.Entry, w catalog.Wrong) {
		text, err := e.File(catalog.Explanation)
		if err != nil {
			t.Fatal(err)
		}
		command := "    cookbook explore " + e.ID + " --wrong " + w.Name + "\n"
		if !strings.Contains(section(string(text), "What breaks it"), command) {
			t.Errorf("What breaks it does not show:%s", command)
		}
	})
}

// Whatever stands behind --wrong in an explanation is a wrong program of that recipe.
func TestExplanationsNameOnlyWrongProgramsThatThereAre(t *testing.T) {
	eachPage(t, func(t *testing.T, text string) {
		for _, m := range regexp.MustCompile(`(ch\d\.[a-z-]+) --wrong ([^\s`+"`"+`]+)`).FindAllStringSubmatch(text, -1) {
			e, err := Catalog().Find(m[1])
			if err != nil {
				t.Error(err)
				continue
			}
			if _, _, err := e.Prepare("--wrong", m[2]); err != nil {
				t.Errorf("%s: %v", m[0], err)
			}
		}
	})
}

// Even in a deadlock they end with their context, and leave nothing behind.
func TestWrongProgramsEndWithTheirContext(t *testing.T) {
	eachWrong(t, func(t *testing.T, e catalog.Entry, w catalog.Wrong) {
		if !bubbles(e) {
			endOutsideABubble(t, e, w)
			return
		}
		for _, after := range []time.Duration{0, time.Millisecond, 1500 * time.Millisecond, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				begun := time.Now()
				err := catalog.Start(ctx, w.Run, transcript.Config{Speed: 1})
				if late := time.Since(begun) - after; late > time.Second {
					t.Errorf("told to end after %v, it took %v more (and returned %v)", after, late, err)
				}
			})
		}
	})
}

// Outside a bubble the clock decides where a program is told to end. What it has started is gone when it returns, or TestMain
// finds the goroutines that attend to it.
func endOutsideABubble(t *testing.T, e catalog.Entry, w catalog.Wrong) {
	skipIfMissing(t, e)
	for _, after := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := catalog.Start(ctx, w.Run, transcript.Config{Speed: 1})
		cancel()
		if after == 0 && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("told to end before it began, it returned %v", err)
		}
	}
}

// faultsOf are the kinds of fault that a search finds first, by the names of the wrong programs: the files wrong_chN_test.go.
func faultsOf(chapter int) map[string]explore.FaultKind {
	switch chapter {
	case 1:
		return faultsOfChapter1()
	case 2:
		return faultsOfChapter2()
	case 3:
		return faultsOfChapter3()
	case 4:
		return faultsOfChapter4()
	}
	return nil
}

// Search finds the fault of every wrong program by itself, and soon. No fault needs more than two preemptions, and each has the
// fewest. But for a deadlock there is an order that passes, too: else the promise would be at fault.
func TestSearchBreaksEveryWrongProgram(t *testing.T) {
	if raceDetector {
		t.Skip("make test runs it without the race detector as well, which takes a third of the time")
	}
	const budget = 2 * time.Minute // the search ends when it has found something, which takes 2 s at most if the machine is not busy
	eachWrong(t, func(t *testing.T, e catalog.Entry, w catalog.Wrong) {
		name := e.ID + " --wrong " + w.Name
		want, ok := faultsOf(e.Chapter.Number)[name]
		if !ok {
			t.Fatalf("wrong_ch%d_test.go does not say what kind of fault %q has", e.Chapter.Number, name)
		}
		skipIfMissing(t, e)
		run, p, err := e.Prepare("--wrong", w.Name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := explore.Search(t.Context(), explore.Program{ID: name, Run: run, Promise: p}, explore.Options{Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Faults) == 0 {
			t.Fatalf("%s %s, %d schedules, no fault; %q", r.Verdict, r.Bound, r.Schedules, r.Notes)
		}
		f := r.Faults[0]
		t.Logf("%v, %d schedules, %d orders: %s, %d preemptions, %d steps, a run that passes: %t, notes %q: %s",
			r.Elapsed, r.Schedules, r.Orders, f.Kind, f.Preemptions, f.Steps, f.Passes != nil, r.Notes, f.Text)
		if f.Kind != want || f.Preemptions > 2 || !f.Fewest {
			t.Errorf("%s after %d preemptions, the fewest: %t; want %s after 2 at most: %s", f.Kind, f.Preemptions, f.Fewest, want, f.Text)
		}
		if f.Passes == nil && f.Kind != explore.Deadlock && !failsInEveryOrder(name) {
			t.Errorf("no order passes: %s", f.Text)
		}
	})
}

func TestTablesOfFaultsNameOnlyProgramsThatThereAre(t *testing.T) {
	for _, ch := range Catalog().Chapters {
		for name := range faultsOf(ch.Number) {
			id, wrong, _ := strings.Cut(name, " --wrong ")
			e, err := Catalog().Find(id)
			if err != nil || e.Chapter.Number != ch.Number || !slices.ContainsFunc(e.Wrong, func(w catalog.Wrong) bool { return w.Name == wrong }) {
				t.Errorf("wrong_ch%d_test.go names %q, which there is not", ch.Number, name)
			}
		}
	}
}
