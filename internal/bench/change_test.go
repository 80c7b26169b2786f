package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestChangesAreThoseBeyondTheSpread(t *testing.T) {
	row := func(name string, python, golang Spread) Row {
		return Row{Name: name, Unit: "ns", Python: &python, Go: &golang}
	}
	old := &Report{Go: "1.26", Python: "3.11", Processors: 2, Rows: []Row{
		row("a", Spread{100, 90, 110}, Spread{10, 9, 11}), row("b", Spread{5, 4, 6}, Spread{5, 4, 6}), {Name: "c", Unit: "ns"}}}
	now := &Report{Go: "1.26", Python: "3.14", Processors: 8, Rows: []Row{
		row("a", Spread{105, 95, 115}, Spread{20, 12, 21}), row("b", Spread{2, 1, 3}, Spread{5, 4, 6}), row("d", Spread{1, 1, 1}, Spread{1, 1, 1}), {Name: "c", Unit: "ns"}}}
	c := Compare(old, now)
	if len(c.Changes) != 2 || c.Changes[0].Name != "a" || c.Changes[0].Side != "go" || c.Changes[0].Times != 2 || c.Changes[1].Side != "python" || c.Changes[1].Times != 0.4 {
		t.Errorf("changes %+v", c.Changes)
	}
	if c.Same != 2 || strings.Join(c.Missing, " ") != "d" || strings.Join(c.Differs, "; ") != "processors: 2, now 8; Python: 3.11, now 3.14" {
		t.Errorf("%+v", c)
	}
}

func TestOneRoundShowsNoChange(t *testing.T) {
	report := func(rounds int, golang float64) *Report {
		return &Report{Go: "1.26", Rounds: rounds, Rows: []Row{{Name: "a", Unit: "ns", Go: &Spread{golang, golang, golang}}}}
	}
	for _, rounds := range [][2]int{{1, 5}, {5, 1}, {1, 1}, {5, 5}} {
		c := Compare(report(rounds[0], 10), report(rounds[1], 20))
		if known := rounds == [2]int{5, 5}; len(c.Changes) == 1 != known || c.Unknown == 1 == known {
			t.Errorf("rounds %v: %+v", rounds, c)
		}
	}
}

func TestAReportIsRead(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{"go":"1.26","rows":[]}`: "",
		`{"recipe":"ch2.lock"}`:   "is not what cookbook bench --json prints: it has no rows",
		`hello`:                   "is not what cookbook bench --json prints: ",
	} {
		name := filepath.Join(dir, "old.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadReport(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := ReadReport(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}
