package recipes

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cookbook/internal/catalog"
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
			t.Skip("not for a bubble")
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
