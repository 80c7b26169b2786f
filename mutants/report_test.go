package main

import (
	"io"
	"strings"
	"testing"

	"cookbook/internal/golden"
)

// some are a mutant for each verdict.
func some() ([]*mutant, []outcome) {
	var all []*mutant
	for i, line := range []string{"mu.Lock()", "mu.Unlock()", "all.Wait()", "all.Go(f)", "x := 1", "mu.Lock(2)"} {
		all = append(all, &mutant{Recipe: "ch2.lock", File: "recipes/ch2/lock.go", Line: i + 1, Function: "guard", Operator: "delete a Lock", Old: line, Nth: 1})
	}
	all[3].Operator, all[3].New = "Go(f) → f()", "f()"
	return all, []outcome{
		{Built: true, Stress: call{Kill: "hang"}, Explore: call{Kill: "deadlock"}}, {Built: true, Stress: call{Kill: "promise"}},
		{Built: true, Explore: call{Kill: "broken"}}, {Built: true}, {}, {Built: true, Tests: call{Kill: "race"}},
	}
}

const reasonOfSome = "recipes/ch2/lock.go guard: Go(f) → f(): all.Go(f)"

func resultsOf(reasons map[string]string) (results []result) {
	all, outcomes := some()
	for i, m := range all {
		results = append(results, newResult(m, outcomes[i], reasons))
	}
	return results
}

func TestReport(t *testing.T) {
	var page strings.Builder
	bases := map[string]outcome{"ch2.lock": {Built: true}, "ch1.gil": {Built: true, Explore: call{Kill: "strayed", Text: "another run"}}}
	writeReport(&page, resultsOf(map[string]string{reasonOfSome: "In turn they come to the same."}), bases)
	golden.Compare(t, "report.golden", page.String())
}

func TestReasons(t *testing.T) {
	const text = "# For the reader.\na\nb\n\twhy\n\tindeed\n\nc\n\tso\n"
	reasons, err := readReasons(strings.NewReader(text))
	if err != nil || len(reasons) != 3 || reasons["a"] != "why indeed" || reasons["b"] != "why indeed" || reasons["c"] != "so" {
		t.Errorf("got %q, %v", reasons, err)
	}
	for text, want := range map[string]string{
		"\twhy\n":          "a reason without a mutant",
		"a\n":              `no reason stands below "a"`,
		"a\n\tx\na\n\ty\n": `"a" stands there twice`,
	} {
		if _, err := readReasons(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestASurvivorNeedsAReason(t *testing.T) {
	without, stale := unexplained(resultsOf(map[string]string{"of one that is gone": "x"}), map[string]string{"of one that is gone": "x"})
	if len(without) != 1 || without[0].Key != reasonOfSome || len(stale) != 1 {
		t.Errorf("got %v, %v", without, stale)
	}
	t.Chdir(root)
	o, err := parseOptions([]string{"--only", "."}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	all, outcomes := some()
	err = conclude(o, all, outcomes, nil, io.Discard, io.Discard)
	if exitCode(err) != 1 || !strings.Contains(err.Error(), "1 mutants survive without a reason") {
		t.Errorf("got %v", err)
	}
}

// The reasons that are there can be read.
func TestTheReasonsOfSurvivors(t *testing.T) {
	t.Chdir(root)
	o, err := parseOptions([]string{"--only", "."}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := conclude(o, nil, nil, nil, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}
