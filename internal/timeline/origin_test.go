package timeline

import (
	"slices"
	"testing"
	"time"
)

func TestOnlyFunctionsOfRecipesNameGoroutines(t *testing.T) {
	for symbol, want := range map[string]string{
		"cookbook/recipes/ch2.addAndSubtractLocked":         "addAndSubtractLocked",
		"cookbook/recipes/ch2.addAndSubtractLocked.func1.2": "addAndSubtractLocked",
		"cookbook/recipes/ch1.trial.work":                   "trial.work",
		"cookbook/recipes/ch1.(*stock).put.func1":           "(*stock).put",
		"cookbook/recipes/ch1.each-range1":                  "each",
		"cookbook/recipes/ch1.all[...].func1":               "all",
		"cookbook/internal/threading.(*Thread).Start":       "",
		"net/http.(*Server).Serve":                          "",
		"main.main":                                         "",
		"":                                                  "",
	} {
		if got := recipeFunction(symbol); got != want {
			t.Errorf("%q is of %q, want %q", symbol, got, want)
		}
	}
}

func TestGoroutinesAreCalledAfterTheFunctionThatStartedThem(t *testing.T) {
	life := func(from string, born, end time.Duration) *goroutine {
		return &goroutine{from: from, kin: true, born: born, spans: []Span{{From: born, To: end}}}
	}
	all := []*goroutine{
		life("alone", 0, 1), life("alone", 1, 2), // one after the other
		life("two", 0, 2), life("two", 1, 3), life("two", 2, 3),
		{label: "named", from: "two", kin: true},
		life("", 0, 3),
		{from: "strange"},
	}
	for range 5 {
		all = append(all, life("many", 0, 1))
	}
	nameByOrigin(all, 3)
	var got []string
	for _, g := range all {
		got = append(got, g.label)
	}
	want := []string{"alone", "alone", "two 1", "two 2", "two 1", "named", "", "", "many ×5", "many ×5", "many ×5", "many ×5", "many ×5"}
	if !slices.Equal(got, want) {
		t.Errorf("labels %q, want %q", got, want)
	}
}
