package timeline

import (
	"slices"
	"time"
)

// stretch is a part of the run.
type stretch struct{ from, to time.Duration }

// quiet returns the long stretches in which nothing happens: no actor says, sends, receives, acquires or releases anything, or
// changes its state for more than a moment.
func (t Timeline) quiet() []stretch {
	if t.Steps {
		return nil
	}
	var events []time.Duration
	var brief []Span
	moment := t.End / 500
	note := func(at ...time.Duration) { events = append(events, at...) }
	for _, l := range t.Lanes {
		note(l.Lines...)
		for _, s := range l.Spans {
			if s.To-s.From >= moment {
				note(s.From, s.To)
			} else if s.State == Running {
				brief = append(brief, s)
			}
		}
	}
	busy := func(in stretch) bool {
		sum := time.Duration(0)
		for _, s := range brief {
			if s.From >= in.from && s.To <= in.to {
				sum += s.To - s.From
			}
		}
		return sum > (in.to-in.from)/50
	}
	for _, h := range t.Things {
		note(h.Given...)
		note(h.Taken...)
		for _, hold := range h.Holds {
			if hold.To-hold.From >= moment {
				note(hold.From, hold.To)
			}
		}
	}
	for _, m := range t.Messages {
		note(m.Sent, m.Received)
	}
	slices.Sort(events)
	var all []stretch
	now := time.Duration(0)
	for _, at := range append(events, t.End) {
		margin := t.End / 100 // what led to it, and what follows
		if gap := (stretch{now + margin, at - margin}); at-now > t.End/7 && !busy(gap) {
			all = append(all, gap)
		}
		now = max(now, at)
	}
	return all
}
