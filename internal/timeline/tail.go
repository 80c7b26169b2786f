package timeline

import (
	"strconv"
	"time"
)

// minTail is the shortest end of a timeline that is worth a picture.
const minTail = 50 * time.Microsecond

// tail returns the end of the timeline, from when actors came that came at last or later; false if there are none, or it is too short.
// An actor that is known by its lines alone does not count.
func (t Timeline) tail(last time.Duration) (Timeline, bool) {
	from := t.End
	for _, l := range t.Lanes {
		if len(l.Spans) > 0 && l.Spans[0].From >= last && (len(l.Lines) == 0 || l.Lines[0] >= last) {
			from = min(from, l.Spans[0].From)
		}
	}
	from -= (t.End - from) / 16 // what led to it
	if t.End-from < minTail || t.Steps {
		return Timeline{}, false
	}
	return t.since(from), true
}

// since returns what happened from a time on. All lanes are there, if only by name.
func (t Timeline) since(from time.Duration) Timeline {
	part := Timeline{End: t.End - from, Actors: t.Actors}
	later := func(times []time.Duration) (kept []time.Duration) {
		for _, at := range times {
			if at >= from {
				kept = append(kept, at-from)
			}
		}
		return kept
	}
	for _, l := range t.Lanes {
		cut := Lane{Name: l.Name, Process: l.Process, Lines: later(l.Lines), Number: l.Number}
		if l.Said != nil {
			cut.Said = l.Said[len(l.Lines)-len(cut.Lines):]
		}
		for _, s := range l.Spans {
			if s.To > from {
				s.From, s.To = max(0, s.From-from), s.To-from
				cut.Spans = append(cut.Spans, s)
			}
		}
		part.Lanes = append(part.Lanes, cut)
	}
	for _, h := range t.Things {
		cut := Thing{Name: h.Name, Signal: h.Signal, Given: later(h.Given), Taken: later(h.Taken)}
		for _, hold := range h.Holds {
			if hold.To > from {
				hold.From, hold.To = max(0, hold.From-from), hold.To-from
				cut.Holds = append(cut.Holds, hold)
			}
		}
		if len(cut.Holds)+len(cut.Given)+len(cut.Taken) > 0 {
			part.Things = append(part.Things, cut)
		}
	}
	for _, m := range t.Messages {
		if m.Received >= from {
			m.Sent, m.Received = max(0, m.Sent-from), m.Received-from
			part.Messages = append(part.Messages, m)
		}
	}
	return part
}

// inMilliseconds says a time with two digits that count.
func inMilliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	digits := 2
	for m := ms; m >= 100; m /= 10 {
		digits++
	}
	return strconv.FormatFloat(ms, 'g', digits, 64) + " ms"
}
