package timeline

import (
	"cmp"
	"slices"
	"time"
)

// actors returns the goroutines and processes that belong to the run, in the order in which they or their tasks came to be.
func (b *builder) actors(end time.Duration) []*goroutine {
	for _, p := range b.all {
		p.settleTasks()
	}
	var all []*goroutine
	for _, g := range b.order {
		main := g.in.main()
		g.kin = main != nil && (g.task == main || g.parent != nil && g.parent.kin && !g.system && g.born >= main.from)
		if g.task != nil {
			g.label, g.named, g.born = g.in.prefix()+g.task.name, true, g.task.from
		}
		if g.served {
			g.spans, g.open, g.kin = nil, false, false
			if p := g.parent; p != nil && p.process != nil { // it speaks for that process
				p.process.said = append(p.process.said, g.said...)
				continue
			}
		}
		if g.process != nil {
			all = append(all, g.process)
		}
		if g.in.isFor(g.task) {
			if g.task != main {
				g.in.calls = append(g.in.calls, g)
			}
			continue // the lane of the process shows it
		}
		if g.named || g.kin || len(g.said) > 0 {
			all = append(all, g)
		}
	}
	all = append(all, b.join(end)...)
	slices.SortStableFunc(all, func(x, y *goroutine) int { return cmp.Compare(x.born, y.born) })
	return all
}

// rename gives threads and processes that speak as one actor, as which nobody else speaks at the same time, the name of that actor,
// and goroutines without a name that of the first as which they speak. It returns what threads are called now.
func rename(all []*goroutine, root *goroutine, end time.Duration) map[string]string {
	speakers, owners := map[string][]*goroutine{}, map[string][]*goroutine{}
	for _, g := range all {
		if g.named {
			owners[g.label] = append(owners[g.label], g)
		}
		known := map[string]bool{}
		for _, l := range g.said {
			if !known[l.actor] {
				known[l.actor] = true
				speakers[l.actor] = append(speakers[l.actor], g)
			}
		}
		if len(known) > 1 || g == root || !g.named {
			for actor := range known {
				speakers[actor] = append(speakers[actor], nil) // this actor is nobody's alone
			}
		}
		if !g.named && len(g.said) > 0 {
			g.label = g.said[0].actor
		}
	}
	nameByOrigin(all, end)
	names := map[string]string{}
	for actor, by := range speakers {
		if len(owners[actor]) > 0 || slices.Contains(by, nil) {
			continue
		}
		alone := true
		for i := 1; i < len(by); i++ {
			alone = alone && by[i-1].end(end) <= by[i].born
		}
		for _, g := range by { // what a thread holds is known by its name
			alone = alone && (g.task == nil || len(owners[g.label]) == 1)
		}
		for _, g := range by {
			if alone {
				if before, known := names[g.label]; known && before != actor {
					names[g.label] = g.label // several processes have it
				} else {
					names[g.label] = actor
				}
				g.label = actor
			}
		}
	}
	for _, g := range all {
		if g.named && len(g.said) == 0 { // a process that is silent, of the name of one that spoke
			g.label = cmp.Or(names[g.label], g.label)
		}
	}
	return names
}
