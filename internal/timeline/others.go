package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// label is what a crowd is called.
func (c Crowd) label() string {
	if c.N == 1 {
		return "1 goroutine"
	}
	return fmt.Sprintf("%d goroutines", c.N)
}

// runs reports whether they run so much of a whole run that it can be seen. Otherwise they have no row: they help others.
func (c Crowd) runs(whole time.Duration) bool {
	sum := time.Duration(0)
	for _, s := range c.Spans {
		if s.State == Running {
			sum += s.To - s.From
		}
	}
	return sum > whole/8
}

// fold adds to the others those silent ones that there is no room for, and returns how many. The lanes are in order.
func (t *Timeline) fold() int {
	kept := maxLanes
	for i, l := range t.Lanes {
		if len(l.Lines) > 0 {
			kept = max(kept, i+1)
		}
	}
	folded := len(t.Lanes) - kept
	if folded <= 0 {
		return 0
	}
	spans := [][]Span{t.Others.Spans}
	for _, l := range t.Lanes[kept:] {
		spans = append(spans, l.Spans)
	}
	t.Others = Crowd{t.Others.N + folded, merge(spans)}
	t.Lanes = t.Lanes[:kept]
	return folded
}

// merge lets what several did look like what one did. At each moment the state counts that comes first: to run, to be ready,
// to sleep, to wait, to be apart. What was waited for is lost.
func merge(all [][]Span) []Span {
	if len(all) == 1 {
		return all[0]
	}
	type change struct {
		at    time.Duration
		state State
		by    int
	}
	var changes []change
	for _, spans := range all {
		for _, s := range spans {
			changes = append(changes, change{s.From, s.State, 1}, change{s.To, s.State, -1})
		}
	}
	slices.SortFunc(changes, func(x, y change) int { return cmp.Compare(x.at, y.at) })
	const none = State(states)
	var merged []Span
	var in [states]int
	now := Span{State: none}
	for i, c := range changes {
		in[c.state] += c.by
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		next := none
		for _, s := range []State{Running, Ready, Sleeping, Waiting, Apart} {
			if in[s] > 0 {
				next = s
				break
			}
		}
		if next == now.State {
			continue
		}
		if now.State != none {
			now.To = c.at
			merged = append(merged, now)
		}
		now = Span{From: c.at, State: next}
	}
	return merged
}
