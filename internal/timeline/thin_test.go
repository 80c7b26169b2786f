package timeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestThinnedSpansCoverTheSameTime(t *testing.T) {
	g := &goroutine{}
	const many = 5 * maxSpans
	for i := range many {
		at := time.Duration(i)
		if n := len(g.spans); n > 0 {
			g.spans[n-1].To = at
		}
		g.add(Span{From: at, State: State(i % 2)})
	}
	g.spans[len(g.spans)-1].To = many
	if n := len(g.spans); n > maxSpans {
		t.Errorf("%d spans, want at most %d", n, maxSpans)
	}
	at := time.Duration(0)
	for _, s := range g.spans {
		if s.From != at {
			t.Fatalf("a gap: %v after %v", s.From, at)
		}
		at = s.To
	}
	if at != many {
		t.Errorf("they end at %v, want %v", at, many)
	}

	h := &thing{}
	for i := range many {
		h.acquire(time.Duration(2*i), "a")
		h.release(time.Duration(2*i+1), "a", false)
	}
	if n := len(h.Holds); n > maxSpans || h.Holds[0].From != 0 || h.Holds[n-1].To != 2*many-1 {
		t.Errorf("%d holds from %v to %v", n, h.Holds[0].From, h.Holds[n-1].To)
	}
}

func TestMergedSpansShowAtEachMomentTheStateThatComesFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	first := []State{Running, Ready, Sleeping, Waiting, Apart}
	for range 300 {
		var all [][]Span
		for range r.IntN(5) {
			var spans []Span
			for at := r.IntN(5); at < 30; {
				to := at + 1 + r.IntN(6)
				spans = append(spans, Span{time.Duration(at), time.Duration(to), State(r.IntN(states)), ""})
				at = to + r.IntN(3)
			}
			all = append(all, spans)
		}
		at := func(spans []Span, moment time.Duration) State {
			for _, s := range spans {
				if s.From <= moment && moment < s.To {
					return s.State
				}
			}
			return states
		}
		merged := merge(all)
		for moment := range time.Duration(40) {
			want := State(states)
			for _, spans := range all {
				if s := at(spans, moment); s < states && (want == states || slices.Index(first, s) < slices.Index(first, want)) {
					want = s
				}
			}
			if got := at(merged, moment); got != want {
				t.Fatalf("at %d: state %d, want %d, of %v: %v", moment, got, want, all, merged)
			}
		}
	}
}
