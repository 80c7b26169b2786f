package watch

import (
	"fmt"
	"strings"
	"testing"

	"cookbook/internal/terminal"
)

// numbered is a run of n lines, the one at a certain row being broken.
func numbered(n, at int) Result {
	r := Result{State: Broken, At: at, Fault: fmt.Sprintf("= main  line %d (line %[1]d of p.txt)", at), Below: []string{"main said something"}}
	for i := range n {
		text := fmt.Sprintf("= main  line %d", i)
		r.Rows = append(r.Rows, Row{Expected: text, Got: text, Line: i + 1})
	}
	r.Rows[at].Got, r.Rows[at].Bad = "! main  something", true
	return r
}

// shown are the lines that a screen has after a result, without the codes that place them.
func shown(t *testing.T, s *screen, r Result) []string {
	t.Helper()
	var out strings.Builder
	s.Out = &out
	if err := s.show(r); err != nil {
		t.Fatal(err)
	}
	_, text, home := strings.Cut(out.String(), "\x1b[H")
	if !home || !strings.HasSuffix(text, "\x1b[J") {
		t.Fatalf("not drawn in place: %q", out.String())
	}
	return strings.Split(strings.ReplaceAll(strings.TrimSuffix(text, "\n\x1b[J"), "\x1b[K", ""), "\n")
}

func sized(columns, rows int) *screen {
	return &screen{Options: Options{Size: func() (int, int) { return columns, rows }}}
}

func TestTheScreenFitsTheTerminal(t *testing.T) {
	long := numbered(40, 20)
	long.Rows[20].Got = "! main  " + strings.Repeat("字", 150)
	long.Rows[19].Expected = "= main  " + strings.Repeat("x", 300)
	long.Below = append(long.Below, strings.Repeat("word ", 100), strings.Repeat("y", 300))
	for range 100 {
		long.Below = append(long.Below, "\tgoroutine \x1b[31m")
	}
	for _, size := range [][2]int{{140, 40}, {80, 24}, {79, 24}, {40, 10}, {20, 5}, {10, 3}, {1, 2}, {200, 1}} {
		lines := shown(t, sized(size[0], size[1]), long)
		if len(lines) > max(1, size[1]-1) {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if terminal.Width(l) > size[0] || strings.Contains(l, "\x1b") {
				t.Errorf("%v: %d columns: %q", size, terminal.Width(l), l)
			}
		}
	}
}

func TestTheTwoColumnsStandSideBySide(t *testing.T) {
	got := strings.Join(shown(t, sized(80, 24), numbered(3, 1)), "\n")
	const beside = `
  promised        came
  = main  line 0  = main  line 0
» = main  line 1  ! main  something
  = main  line 2  = main  line 2

main said something`
	if !strings.HasSuffix(got, beside) {
		t.Errorf("got\n%s", got)
	}
	got = strings.Join(shown(t, sized(60, 24), numbered(3, 1)), "\n")
	const stacked = `
  = main  line 0
» promised  = main  line 1
  came      ! main  something
  = main  line 2

main said something`
	if !strings.HasSuffix(got, stacked) {
		t.Errorf("got\n%s", got)
	}
}

// While the same promise is broken, what stands on the screen stays where it is.
func TestTheWindowKeepsItsPlace(t *testing.T) {
	top := func(lines []string) string { return strings.TrimSpace(lines[3][:20]) }
	s := sized(80, 24)
	first := top(shown(t, s, numbered(60, 30)))
	more := numbered(60, 30)
	more.Below = strings.Split(strings.Repeat("another message\n", 5), "\n")
	if got := top(shown(t, s, more)); got != first {
		t.Errorf("with another message the window begins with %q, it began with %q", got, first)
	}
	shown(t, s, Result{State: Unbuilt, At: -1, Below: []string{"a.go:1:1: no"}})
	added := numbered(60, 30) // two lines came before it that did not come then
	extra := []Row{{"", "! main  new", 0, true}, {"", "! main  new", 0, true}}
	added.Rows, added.At = append(extra, added.Rows...), 32
	if got := top(shown(t, s, added)); got != first {
		t.Errorf("after a compile error, with two more lines before, it begins with %q, it began with %q", got, first)
	}
	if got := top(shown(t, s, numbered(60, 50))); got == first {
		t.Error("for another promise the window has not moved")
	}
}

func TestAnotherSizeIsDrawnAnew(t *testing.T) {
	columns := 100
	s := &screen{Options: Options{Size: func() (int, int) { return columns, 24 }}}
	shown(t, s, numbered(5, 2))
	var out strings.Builder
	s.Out = &out
	if err := s.resized(); err != nil || out.Len() > 0 {
		t.Errorf("the same size: drawn %q, %v", out.String(), err)
	}
	columns = 50
	if err := s.resized(); err != nil || !strings.Contains(out.String(), "» promised") {
		t.Errorf("drawn %q, %v", out.String(), err)
	}
}

func TestOnlyColourPaints(t *testing.T) {
	s := sized(80, 24)
	if got := strings.Join(shown(t, s, numbered(5, 2)), "\n"); strings.Contains(got, "\x1b") {
		t.Errorf("painted: %q", got)
	}
	s.Color = true
	if got := strings.Join(shown(t, s, numbered(5, 2)), "\n"); !strings.Contains(got, "\x1b[1;31mBROKEN\x1b[0m") {
		t.Errorf("not painted: %q", got)
	}
}

// Words stay whole where they fit, and a pipe has room for all.
func TestWhatIsBrokenIsShownWhole(t *testing.T) {
	r := numbered(3, 1)
	r.Rows[1].Expected = "= main  " + strings.Repeat("words that are promised ", 4) + "end"
	r.Rows[0].Got = "= main  " + strings.Repeat("long ", 50) + "end"
	got := strings.Join(shown(t, sized(80, 24), r), "\n")
	if !strings.Contains(got, "» = main  words that are promised words") || strings.Contains(got, "promise\n") || !strings.Contains(got, "end") {
		t.Errorf("on a terminal:\n%s", got)
	}
	var out strings.Builder
	if err := (&screen{Options: Options{Out: &out}}).show(r); err != nil || !strings.Contains(out.String(), r.Rows[0].Got) || !strings.Contains(out.String(), r.Rows[1].Expected) {
		t.Errorf("in a pipe:\n%s", out.String())
	}
}
