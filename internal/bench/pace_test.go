package bench

import (
	"slices"
	"testing"
	"time"
)

func TestTheTimeLeftIsThatOfStepsOfTheSameKind(t *testing.T) {
	var shown []string
	now := time.Unix(0, 0)
	p := newPace(func(what string, done, total int) { shown = append(shown, what) })
	p.now = func() time.Time { return now }
	p.expect("quick", 3)
	p.expect("slow", 4)
	for _, s := range []struct {
		kind  string
		takes time.Duration
	}{{"quick", 2 * time.Second}, {"quick", 4 * time.Second}, {"slow", 30 * time.Second}} {
		p.step(s.kind, s.kind)
		now = now.Add(s.takes)
	}
	p.skip("slow", 2)
	p.step("quick", "last")
	want := []string{"quick", "quick, about 12s left", "slow, about 15s left", "last, about 33s left"}
	if !slices.Equal(shown, want) {
		t.Errorf("got %q, want %q", shown, want)
	}
}
