package cli

import (
	"strings"
	"testing"

	"cookbook/internal/explore"
	"cookbook/internal/practice"
	"cookbook/internal/terminal"
	"cookbook/internal/watch"
)

// listOf is the list of practice on a terminal so wide, of one exercise, begun in a folder ("": not begun).
func listOf(t *testing.T, width int, dir string) string {
	t.Helper()
	var out strings.Builder
	p := &practising{
		app:   &app{Streams: Streams{Out: &out, OutTTY: true, Width: width}},
		all:   []*practice.Exercise{{Name: "never-released", Recipe: "ch3.joinable-queue", Title: "The lock that is never released"}},
		state: &practice.State{Exercises: map[string]*practice.Progress{}},
	}
	if dir != "" {
		p.state.Exercises["never-released"] = &practice.Progress{Dir: dir}
	}
	if err := p.list(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestThePracticeListFitsOnTheTerminal(t *testing.T) {
	dir := t.TempDir()
	for _, width := range []int{72, 80, 100, 300} {
		for _, begun := range []string{"", dir} {
			got := listOf(t, width, begun)
			for line := range strings.Lines(got) {
				if n := terminal.Width(strings.TrimSuffix(line, "\n")); n > width && !strings.Contains(line, dir) {
					t.Errorf("%d columns: one line has %d:\n%s", width, n, got)
				}
			}
			if strings.Contains(got, "WHERE") != (begun != "" && width == 300) {
				t.Errorf("%d columns, begun in %q: WHERE should stand there only if there is a folder, and room for it:\n%s", width, begun, got)
			}
			for _, word := range strings.Fields("The lock that is never released") {
				if !strings.Contains(got, word) {
					t.Errorf("%d columns: %q is cut:\n%s", width, word, got)
				}
			}
		}
	}
}

func TestPracticeWatchNamesWhatWasWrong(t *testing.T) {
	p := &practising{app: &app{Streams: Streams{Out: &strings.Builder{}, Width: 80}}}
	for _, tt := range []struct {
		kind       explore.FaultKind
		text, want string
	}{
		{explore.Deadlock, "nothing can run, and the recipe has not ended:\nmain waits", "DEADLOCK"},
		{explore.Deadlock, "rank 0 waits", "rank 0 waits"},
		{practice.Unbuilt, "exercise.go:3:1: syntax error", ""},
	} {
		r := p.result(&practice.Exercise{}, &practice.Verdict{Kind: tt.kind, Text: tt.text})
		if r.Fault != tt.want || r.State == watch.Kept || r.Below[len(r.Below)-1] != stuck {
			t.Errorf("%s, %q: %+v", tt.kind, tt.text, r)
		}
	}
}
