package recipes

import (
	"strconv"
	"strings"
	"testing"

	"cookbook/internal/cli"
	"cookbook/internal/terminal"
)

// show returns what a command line prints on a terminal of a width.
func show(t *testing.T, width int, args ...string) string {
	t.Helper()
	var out, diagnostics strings.Builder
	none := func(string) (string, bool) { return "", false }
	streams := cli.Streams{Out: &out, Err: &diagnostics, OutTTY: true, Width: width, Env: none}
	if code := cli.Main(Catalog(), args, streams); code != 0 || diagnostics.String() != "" {
		t.Errorf("%q: exit code %d, stderr %q", args, code, diagnostics.String())
	}
	return out.String()
}

// Only a word that is wider than a line may be cut by the terminal.
func TestTextIsFoldedToTheTerminal(t *testing.T) {
	all := [][]string{{"list", "--no-pager"}, {"list", "lock", "--no-pager"}, {"--help"}, {"run", "--help"}}
	for _, name := range []string{"list", "explain", "glossary", "verify", "compare", "doctor", "completion", "version"} {
		all = append(all, []string{name, "--help"})
	}
	for _, e := range Catalog().Entries() {
		all = append(all, []string{"run", e.ID, "--help"})
	}
	for _, width := range []int{40, 60, 80, 140} {
		for _, args := range all {
			for line := range strings.SplitSeq(show(t, width, args...), "\n") {
				if terminal.Width(line) > width && len(strings.Fields(line)) > 1 {
					t.Errorf("%q is wider than %d columns: %q", args, width, line)
				}
			}
		}
	}
}

// Beside the mark, the time and the actor's name a line of a terminal of 80 columns has room for 60.
func TestTablesOfNumbersFitATerminal(t *testing.T) {
	for _, id := range []string{"ch6.double", "ch6.memory", "ch6.gpuarray", "ch6.elementwise", "ch6.jit", "ch6.libraries", "ch6.opencl-sum", "ch6.opencl-elementwise"} {
		for line := range strings.SplitSeq(show(t, 80, "run", id, "--plain"), "\n") {
			numbers := 0
			for _, field := range strings.Fields(line) {
				if _, err := strconv.ParseFloat(field, 64); err == nil {
					numbers++
				}
			}
			if numbers >= 3 && !strings.Contains(line, ":") && terminal.Width(line) > 60 {
				t.Errorf("%s: %d columns: %q", id, terminal.Width(line), line)
			}
		}
	}
}

func TestTitlesFitTheirLine(t *testing.T) {
	for _, e := range Catalog().Entries() {
		if head := e.ID + " · " + e.Title + "  book §" + e.Section; terminal.Width(head) > 80 {
			t.Errorf("%d columns: %s", terminal.Width(head), head)
		}
	}
}

func TestListCutsNoTitle(t *testing.T) {
	for _, width := range []int{1, 2, 30, 40, 60, 80, 140, 1000} {
		got := strings.Join(strings.Fields(show(t, width, "list", "--no-pager")), " ")
		for _, e := range Catalog().Entries() {
			if !strings.Contains(got, "§"+e.Section+" "+e.Title+" ") {
				t.Errorf("width %d: no %q", width, e.Title)
			}
		}
	}
}

func TestHelpOfRunFollowsTheBook(t *testing.T) {
	got, at := show(t, 80, "run", "--help"), 0
	for _, ch := range Catalog().Chapters {
		names := []string{"\nChapter " + string(rune('0'+ch.Number)) + ", " + ch.Title + ":"}
		for _, r := range ch.Recipes {
			names = append(names, "\n  "+r.ID+" ")
		}
		for _, name := range names {
			i := strings.Index(got[at:], name)
			if i < 0 {
				t.Fatalf("no %q behind %q", name, got[max(at-20, 0):at])
			}
			at += i + 1
		}
	}
}
