package transcript

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Matcher compares a run with a promise, line by line, as the run goes.
type Matcher struct {
	promise *Promise
	came    []bool         // of promise.lines
	claimed []bool         // of promise.claims
	next    map[string]int // by actor: index in promise.lines of the line expected next, len(lines) for none
	exact   int            // index in promise.lines of the = line expected next
	open    []int          // by stage: lines that have not come
	stage   int            // the first that is open
	fill    []string       // by named hole: what fills it
	filled  []bool
	kept    int
	broken  *Mismatch
}

// Mismatch is a broken promise: what was expected, what came, and from whom. It is the first difference of a run.
type Mismatch struct {
	Line     int    // of the promise file; 0 if no line of it is concerned
	Expected string // that line
	Actor    string // who spoke; empty if the run ended instead
	Got      string
	Reason   string
}

func (m *Mismatch) Error() string {
	var b strings.Builder
	if m.Actor != "" {
		fmt.Fprintf(&b, "%s said %q, ", m.Actor, m.Got)
	} else if m.Got != "" {
		fmt.Fprintf(&b, "%s, ", m.Got)
	}
	b.WriteString(m.Reason)
	if m.Line > 0 {
		fmt.Fprintf(&b, ": line %d of the promise, %q", m.Line, m.Expected)
	}
	return b.String()
}

// Matcher returns a matcher for one run.
func (p *Promise) Matcher() *Matcher {
	m := &Matcher{
		promise: p,
		came:    make([]bool, len(p.lines)),
		claimed: make([]bool, len(p.claims)),
		next:    map[string]int{},
		fill:    make([]string, p.holes),
		filled:  make([]bool, p.holes),
	}
	for _, actor := range p.Actors() {
		m.next[actor] = m.after(-1, actor)
	}
	m.exact = m.afterExact()
	for _, e := range p.lines {
		for e.stage >= len(m.open) {
			m.open = append(m.open, 0)
		}
		m.open[e.stage]++
	}
	m.nextStage()
	return m
}

// Line takes the next line of the run and returns its mark, Broken if the promise does not cover it.
func (m *Matcher) Line(actor, text string) Mark {
	next, known := m.next[actor]
	if !known {
		m.breakAt(nil, actor, text, "but the promise knows no actor of that name")
		return Broken
	}
	why := "but the promise expects nothing more from it"
	var want *expected
	if next < len(m.promise.lines) {
		want = &m.promise.lines[next]
		if why = m.fits(want, text); why == "" {
			return m.take(next, actor, text)
		}
	}
	for i := range m.promise.stars {
		if star := &m.promise.stars[i]; star.actor == actor && m.fits(star, text) == "" {
			m.bind(star, text)
			m.kept++
			return Any
		}
	}
	m.breakAt(want, actor, text, why)
	return Broken
}

// take gives a line to promise.lines[i], which it fits.
func (m *Matcher) take(i int, actor, text string) Mark {
	e := &m.promise.lines[i]
	m.bind(e, text)
	m.came[i] = true
	m.next[actor] = m.after(i, actor)
	mark := e.mark
	if e.stage > m.stage {
		missing := 0
		for m.came[missing] || m.promise.lines[missing].stage != m.stage {
			missing++
		}
		m.breakAt(&m.promise.lines[missing], actor, text, "too early: first must come")
		mark = Broken
	}
	m.open[e.stage]--
	m.nextStage()
	if e.mark == Exact {
		if i != m.exact {
			m.breakAt(&m.promise.lines[m.exact], actor, text, "too early: first must come")
			mark = Broken
		}
		m.exact = m.afterExact()
	}
	if mark != Broken {
		m.kept++
	}
	return mark
}

// Check takes a check of the run.
func (m *Matcher) Check(claim string) {
	for i := range m.promise.claims {
		if e := &m.promise.claims[i]; !m.claimed[i] && m.fits(e, claim) == "" {
			m.bind(e, claim)
			m.claimed[i] = true
			return
		}
	}
	m.breakAt(nil, "", fmt.Sprintf("the check %q was made", claim), "but the promise does not list it, or not that many times")
}

// End reports the first broken promise of the run, nil if all were kept.
func (m *Matcher) End() *Mismatch {
	for i, e := range slices.Concat(m.promise.lines, m.promise.claims) {
		came := i < len(m.came) && m.came[i] || i >= len(m.came) && m.claimed[i-len(m.came)]
		if !came {
			m.breakAt(&e, "", "", "the run ended and this never came")
		}
	}
	return m.broken
}

// Kept returns how many lines were as promised.
func (m *Matcher) Kept() int { return m.kept }

// after returns the index of the actor's next line behind i.
func (m *Matcher) after(i int, actor string) int {
	for i++; i < len(m.promise.lines) && m.promise.lines[i].actor != actor; i++ {
	}
	return i
}

func (m *Matcher) nextStage() {
	for m.stage < len(m.open) && m.open[m.stage] == 0 {
		m.stage++
	}
}

func (m *Matcher) afterExact() int {
	for i, e := range m.promise.lines {
		if e.mark == Exact && !m.came[i] {
			return i
		}
	}
	return len(m.promise.lines)
}

// fits returns why text does not fit e, "" if it does.
func (m *Matcher) fits(e *expected, text string) string {
	found := e.pattern.FindStringSubmatch(text)
	if found == nil {
		return "but expected was"
	}
	mine := map[int]string{}
	for i, h := range e.groups {
		got := found[i+1]
		if h.ranged {
			if n, err := strconv.Atoi(got); err != nil || n < h.lo || n > h.hi {
				return fmt.Sprintf("but %s is not in %d..%d", got, h.lo, h.hi)
			}
		}
		if h.id < 0 {
			continue
		}
		if m.filled[h.id] && m.fill[h.id] != got {
			return fmt.Sprintf("but {%s} was %s before", h.name, m.fill[h.id])
		}
		if before, ok := mine[h.id]; ok && before != got {
			return fmt.Sprintf("but {%s} is both %s and %s", h.name, before, got)
		}
		mine[h.id] = got
	}
	return ""
}

// bind fills the named holes of e, which text fits.
func (m *Matcher) bind(e *expected, text string) {
	found := e.pattern.FindStringSubmatch(text)
	for i, h := range e.groups {
		if h.id >= 0 {
			m.fill[h.id], m.filled[h.id] = found[i+1], true
		}
	}
}

// breakAt keeps the first difference.
func (m *Matcher) breakAt(e *expected, actor, got, reason string) {
	if m.broken != nil {
		return
	}
	m.broken = &Mismatch{Actor: actor, Got: got, Reason: reason}
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
