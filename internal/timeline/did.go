package timeline

import (
	"slices"
	"time"

	"cookbook/internal/waitfor"
)

// does is what the goroutine does, where that has a name.
func (g *goroutine) does() string {
	if n := len(g.doing); n > 0 {
		return g.doing[n-1]
	}
	return ""
}

// within says for what the goroutine waits, with what it does.
func (g *goroutine) within(on string) string {
	if what := g.does(); what != "" {
		return what + ": " + on
	}
	return on
}

// renew begins another span if the goroutine runs, since it now does something else.
func (g *goroutine) renew(at time.Duration) {
	if n := len(g.spans); n > 0 && g.open && g.spans[n-1].State == Running {
		g.close(at)
		g.add(Span{From: at, State: Running, For: g.does()})
	}
}

// did notes what the actor of a task has done that no goroutine does: it has a lane all the same. What began earlier may be told
// later, and two things that such an actor did do not overlap.
func (b *builder) did(p *process, at time.Duration, k *task, message string) {
	began, ended, what, ok := waitfor.ReadDid(message)
	if !ok || k == nil {
		return
	}
	if k.doer == nil {
		k.doer = &goroutine{in: p, task: k, born: k.from, told: true}
		b.order = append(b.order, k.doer)
	}
	g := k.doer
	if !g.told {
		return
	}
	if len(g.spans) == maxSpans {
		g.spans = thin(g.spans)
	}
	s := Span{From: max(at-began, k.from), To: max(at-ended, k.from), State: Running, For: safeName(what)}
	i := len(g.spans)
	for i > 0 && g.spans[i-1].From > s.From {
		i--
	}
	if i > 0 { // the clocks are known less well at first
		if late := g.spans[i-1].To - s.From; late > 0 {
			s.From, s.To = s.From+late, min(s.To+late, at)
		}
	}
	if i < len(g.spans) {
		s.To = min(s.To, g.spans[i].From)
	}
	if s.From < s.To {
		g.spans = slices.Insert(g.spans, i, s)
	}
}
