package transcript

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Loose is a place where a promise allows orders that never came, and the language of promises could forbid them.
type Loose struct {
	Line   int    `json:"line"`             // of the file
	Text   string `json:"text"`             // of that line
	Could  string `json:"could"`            // what it could be: = or ~ instead of its mark; -- if a -- could stand above it
	Why    string `json:"why"`              // in words
	Reason string `json:"reason,omitempty"` // why it is loose on purpose, as the file says; "": it does not
}

// Loose returns where the promise is looser than the orders that were added, in the order of the file:
//
//   - a ~ line that could be = : it stood in one place among the = lines and the other such lines
//   - a line above which a -- could stand: all above it came before all below it
//   - a * line that came the same number of times, at least once, in one place of the promise
//
// A change must hold for all lines that the file's line stands for in this run, and no line is moved but a * line. What follows from
// other changes of the list is not in it. Only lines that are part of this run's promise are judged. A promise that stands for more than
// 1,000 lines is not judged.
func (o *Orders) Loose() []Loose {
	t := o.tighten(false)
	if t == nil {
		return nil
	}
	all := t.loose()
	// With the lines that are loose on purpose, more is loose: those lines.
	for _, l := range o.tighten(true).loose() {
		if l.Reason = t.source[l.Line].reason; l.Reason != "" {
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b Loose) int { return a.Line - b.Line })
	return all
}

// tighten returns the changes that can be made, with or without those that the file does not want; nil if nothing was seen.
func (o *Orders) tighten(onPurpose bool) *tightener {
	if o.before == nil {
		return nil
	}
	l := newLayout(o.promise)
	if l == nil {
		return nil
	}
	t := &tightener{Orders: o, layout: l, fixed: func(at int) bool { return !onPurpose && l.source[at].reason != "" }}
	t.run()
	return t
}

// loose lists the changes.
func (t *tightener) loose() []Loose {
	var all []Loose
	add := func(at int, could Mark, why string, args ...any) {
		all = append(all, Loose{Line: at, Text: t.source[at].text, Could: string(could), Why: t.inOrders() + fmt.Sprintf(why, args...)})
	}
	for at, m := range t.moves {
		mark, where, times := Ordered, "where it stands", "once"
		if t.marks[at] {
			mark = Exact
		}
		if m.above > 0 {
			where = fmt.Sprintf("above line %d", m.above)
		}
		if m.times > 1 {
			times = fmt.Sprintf("%d times", m.times)
		}
		add(at, mark, "it came %s, %s", times, where)
	}
	for at := range t.marks {
		if _, ok := t.moves[at]; !ok {
			add(at, Exact, "it came %s", t.beside(at))
		}
	}
	for at := range t.cuts {
		add(at, "--", "all above it came before all below it")
	}
	slices.SortFunc(all, func(a, b Loose) int { return cmp.Or(a.Line-b.Line, strings.Compare(a.Could, b.Could)) })
	return all
}

func (t *tightener) inOrders() string {
	if t.added == 1 {
		return "in the only order "
	}
	return fmt.Sprintf("in all %d orders ", t.added)
}

// beside names a line that a line could be in order with, if both were =.
func (t *tightener) beside(at int) string {
	marks := t.marks
	t.marks = map[int]bool{}
	base := t.implied()
	t.marks = marks
	for i, a := range t.items {
		for j := i + 1; j < len(t.items); j++ {
			b := t.items[j]
			if base.has(i, j) || !a.exact && !marks[a.at] || !b.exact && !marks[b.at] {
				continue
			}
			switch at {
			case a.at:
				return fmt.Sprintf("before %q, line %d", t.named(b), b.at)
			case b.at:
				return fmt.Sprintf("behind %q, line %d", t.named(a), a.at)
			}
		}
	}
	return "in one place"
}

// named is the line of the run that an item is.
func (t *tightener) named(it item) string {
	if it.star > 0 {
		return t.source[it.at].text
	}
	e := &t.promise.lines[it.element]
	return e.actor + "  " + e.text
}
