package bench

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/catalog"
)

func TestWordsChoose(t *testing.T) {
	operations := []primitive.Primitive{{Name: "thread lock", Chapter: 2}, {Name: "lock, two processes", Chapter: 3}, {Name: "call_soon", Chapter: 4}}
	for words, want := range map[string]string{
		"":               "thread lock; lock, two processes; call_soon; ch2.lock",
		"primitives":     "thread lock; lock, two processes; call_soon",
		"recipes":        "ch2.lock",
		"lock":           "thread lock; lock, two processes",
		"LOCK call_soon": "thread lock; lock, two processes; call_soon",
		"ch2.lock":       "ch2.lock",
		"2.6":            "ch2.lock",
		"ch2":            "thread lock; ch2.lock",
		"call_soon loc":  "call_soon; ch2.lock", // a part of a name is none of its words
	} {
		plan, err := Choose(sample(""), operations, strings.Fields(words))
		var got []string
		for _, p := range plan.Operations {
			got = append(got, p.Name)
		}
		for _, e := range plan.Recipes {
			got = append(got, e.ID)
		}
		if strings.Join(got, "; ") != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", words, got, err, want)
		}
	}
	_, err := Choose(sample(""), operations, []string{"frobnicate"})
	if !errors.As(err, new(*catalog.UnknownError)) || !strings.Contains(err.Error(), "--list") {
		t.Errorf("got %v", err)
	}
	if got := Operations(); !slices.ContainsFunc(got, func(p primitive.Primitive) bool { return p.Chapter == 5 }) {
		t.Error("there is no operation of chapter 5")
	}
}
