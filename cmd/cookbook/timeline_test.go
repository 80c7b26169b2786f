package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"cookbook/internal/catalog"
	"cookbook/internal/cli"
	"cookbook/internal/machine"
	"cookbook/recipes"
)

// Whoever speaks in the transcript has a lane below it, on which that can be seen.
func TestThePictureOfEveryRecipeShowsItsActors(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	for i, e := range recipes.Catalog().Entries() {
		t.Run(e.ID, func(t *testing.T) {
			if testing.Short() && (e.Measures || e.ID == "ch2.performance") {
				t.Skip("it takes seconds")
			}
			if _, err := machine.Missing(t.Context(), e.Needs); err != nil {
				t.Skipf("this machine lacks what it needs: %v", err)
			}
			checkPicture(t, e, []int{80, 140}[i%2])
		})
	}
}

func checkPicture(t *testing.T, e catalog.Entry, width int) {
	var out, diagnostics strings.Builder
	in := cli.Streams{In: strings.NewReader(""), Out: &out, Err: &diagnostics, Width: width, Env: os.LookupEnv}
	if code := cli.Main(recipes.Catalog(), []string{"run", e.ID, "--timeline", "--speed", "max"}, in); code != 0 {
		t.Fatalf("exit code %d, %s", code, diagnostics.String())
	}
	transcript, picture, drawn := strings.Cut(out.String(), "┬─")
	_, picture, _ = strings.Cut(picture, "\n")
	lanes, legend, _ := strings.Cut(picture, "\n\n")
	if !drawn {
		t.Fatalf("no picture in\n%s", out.String())
	}
	spoke := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ \S +[\d.]+ (?:s|ms|µs) {1,2}(\S.*?)(?:  |$)`).FindAllStringSubmatch(transcript, -1) {
		spoke[m[1]] = true
	}
	if len(spoke) == 0 {
		t.Errorf("nobody speaks in\n%s", transcript)
	}
	for actor := range spoke {
		name, _, cut := strings.Cut(actor, "…")
		if r := []rune(name); len(r) > width/4-1 {
			name, cut = string(r[:width/4-1]), true
		}
		end := " .*●"
		if cut {
			end = ".*●"
		}
		if !regexp.MustCompile(`(?m)^  (?:\S )? *` + regexp.QuoteMeta(name) + end).MatchString(lanes) {
			t.Errorf("%d columns: no lane with lines of %q in\n%s", width, actor, lanes)
		}
	}
	if numbered := regexp.MustCompile(`(?m)^ +goroutine \d`); numbered.MatchString(lanes) {
		t.Errorf("%d columns: lanes of goroutines without a name in\n%s", width, lanes)
	}
	if rows := strings.Count(lanes, "\n") + 1; rows > max(33, len(spoke)+2) {
		t.Errorf("%d columns: %d rows for %d actors", width, rows, len(spoke))
	}
	for line := range strings.Lines(fmt.Sprint(lanes, "\n", legend)) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
			t.Errorf("%d columns of %d: %s", n, width, line)
		}
	}
}
