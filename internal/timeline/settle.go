package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// track is a lane that is being made, of the goroutines that share it.
type track struct {
	Lane
	born  time.Duration
	end   time.Duration // of the last that uses it
	parts [][]Span      // at the same time
	named bool
}

// tracks are those of a run.
type tracks struct {
	all    []*track
	by     map[string][]*track
	others [][]Span // of goroutines that have none
}

// timeline settles who has a lane and what still goes on, and lets time begin with the first task.
func (b *builder) timeline() Timeline {
	root, end := b.all[0].main(), b.now
	if root == nil {
		return Timeline{}
	}
	if root.ended {
		end = root.to
	}
	t := Timeline{End: end - root.from}
	shift := func(at *time.Duration) { *at = max(0, min(*at, end)-root.from) }
	all := b.actors(end)
	names := rename(all, root.doer, end)
	numberProcesses(all, end)
	settled := func(name string) string { return called(cmp.Or(names[name], name), b.keys) }
	for _, g := range all {
		g.label = called(g.label, b.keys)
		g.until = g.end(end)
		if g.open {
			g.spans[len(g.spans)-1].To = end
		}
		for i := range g.spans {
			s := &g.spans[i]
			s.To = min(s.To, g.until)
			shift(&s.From)
			shift(&s.To)
			s.For = settled(s.For)
		}
		g.spans = slices.DeleteFunc(g.spans, func(s Span) bool { return s.From >= s.To })
		for i := range g.said {
			shift(&g.said[i].at)
		}
		shift(&g.born)
		shift(&g.until)
	}
	t.Lanes, t.Others = assign(all)
	t.order()
	for _, h := range b.things {
		h.settle(b.until(end))
		for i := range h.Holds {
			shift(&h.Holds[i].From)
			shift(&h.Holds[i].To)
			h.Holds[i].By = settled(h.Holds[i].By)
		}
		for i := range h.Given {
			shift(&h.Given[i])
		}
		for i := range h.Taken {
			shift(&h.Taken[i])
		}
		t.Things = append(t.Things, h.Thing)
	}
	t.Messages = b.messages.letters(root.doer, shift)
	t.Clocks, t.Cut = b.clocks.settle(b.all, t.End), b.cut()
	slices.SortFunc(t.Things, func(x, y Thing) int { return strings.Compare(x.Name, y.Name) })
	return t
}

// until returns until when somebody holds what it has not given back: the end of the run, or that of the process.
func (b *builder) until(end time.Duration) func(by string) time.Duration {
	return func(by string) time.Duration {
		if key, _, found := strings.Cut(by, keyEnd); found {
			return b.keys[key].last
		}
		return end
	}
}

// assign makes the lanes of goroutines whose labels, and times, are settled.
func assign(all []*goroutine) ([]Lane, Crowd) {
	ls := tracks{by: map[string][]*track{}}
	for _, g := range all {
		if g.named {
			ls.give(g)
		}
	}
	for _, g := range all {
		if !g.named {
			ls.give(g)
		}
	}
	for _, g := range all {
		for _, l := range g.said {
			to := g.track
			if to == nil || to.Name != l.actor {
				to = ls.of(l.actor, l.at)
			}
			to.Lines = append(to.Lines, l.at)
			if g.track == nil {
				g.track = to
			}
		}
	}
	first := make(map[*track]time.Duration, len(ls.all))
	for _, l := range ls.all {
		first[l] = l.first()
	}
	slices.SortStableFunc(ls.all, func(x, y *track) int { return cmp.Compare(first[x], first[y]) })
	ls.number()
	done := make([]Lane, len(ls.all))
	for i, l := range ls.all {
		slices.Sort(l.Lines)
		if len(l.parts) > 0 {
			l.Spans = merge(l.parts)
		}
		done[i] = l.Lane
	}
	return done, Crowd{len(ls.others), merge(ls.others)}
}

// number tells silent lanes of one name from each other, in their order.
func (ls *tracks) number() {
	so := map[string]int{}
	for _, l := range ls.all {
		name := l.Name
		so[name]++
		if len(ls.by[name]) > 1 && len(l.Lines) == 0 {
			l.Name = fmt.Sprintf("%s #%d", name, so[name])
		}
	}
}

// first is when it first spoke, or else when it came to be.
func (l *track) first() time.Duration {
	if len(l.Lines) > 0 {
		return slices.Min(l.Lines)
	}
	return l.born
}

// numberProcesses tells silent processes of one name that live at the same time from each other: worker #1, worker #2. Those that live
// one after the other share a name, and a lane. All are given in the order of their births.
func numberProcesses(all []*goroutine, end time.Duration) {
	of := map[string][]*goroutine{}
	for _, g := range all {
		if g.isProcess {
			of[g.label] = append(of[g.label], g)
		}
	}
	for name, same := range of {
		places, n := inPlaces(same, end)
		for i, g := range same {
			if n > 1 && len(g.said) == 0 {
				g.label = fmt.Sprintf("%s #%d", name, places[i]+1)
			}
		}
	}
}

// give gives a goroutine its lane.
func (ls *tracks) give(g *goroutine) {
	same, born := ls.by[g.label], g.born
	if len(g.spans) > 0 {
		born = min(born, g.spans[0].From) // it may have waited for its turn before it began with its task
	}
	free := slices.IndexFunc(same, func(l *track) bool { return l.end <= born && len(l.parts) == 1 })
	switch {
	case g.label == "" || !g.named && len(same) > 0 && same[0].named:
		if g.kin {
			ls.others = append(ls.others, g.spans)
		}
		return
	case free >= 0:
		l := same[free]
		l.parts[0] = append(l.parts[0], g.spans...)
		g.track = l
	case len(same) > 0 && !g.named:
		g.track = same[0]
		g.track.parts = append(g.track.parts, g.spans)
	default:
		g.track = ls.add(g.label, g.born)
		g.track.named, g.track.parts = g.named, [][]Span{g.spans}
	}
	g.track.end = max(g.track.end, g.until)
	g.track.Process = g.track.Process || g.isProcess
}

func (ls *tracks) add(name string, born time.Duration) *track {
	l := &track{Lane: Lane{Name: name, Number: len(ls.all) + 1}, born: born}
	ls.all = append(ls.all, l)
	ls.by[name] = append(ls.by[name], l)
	return l
}

// of returns the lane of an actor, one of lines alone if it has no other.
func (ls *tracks) of(actor string, at time.Duration) *track {
	if same := ls.by[actor]; len(same) > 0 {
		return same[0]
	}
	return ls.add(actor, at)
}

// order puts main first, then those that speak, in the order of the transcript's actors, then those that are silent. Within
// these they stay as they are; but what is silent in a process stands below its lane.
func (t *Timeline) order() {
	places := make(map[string]int, len(t.Actors))
	for i, name := range slices.Backward(t.Actors) { // of several the first counts
		places[name] = i
	}
	rank := func(l Lane) int {
		i, speaks := places[l.Name]
		switch {
		case l.Name == mainName:
			return -1
		case len(l.Lines) == 0:
			return len(t.Actors) + 1
		case !speaks:
			return len(t.Actors)
		}
		return i
	}
	slices.SortStableFunc(t.Lanes, func(x, y Lane) int { return cmp.Compare(rank(x), rank(y)) })
	t.Lanes = belowTheirProcess(t.Lanes)
}

// belowTheirProcess moves the silent lanes "process/thread" to where the lane of their process is.
func belowTheirProcess(lanes []Lane) []Lane {
	processes, parts := map[string]bool{}, map[string][]Lane{}
	for _, l := range lanes {
		processes[l.Name] = true
	}
	var ordered []Lane
	for _, l := range lanes {
		if of, _, part := strings.Cut(l.Name, "/"); part && len(l.Lines) == 0 && processes[of] {
			parts[of] = append(parts[of], l)
		} else {
			ordered = append(ordered, l)
		}
	}
	for i := len(ordered) - 1; i >= 0; i-- { // of several lanes of one name the last
		of := ordered[i].Name
		ordered = slices.Insert(ordered, i+1, parts[of]...)
		delete(parts, of)
	}
	return ordered
}
