package timeline

import (
	"cmp"
	"slices"
	"time"

	"cookbook/internal/terminal"
)

// Tell adds what was said to the lines of the lanes. It takes the texts by actor, in the order in which they were said. A trace
// that was cut has fewer lines than there are texts, and texts may be missing.
func (t *Timeline) Tell(said map[string][]string) {
	type place struct {
		lane, line int
		at         time.Duration
	}
	places := map[string][]place{} // an actor may have several lanes
	for i := range t.Lanes {
		l := &t.Lanes[i]
		l.Said = make([]string, len(l.Lines))
		for k, at := range l.Lines {
			places[l.Name] = append(places[l.Name], place{i, k, at})
		}
	}
	for actor, texts := range said {
		all := places[safeName(actor)]
		slices.SortStableFunc(all, func(x, y place) int { return cmp.Compare(x.at, y.at) })
		for i := range min(len(all), len(texts)) {
			t.Lanes[all[i].lane].Said[all[i].line] = terminal.Safe(terminal.OneLine(texts[i]))
		}
	}
}

// text is what line i of the lane says, empty if that is not known.
func (l Lane) text(i int) string {
	if i < len(l.Said) {
		return l.Said[i]
	}
	return ""
}
