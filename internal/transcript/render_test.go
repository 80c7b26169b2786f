package transcript

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cookbook/internal/golden"
	"cookbook/internal/terminal"
)

// sample is a run with everything in it.
func sample(failed bool) []Event {
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	events := []Event{
		{Kind: Line, Actor: "main", At: ms(0), Mark: Unmarked, Text: "two threads add and two subtract, 100000 times each"},
		{Kind: Note, Text: "Both pairs run at once; only the first pair takes the lock, so only its sum is certain."},
		{Kind: Line, Actor: "Thread-1", At: ms(9.1), Mark: Exact, Text: "the value of shared variable with lock management is 0"},
		{Kind: Line, Actor: "Thread-2", At: ms(9.2), Mark: Ordered, Text: "eine breite 行 mit Zeichen, die zwei Spalten brauchen: 並行計算, und noch etwas mehr"},
		{Kind: Line, Actor: "an actor whose name is far too long", At: 61 * time.Second, Mark: Any, Text: "a-word-that-is-longer-than-any-line-is-wide-stays-whole-so-that-it-can-be-copied-from-the-screen"},
		{Kind: Check, OK: true, Text: "with the lock no update is lost: 0"},
	}
	end := Event{Kind: End, At: ms(9.4), OK: !failed, Kept: 3, Matched: true, Seeded: true, Seed: 42}
	if failed {
		events = append(events,
			Event{Kind: Line, Actor: "main", At: ms(9.3), Mark: Broken, Text: "nobody promised this"},
			Event{Kind: Check, OK: false, Text: "items left: got 3, want 0"})
		end.Err = errors.New("check failed")
	}
	return append(events, end)
}

func TestAnnotatedLooksAsItShould(t *testing.T) {
	heading := Heading{ID: "ch2.lock", Title: "Guard a shared counter with a Lock", Section: "2.6",
		Python: "threading.Lock", Go: "sync.Mutex", Actors: []string{"main", "Thread-1", "Thread-2"}, Why: "cookbook explain ch2.lock"}
	for _, tt := range []struct {
		file   string
		style  terminal.Style
		failed bool
	}{
		{"ok-80.txt", terminal.Style{Width: 80}, false},
		{"failed-80.txt", terminal.Style{Width: 80}, true},
		{"ok-140.txt", terminal.Style{Width: 140}, false},
		{"failed-80-color.txt", terminal.Style{Width: 80, Color: true}, true},
		{"ok-40.txt", terminal.Style{Width: 40}, false},
	} {
		t.Run(tt.file, func(t *testing.T) {
			var b strings.Builder
			sink := Annotated(&b, heading, tt.style)
			for _, e := range sample(tt.failed) {
				sink.Event(e)
			}
			golden.Compare(t, "annotated-"+tt.file, b.String())
		})
	}
}

type toldToEnd struct{}

func (toldToEnd) Error() string { return "interrupted" }
func (toldToEnd) Stopped() bool { return true }

func TestARunThatWasToldToEndHasNotFailed(t *testing.T) {
	var b strings.Builder
	sink := Annotated(&b, Heading{ID: "x", Title: "y", Section: "1"}, terminal.Style{})
	sink.Event(Event{Kind: End, Err: fmt.Errorf("run: %w", toldToEnd{}), At: time.Millisecond, Seeded: true, Seed: 3})
	if !strings.Contains(b.String(), "stopped after 1.0 ms") || strings.Contains(b.String(), "FAILED") || strings.Contains(b.String(), "seed") {
		t.Errorf("got %q", b.String())
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	draw := func(s terminal.Style) string {
		var b strings.Builder
		sink := Annotated(&b, Heading{ID: "x", Title: "y", Section: "1"}, s)
		for _, e := range sample(true) {
			sink.Event(e)
		}
		return b.String()
	}
	plain, coloured := draw(terminal.Style{Width: 70}), draw(terminal.Style{Width: 70, Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("escape codes without colour")
	}
	stripped := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured, "")
	for i, line := range strings.Split(plain, "\n") {
		// A trailing blank may hide behind a code.
		if got := strings.TrimRight(strings.Split(stripped, "\n")[i], " "); got != line {
			t.Errorf("line %d: %q, want %q", i+1, got, line)
		}
	}
}

func TestPlainIsTheProgramsLinesAlone(t *testing.T) {
	var b strings.Builder
	sink := Plain(&b)
	for _, e := range sample(false)[:3] {
		sink.Event(e)
	}
	want := "two threads add and two subtract, 100000 times each\nthe value of shared variable with lock management is 0\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestTheBarIsGoneBeforeALineComes(t *testing.T) {
	var b strings.Builder
	bar := terminal.NewBar(&b, terminal.Style{Width: 60})
	sink := WithBar(bar, Plain(&b))
	sink.Event(Event{Kind: Progress, Text: "counting", Done: 1, Total: 2})
	sink.Event(Event{Kind: Line, Text: "hello"})
	sink.Event(Event{Kind: End})
	want := "\r\x1b[K" + strings.Repeat("━", 15) + strings.Repeat("─", 15) + " 1/2 counting\r\x1b[Khello\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestNoBarWithoutATerminal(t *testing.T) {
	var bar *terminal.Bar
	bar.Draw("x", 1, 2)
	bar.Clear()
	var b strings.Builder
	sink := WithBar(bar, Plain(&b))
	sink.Event(Event{Kind: Progress, Done: 1, Total: 2})
	sink.Event(Event{Kind: Line, Text: "hello"})
	if b.String() != "hello\n" {
		t.Errorf("got %q", b.String())
	}
}
