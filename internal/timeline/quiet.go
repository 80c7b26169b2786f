package timeline

import "time"

// stretch is a part of the run.
type stretch struct{ from, to time.Duration }

// moments is into how many parts a run is divided to find where nothing happens.
const moments = 500

// quiet returns the long stretches in which nothing happens: no actor runs, but for moments, or says, sends, receives, acquires or releases
// anything, or changes its state.
func (t Timeline) quiet() []stretch {
	if t.Steps || t.End < moments {
		return nil
	}
	moment := t.End / moments
	var eventful [moments]bool
	var busy [moments]time.Duration // in runs that are too brief to count alone
	of := func(at time.Duration) int { return int(max(0, min(moments-1, at/moment))) }
	note := func(times ...time.Duration) {
		for _, at := range times {
			eventful[of(at)] = true
		}
	}
	for _, l := range append(t.Lanes[:len(t.Lanes):len(t.Lanes)], Lane{Spans: t.Others.Spans}) {
		note(l.Lines...)
		last := Span{From: -1, To: -1} // that was long, and goes on if it is the same after a moment
		for _, s := range l.Spans {
			switch brief := s.To-s.From < moment; {
			case brief && s.State == Running:
				busy[of(s.From)] += s.To - s.From
			case brief:
			case s.State == Running:
				for i := of(s.From); i <= of(s.To); i++ {
					eventful[i] = true
				}
			case s.State == last.State && s.For == last.For && s.From-last.To < moment:
				last.To = s.To
			default:
				note(last.To, s.From)
				last = s
			}
		}
		note(last.To)
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
	var all []stretch
	const margin = moments / 100 // what led to it, and what follows
	for from, to := 0, 0; from < moments; from = to + 1 {
		sum := time.Duration(0)
		for to = from; to < moments && !eventful[to]; to++ {
			sum += busy[to]
		}
		if n := to - from; n > moments/5 && sum < moment*time.Duration(n)/50 {
			all = append(all, stretch{moment * time.Duration(from+margin), moment * time.Duration(to-margin)})
		}
	}
	return all
}
