package transcript

import (
	"fmt"
	"maps"
	"slices"
)

// Matcher compares a run with a promise, line by line, as the run goes. After a line that was not promised it goes on as a
// comparison of two texts does: the line stands in the place of the one expected, unless that one comes after all. So one fault in
// a recipe is one broken line, and not all that follow.
type Matcher struct {
	promise *Promise
	came    []bool           // of promise.lines
	settled []bool           // of promise.lines: it came, or is waited for no longer
	later   []int            // of promise.lines: the same actor's next, len(lines) for none
	next    map[string]int   // by actor: index in promise.lines of the line expected next, len(lines) for none
	missed  map[string][]int // by actor: lines before next that have not come
	exact   int              // index in promise.lines of the = line expected next
	open    []int            // by stage: lines that are not settled
	stage   int              // the first that is open
	fill    filling
	guess   map[int]filling   // by line: what a line that came too early fills, until another is taken for it
	checks  []string          // that were made
	stars   map[string]*index // of promise.stars, by actor
	listed  index             // of promise.claims
	claims  []int             // of promise.claims: index in checks, -1 for none
	claimed []filling         // by line: what its check has filled
	kept    int
	place   int       // of the last line: which of the promise it is, from 1; 0 if none
	stands  *expected // of the last line: what was expected in its place, and may be what came
	broken  *Mismatch
}

// Matcher returns a matcher for one run.
func (p *Promise) Matcher() *Matcher {
	n := len(p.lines)
	m := &Matcher{
		promise: p,
		came:    make([]bool, n),
		settled: make([]bool, n),
		later:   make([]int, n),
		next:    map[string]int{},
		missed:  map[string][]int{},
		fill:    filling{},
		guess:   map[int]filling{},
		stars:   map[string]*index{},
		claims:  slices.Repeat([]int{-1}, len(p.claims)),
		claimed: make([]filling, len(p.claims)),
	}
	for i := range p.stars {
		star := &p.stars[i]
		m.next[star.actor] = n
		if m.stars[star.actor] == nil {
			m.stars[star.actor] = &index{}
		}
		m.stars[star.actor].add(star, i)
	}
	for i := range p.claims {
		m.listed.add(&p.claims[i], i)
	}
	for i, e := range slices.Backward(p.lines) {
		m.later[i] = n
		if after, ok := m.next[e.actor]; ok {
			m.later[i] = after
		}
		m.next[e.actor] = i
	}
	for _, e := range p.lines {
		for e.stage >= len(m.open) {
			m.open = append(m.open, 0)
		}
		m.open[e.stage]++
	}
	m.advance()
	return m
}

// Line takes the next line of the run and returns its mark, Broken if the promise does not cover it.
func (m *Matcher) Line(actor, text string) Mark {
	m.place, m.stands = 0, nil
	next, known := m.next[actor]
	if !known {
		m.breakAt(nil, actor, text, "but the promise knows no actor of that name")
		return Broken
	}
	if i, fill := m.find(actor, text); i >= 0 {
		m.reach(actor, i)
		return m.take(i, fill)
	}
	for _, i := range m.stars[actor].find(squeezed(text)) {
		if m.excludes(&m.promise.stars[i], text) {
			continue
		}
		if reason, fill := m.fits(&m.promise.stars[i], text); reason == "" {
			m.bind(fill)
			m.kept++
			m.place, m.stands = len(m.promise.lines)+i+1, &m.promise.stars[i]
			return Any
		}
	}
	m.astray(actor, next, text)
	return Broken
}

// lookAround bounds how many lines of an actor are tried for a line that is not the next one.
const lookAround = 200

// find returns the line of the promise that text is, -1 if it is none that may come now: the actor's next, or one behind it if all
// between are waited for no longer, or one that it missed.
func (m *Matcher) find(actor, text string) (int, filling) {
	for _, i := range m.missed[actor][max(0, len(m.missed[actor])-lookAround):] {
		if m.promise.lines[i].said(m.fill) && m.guess[i] == nil {
			if reason, fill := m.fits(&m.promise.lines[i], text); reason == "" {
				return i, fill // another has said what is in it
			}
		}
	}
	for i, n := m.next[actor], 0; i < len(m.promise.lines) && n < lookAround; i, n = m.later[i], n+1 {
		if reason, fill := m.fits(&m.promise.lines[i], text); reason == "" && m.timely(i) {
			return i, fill
		}
		if !m.settled[i] {
			break
		}
	}
	missed := m.missed[actor]
	for _, i := range missed[max(0, len(missed)-lookAround):] {
		m.unbind(m.guess[i])
		if reason, fill := m.fits(&m.promise.lines[i], text); reason == "" {
			return i, fill
		}
		m.bind(m.guess[i])
	}
	return -1, nil
}

// said reports whether the line has named holes, and all are filled.
func (e *expected) said(fill filling) bool {
	named := 0
	for _, p := range e.parts {
		if p.kind != "" && p.id >= 0 {
			if _, ok := fill[p.id]; !ok {
				return false
			}
			named++
		}
	}
	return named > 0
}

// timely reports whether promise.lines[i] may come now.
func (m *Matcher) timely(i int) bool {
	e := &m.promise.lines[i]
	return m.settled[i] || e.stage <= m.stage && (e.mark != Exact || i == m.exact)
}

// reach moves an actor's next line behind promise.lines[i]. Those that are passed are missed, and waited for no longer.
func (m *Matcher) reach(actor string, i int) {
	if at := slices.Index(m.missed[actor], i); at >= 0 {
		m.missed[actor] = slices.Delete(m.missed[actor], at, at+1)
		return
	}
	for j := m.next[actor]; j != i; j = m.later[j] {
		m.missed[actor] = append(m.missed[actor], j)
		m.settle(j)
	}
	m.next[actor] = m.later[i]
}

// astray deals with a line that may not come now. If it is promised for later, what should have come first is waited for no longer;
// else it stands in the place of the actor's next one. Either way the line that it was taken for may still come.
func (m *Matcher) astray(actor string, next int, text string) {
	end := len(m.promise.lines)
	if next == end {
		m.breakAt(nil, actor, text, "but the promise expects nothing more from it")
		return
	}
	why, fill := m.fits(&m.promise.lines[next], text)
	if why != "" {
		m.breakAt(&m.promise.lines[next], actor, text, why)
	}
	found := next
	for n := 0; why != "" && found < end && n < lookAround; n++ {
		if found = m.later[found]; found < end {
			why, fill = m.fits(&m.promise.lines[found], text)
		}
	}
	if why != "" {
		found = next
	} else {
		m.skip(found, actor, text)
		m.bind(fill)
		m.guess[found] = fill
	}
	m.reach(actor, found)
	m.missed[actor] = append(m.missed[actor], found)
	m.settle(found)
}

// skip ends the wait for all that must come before promise.lines[i].
func (m *Matcher) skip(i int, actor, text string) {
	e := &m.promise.lines[i]
	for j := range m.promise.lines {
		before := &m.promise.lines[j]
		if !m.settled[j] && (before.stage < e.stage || j < i && before.mark == Exact && e.mark == Exact) {
			m.breakAt(before, actor, text, "too early: first must come")
			m.settle(j)
		}
	}
}

// take gives a line to promise.lines[i], which it fits.
func (m *Matcher) take(i int, fill filling) Mark {
	m.bind(fill)
	m.came[i] = true
	m.settle(i)
	m.kept++
	m.place, m.stands = i+1, &m.promise.lines[i]
	return m.stands.mark
}

// settle ends the wait for promise.lines[i].
func (m *Matcher) settle(i int) {
	if !m.settled[i] {
		m.settled[i] = true
		m.open[m.promise.lines[i].stage]--
		m.advance()
	}
}

// advance moves to the first stage that is open and the first = line that has not come.
func (m *Matcher) advance() {
	for m.stage < len(m.open) && m.open[m.stage] == 0 {
		m.stage++
	}
	for m.exact < len(m.settled) && (m.settled[m.exact] || m.promise.lines[m.exact].mark != Exact) {
		m.exact++
	}
}

// Check takes a check of the run. Checks have no order: if two lines of the promise fit a check, which of them it is given to
// may change when others come.
func (m *Matcher) Check(claim string) {
	m.checks = append(m.checks, claim)
	if !m.give(len(m.checks)-1, map[int]bool{}) {
		m.breakAt(nil, "", fmt.Sprintf("the check %q was made", claim), "but the promise does not list it, or not that many times")
	}
}

// give finds a line of the promise for a check, a free one or, if need be, one whose check can be given another (an augmenting
// path). A line without holes is not taken from its check, and so is listed no longer: that check has the same text, so it finds
// no other line than this one. Nor is anything taken once the promise is broken.
func (m *Matcher) give(check int, tried map[int]bool) bool {
	may := m.listed.find(squeezed(m.checks[check]))
	for _, free := range []bool{true, false} {
		if !free && m.broken != nil {
			break
		}
		for _, i := range may {
			if (m.claims[i] < 0) != free || tried[i] {
				continue
			}
			m.unbind(m.claimed[i])
			reason, fill := m.fits(&m.promise.claims[i], m.checks[check])
			if reason == "" {
				tried[i] = true
				if free || m.give(m.claims[i], tried) {
					m.claims[i], m.claimed[i] = check, fill
					m.bind(fill)
					if e := &m.promise.claims[i]; e.pattern == nil {
						m.listed.remove(e, i)
					}
					return true
				}
			}
			m.bind(m.claimed[i])
		}
	}
	return false
}

// End reports the first broken promise of the run, nil if all were kept.
func (m *Matcher) End() *Mismatch {
	for i := range m.promise.lines {
		if !m.came[i] {
			m.breakAt(&m.promise.lines[i], "", "", "the run ended and this never came")
		}
	}
	for i := range m.promise.claims {
		if m.claims[i] < 0 {
			m.breakAt(&m.promise.claims[i], "", "", "the run ended and this never came")
		}
	}
	return m.broken
}

// Kept returns how many lines were as promised.
func (m *Matcher) Kept() int { return m.kept }

// bind fills named holes, and unbind empties them.
func (m *Matcher) bind(fill filling) { maps.Copy(m.fill, fill) }
func (m *Matcher) unbind(fill filling) {
	for id := range fill {
		delete(m.fill, id)
	}
}

// breakAt keeps the first difference of the run, and what each line should have been.
func (m *Matcher) breakAt(e *expected, actor, got, reason string) {
	if m.stands == nil {
		m.stands = e
	}
	if m.broken != nil {
		return
	}
	m.broken = &Mismatch{File: m.promise.file, Actor: actor, Got: got, Reason: reason}
	if e != nil {
		m.broken.Line, m.broken.Expected = e.at, e.String()
	}
}

// String is the line as the promise has it, families filled in.
func (e *expected) String() string {
	if !e.mark.Info().Spoken {
		return string(e.mark) + " " + e.text
	}
	return string(e.mark) + " " + e.actor + "  " + e.text
}
