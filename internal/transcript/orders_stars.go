package transcript

import "cmp"

// stars finds the * lines that came the same number of times, in one place, in every order, and adds an item for each time.
func (t *tightener) stars() map[int]move {
	moves := map[int]move{}
	byLine := map[int][]int{} // visits
	var lines []int
	for v, at := range t.visits {
		if at.kind == lineStatement && at.mark == Any {
			if byLine[at.at] == nil {
				lines = append(lines, at.at)
			}
			byLine[at.at] = append(byLine[at.at], v)
		}
	}
	number := 0
	for _, line := range lines {
		if t.fixed(line) {
			continue
		}
		items, times := t.timesOf(byLine[line])
		for i := range items {
			number++
			items[i].star = number
		}
		if len(items) == 0 {
			continue
		}
		if t.holds(items) {
			t.items = append(t.items, items...)
			moves[line] = move{times: times}
		} else if at, ok := t.elsewhere(byLine[line][0], items); ok {
			moves[line] = at
		}
	}
	return moves
}

// timesOf returns an item for each time that a * line comes, in the order in which it stands there if it is written that many times;
// none if it is not certain how many.
func (t *tightener) timesOf(visits []int) (items []item, times int) {
	for _, v := range visits {
		at := &t.visits[v]
		for s := at.stars; s < t.visits[v+1].stars; s++ {
			if times = cmp.Or(times, t.times[s]); t.times[s] < 1 || t.times[s] != times {
				return nil, 0
			}
		}
		for n := range times {
			for s := at.stars; s < t.visits[v+1].stars; s++ {
				items = append(items, item{element: t.first[s] + n, at: at.at, actor: t.promise.stars[s].actor, stage: at.stage, visit: v})
			}
		}
	}
	return items, times
}

// elsewhere looks for another line of the file above which the items could stand, and adds them there.
func (t *tightener) elsewhere(own int, items []item) (to move, ok bool) {
	st := &t.visits[own]
	if t.source[st.at].depth > 0 || !movable(st.actor) || !movable(st.pattern) {
		return move{}, false
	}
	for _, visits := range t.spots() {
		above, each := t.visits[visits[0]].at, len(items)/len(visits)
		if t.source[above].when || each*len(visits) != len(items) {
			continue
		}
		for i := range items {
			v := visits[i/each]
			items[i].visit, items[i].stage, items[i].moved = v, t.visits[v].stage, true
		}
		if t.holds(items) {
			t.items = append(t.items, items...)
			return move{each, above}, true
		}
	}
	return move{}, false
}

// movable reports whether pieces mean the same in every place of the file.
func movable(pieces []piece) bool {
	for _, p := range pieces {
		if p.family != nil || p.list != nil || p.value != nil || p.name != "" {
			return false
		}
	}
	return true
}

// holds reports whether more items came where they stand: in their actors' own order, and between the -- around them.
func (t *tightener) holds(more []item) bool {
	for i, a := range more {
		for _, b := range append(t.items[:len(t.items):len(t.items)], more[i+1:]...) {
			first, second := a, b
			if t.compare(a, b) > 0 {
				first, second = b, a
			}
			if (a.actor == b.actor || a.stage != b.stage) && t.saw(second.element, first.element) {
				return false
			}
		}
	}
	return true
}
