package timeline

import "time"

// Fold returns the timeline with less detail: spans of a lane, holds of a thing and its marks that are shorter than least says for
// where they begin, or nearer to each other, are merged, the most telling one for all. What is left of a lane still covers the same
// time. A picture whose pixels are at least as wide looks the same.
func (t Timeline) Fold(least func(at time.Duration) time.Duration) Timeline {
	lanes, things := make([]Lane, len(t.Lanes)), make([]Thing, len(t.Things))
	for i, l := range t.Lanes {
		l.Spans = foldSpans(l.Spans, least)
		lanes[i] = l
	}
	for i, h := range t.Things {
		h.Holds, h.Given, h.Taken = foldHolds(h.Holds, least), foldTimes(h.Given, least), foldTimes(h.Taken, least)
		things[i] = h
	}
	t.Lanes, t.Things, t.Others.Spans = lanes, things, foldSpans(t.Others.Spans, least)
	return t
}

// foldSpans merges short spans that lie one behind the other until they are long enough, and spans that are alike.
func foldSpans(spans []Span, least func(at time.Duration) time.Duration) []Span {
	var folded []Span
	best := time.Duration(0) // the score of the span that stands for the last one
	for _, s := range spans {
		n := score(s.State, s.To-s.From)
		if len(folded) == 0 || !foldable(folded[len(folded)-1], s, least(s.From)) {
			folded, best = append(folded, s), n
			continue
		}
		last := &folded[len(folded)-1]
		if n > best {
			best = n
			s.From = last.From
			*last = s
		}
		last.To = s.To
	}
	return folded
}

// foldable reports whether s, which comes next, can be merged with last.
func foldable(last, s Span, least time.Duration) bool {
	if s.From != last.To {
		return false
	}
	alike := s
	alike.From, alike.To = last.From, last.To
	return alike == last || last.To-last.From < least && s.To-s.From < least
}

// foldHolds drops the shorter one of two holds that would be drawn in one place.
func foldHolds(holds []Hold, least func(at time.Duration) time.Duration) []Hold {
	var folded []Hold
	for _, h := range holds {
		last := len(folded) - 1
		if last < 0 || h.To-folded[last].From >= least(h.From) {
			folded = append(folded, h)
			continue
		}
		if h.To-h.From > folded[last].To-folded[last].From {
			folded[last] = h
		}
	}
	return folded
}

// foldTimes drops what comes too soon behind the one before it.
func foldTimes(times []time.Duration, least func(at time.Duration) time.Duration) []time.Duration {
	var folded []time.Duration
	for _, at := range times {
		if last := len(folded) - 1; last < 0 || at-folded[last] >= least(at) {
			folded = append(folded, at)
		}
	}
	return folded
}
