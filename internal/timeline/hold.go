package timeline

import (
	"cmp"
	"slices"
	"time"
)

type thing struct {
	Thing
	held []held
}

// held is a thread that holds a thing, and since when; depth counts its acquisitions.
type held struct {
	by    string
	since time.Duration
	depth int
}

func (h *thing) acquire(at time.Duration, by string) {
	h.Taken = append(h.Taken, at)
	for i := range h.held {
		if h.held[i].by == by {
			h.held[i].depth++
			return
		}
	}
	h.held = append(h.held, held{by, at, 1})
}

// release notes a release; a late one happened earlier than its time says.
func (h *thing) release(at time.Duration, by string, late bool) {
	h.Given = append(h.Given, at)
	i := slices.IndexFunc(h.held, func(o held) bool { return o.by == by })
	if i < 0 {
		h.Signal = true
		return
	}
	if h.held[i].depth--; h.held[i].depth == 0 {
		if late { // one who has it since then got it behind this release
			for _, o := range h.held {
				if o.since > h.held[i].since {
					at = min(at, o.since)
				}
			}
		}
		if len(h.Holds) == maxSpans {
			h.Holds = thinHolds(h.Holds)
		}
		h.Holds = append(h.Holds, Hold{h.held[i].since, at, by})
		h.held = slices.Delete(h.held, i, i+1)
	}
}

// settle ends the holds that go on, and drops what a thing of its kind does not have.
func (h *thing) settle(until func(by string) time.Duration) {
	if h.Signal {
		h.Holds = nil
		return
	}
	h.Given, h.Taken = nil, nil
	for _, o := range h.held {
		h.Holds = append(h.Holds, Hold{o.since, until(o.by), o.by})
	}
	slices.SortStableFunc(h.Holds, func(x, y Hold) int { return cmp.Compare(x.From, y.From) })
}
