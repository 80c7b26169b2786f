package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// timeline settles who has a lane and what still goes on, and lets time begin with the first task.
func (b *builder) timeline() Timeline {
	if len(b.begun) == 0 {
		return Timeline{}
	}
	root, end := b.begun[0], b.now.Sub(b.first)
	if root.ended {
		end = root.to
	}
	t := Timeline{End: end - root.from}
	shift := func(at *time.Duration) { *at = max(0, min(*at, end)-root.from) }
	for _, g := range b.lanes() {
		if g.served {
			g.spans = nil
		} else if g.open {
			g.spans[len(g.spans)-1].To = end
		}
		for i := range g.spans {
			shift(&g.spans[i].From)
			shift(&g.spans[i].To)
		}
		for i := range g.lines {
			shift(&g.lines[i])
		}
		g.spans = slices.DeleteFunc(g.spans, func(s Span) bool { return s.From == s.To })
		t.Lanes = append(t.Lanes, Lane{g.name, g.spans, g.lines})
	}
	for _, h := range b.things {
		h.settle(end)
		for i := range h.Holds {
			shift(&h.Holds[i].From)
			shift(&h.Holds[i].To)
		}
		for i := range h.Given {
			shift(&h.Given[i])
		}
		for i := range h.Taken {
			shift(&h.Taken[i])
		}
		t.Things = append(t.Things, h.Thing)
	}
	slices.SortFunc(t.Things, func(x, y Thing) int { return strings.Compare(x.Name, y.Name) })
	return t
}

// settle ends the holds that go on, and drops what a thing of its kind does not have.
func (h *thing) settle(end time.Duration) {
	if h.Signal {
		h.Holds = nil
		return
	}
	h.Given, h.Taken = nil, nil
	for _, o := range h.held {
		h.Holds = append(h.Holds, Hold{o.since, end, o.by})
	}
	slices.SortStableFunc(h.Holds, func(x, y Hold) int { return cmp.Compare(x.From, y.From) })
}

// numbered is what goroutines without a name are called, before their number.
const numbered = "goroutine "

// lanes returns the goroutines that have a lane, in the order in which they or their tasks came to be.
func (b *builder) lanes() []*goroutine {
	for _, k := range b.begun {
		for _, g := range []*goroutine{k.endedBy, k.begunBy} {
			if k.doer == nil && g != nil && g.task == nil {
				k.doer, g.task = g, k
			}
		}
	}
	root := b.begun[0]
	var all []*goroutine
	named := map[string]*goroutine{} // by name: the last that has a lane
	unnamed := 0
	for _, g := range b.order {
		g.kin = g.task == root || g.parent != nil && g.parent.kin && !g.system && g.born >= root.from
		name := g.actor
		if g.task != nil {
			name = g.task.name
		}
		switch before := named[name]; {
		case g.task == nil && (!g.kin || name == "" && len(b.begun) > 1):
			continue
		case before != nil && before.follow(g):
			continue
		case g.task != nil || name != "" && before == nil:
			g.name = name
			named[name] = g
		default:
			unnamed++
			g.name = numbered + strconv.Itoa(unnamed)
		}
		if g.task != nil {
			g.born = g.task.from
		}
		all = append(all, g)
	}
	slices.SortStableFunc(all, func(x, y *goroutine) int { return cmp.Compare(x.born, y.born) })
	return all
}

// follow lets a goroutine of g's name that came when g had ended use g's lane.
func (g *goroutine) follow(next *goroutine) bool {
	if g.open || g.served != next.served || len(g.spans) == 0 || g.spans[len(g.spans)-1].To > next.born {
		return false
	}
	g.spans = append(g.spans, next.spans...)
	g.lines = append(g.lines, next.lines...)
	g.open = next.open
	return true
}

// maxSpans is how many spans of one goroutine, and holds of one thing, are kept: far more than a picture can show.
const maxSpans = 1 << 17

// thin halves the spans: of two neighbours the more telling one stands for both.
func thin(spans []Span) []Span {
	kept := spans[:0]
	for i := 0; i+1 < len(spans); i += 2 {
		s, next := spans[i], spans[i+1]
		if score(next.State, next.To-next.From) > score(s.State, s.To-s.From) {
			next.From = s.From
			s = next
		}
		s.To = spans[i+1].To
		kept = append(kept, s)
	}
	return kept
}

// thinHolds halves the holds: of two neighbours the longer one stands for both.
func thinHolds(holds []Hold) []Hold {
	kept := holds[:0]
	for i := 0; i+1 < len(holds); i += 2 {
		h, next := holds[i], holds[i+1]
		if next.To-next.From > h.To-h.From {
			next.From = min(h.From, next.From)
			h = next
		}
		h.To = max(holds[i].To, holds[i+1].To)
		kept = append(kept, h)
	}
	return kept
}
