package timeline

import (
	"slices"
	"testing"
	"time"
)

func always(d time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return d }
}

func TestFoldedSpansCoverTheSameTime(t *testing.T) {
	var spans []Span
	for i := range 1000 {
		state := Running
		if i%2 == 1 {
			state = Ready
		}
		spans = append(spans, Span{From: time.Duration(i), To: time.Duration(i + 1), State: state})
	}
	spans = append(spans, Span{From: 1000, To: 2000, State: Waiting, For: "lock"}, Span{From: 2000, To: 2500, State: Waiting, For: "lock"},
		Span{From: 3000, To: 3001, State: Sleeping})
	got := Timeline{Lanes: []Lane{{Name: "a", Spans: spans}}}.Fold(always(100)).Lanes[0].Spans
	if len(got) != 12 {
		t.Errorf("%d spans are left, want ten of 100, one wait and the one behind a gap: %v", len(got), got)
	}
	at := time.Duration(0)
	for _, s := range got[:10] {
		if s.State != Running || s.From != at || s.To-s.From < 99 {
			t.Errorf("%v, want one behind %v of 100, that runs: that is more telling than to be ready", s, at)
		}
		at = s.To
	}
	want := []Span{{From: 1000, To: 2500, State: Waiting, For: "lock"}, {From: 3000, To: 3001, State: Sleeping}}
	if !slices.Equal(got[10:], want) {
		t.Errorf("%v, want %v", got[10:], want)
	}
}

func TestFoldedHoldsAndTimesLieApart(t *testing.T) {
	h := Thing{Holds: []Hold{{From: 0, To: 1, By: "a"}, {From: 1, To: 5, By: "b"}, {From: 6, To: 30, By: "a"}}, Given: []time.Duration{0, 3, 9, 10, 20}}
	got := Timeline{Things: []Thing{h}}.Fold(always(10)).Things[0]
	if want := []Hold{{From: 1, To: 5, By: "b"}, {From: 6, To: 30, By: "a"}}; !slices.Equal(got.Holds, want) {
		t.Errorf("%v, want %v", got.Holds, want)
	}
	if want := []time.Duration{0, 10, 20}; !slices.Equal(got.Given, want) {
		t.Errorf("%v, want %v", got.Given, want)
	}
}
