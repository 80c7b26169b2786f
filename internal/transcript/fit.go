package transcript

import (
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTries bounds the search for a filling. A line that needs more does not fit.
const maxTries = 100_000

// filling is what the named holes of a promise are filled with so far, by their ids. A hole that is not filled has no entry.
type filling map[int]string

// fits returns why text does not fit e, "" if it does, and then what it fills the named holes of e with.
func (m *Matcher) fits(e *expected, text string) (why string, fill filling) {
	text = strings.Trim(text, " ")
	if !e.matches(text, squeezed(text)) {
		return "but expected was", nil
	}
	if !e.constrained {
		return "", nil
	}
	f := &fitter{text: text, before: m.fill, mine: filling{}, strict: true}
	if f.match(e.parts, 0) {
		return "", f.mine
	}
	return f.reason(e.parts), nil
}

// excludes reports whether the first hole of e was filled by an earlier line with what does not stand there in text, so that text does
// not fit. It is quick, for lines of which there are thousands with the same start.
func (m *Matcher) excludes(e *expected, text string) bool {
	for _, p := range e.parts {
		if p.kind == "" {
			continue
		}
		known, filled := m.fill[p.id]
		if p.id < 0 || !filled || p.kind == "text" {
			return false
		}
		rest, begins := behind(e.start, strings.Trim(text, " "))
		return !begins || !strings.HasPrefix(strings.TrimLeft(rest, " "), known)
	}
	return false
}

// fitter looks for a way to divide a text among the parts of a pattern.
type fitter struct {
	text   string
	before filling // by earlier lines
	mine   filling // by this line
	strict bool    // ranges and fillings count; else only types do
	got    []string
	tries  int
}

// match reports whether parts can be filled with the text from i on. Numbers and words take as much as they can, texts as little.
func (f *fitter) match(parts []matchPart, i int) bool {
	if len(parts) == 0 {
		return i == len(f.text)
	}
	p, rest := parts[0], parts[1:]
	if p.kind == "" {
		for end := range literalEnds(p.literal, f.text, i) {
			if f.match(rest, end) {
				return true
			}
		}
		return false
	}
	for end := range f.holeEnds(p.kind, i) {
		got := f.text[i:end]
		known, filled := f.before[p.id]
		if !filled {
			known, filled = f.mine[p.id]
		}
		if f.strict && (p.id >= 0 && filled && known != got || p.ranged && !p.holds(got)) {
			continue
		}
		if f.got = append(f.got, got); p.id >= 0 && !filled {
			f.mine[p.id] = got
		}
		if f.match(rest, end) {
			return true
		}
		if f.got = f.got[:len(f.got)-1]; p.id >= 0 && !filled {
			delete(f.mine, p.id)
		}
	}
	return false
}

// holds reports whether a number is in the part's range.
func (p matchPart) holds(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && p.lo <= n && n <= p.hi
}

// reason says what keeps a text from fitting that has the right types.
func (f *fitter) reason(parts []matchPart) string {
	*f = fitter{text: f.text, before: f.before, mine: filling{}}
	if !f.match(parts, 0) {
		return "but expected was"
	}
	mine, i := filling{}, 0
	for _, p := range parts {
		if p.kind == "" {
			continue
		}
		got := f.got[i]
		i++
		if p.ranged && !p.holds(got) {
			return fmt.Sprintf("but %s is not in %d..%d", got, p.lo, p.hi)
		}
		if known, filled := f.before[p.id]; filled && p.id >= 0 && known != got {
			return fmt.Sprintf("but {%s} was %s before", p.name, known)
		}
		if known, filled := mine[p.id]; filled && p.id >= 0 && known != got {
			return fmt.Sprintf("but {%s} is both %s and %s", p.name, known, got)
		}
		mine[p.id] = got
	}
	return "but expected was"
}

// literalEnds lists where a literal that begins at text[i] may end. A run of blanks stands for any other; only one at its end leaves
// a choice.
func literalEnds(literal, text string, i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for len(literal) > 0 {
			if literal[0] != ' ' {
				if i >= len(text) || text[i] != literal[0] {
					return
				}
				literal, i = literal[1:], i+1
				continue
			}
			literal = strings.TrimLeft(literal, " ")
			n := len(text[i:]) - len(strings.TrimLeft(text[i:], " "))
			for ; n > 1 && literal == ""; n-- {
				if !yield(i + n) {
					return
				}
			}
			if n == 0 {
				return
			}
			i += n
		}
		yield(i)
	}
}

// holeEnds lists where a hole that begins at text[i] may end, in the order in which to try: texts from the shortest, all others
// from the longest. It ends when the search has taken too many tries.
func (f *fitter) holeEnds(kind string, i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		text := f.text
		goesOn := func() bool {
			f.tries++
			return f.tries <= maxTries
		}
		if kind == "text" {
			for end := i + 1; end <= len(text) && goesOn(); end++ {
				if (end == len(text) || utf8.RuneStart(text[end])) && !yield(end) {
					return
				}
			}
			return
		}
		word := i
		for word < len(text) && text[word] != ' ' {
			word++
		}
		for end := word; end > i && goesOn(); end-- {
			if (kind == "word" || classes()[kind].MatchString(text[i:end])) && !yield(end) {
				return
			}
		}
	}
}

// constrained reports whether more than the types of the holes has to fit.
func constrained(parts []matchPart) bool {
	for _, p := range parts {
		if p.id >= 0 && p.kind != "" || p.ranged {
			return true
		}
	}
	return false
}

// trimmed returns the parts without the blanks at the two ends.
func trimmed(parts []matchPart) []matchPart {
	if n := len(parts); n > 0 {
		if parts[0].kind == "" {
			parts[0].literal = strings.TrimLeft(parts[0].literal, " ")
		}
		if parts[n-1].kind == "" {
			parts[n-1].literal = strings.TrimRight(parts[n-1].literal, " ")
		}
	}
	return parts
}

// matchExpression is a regular expression that the rest of every text matches that fits: what stands behind start, from the first
// hole on. A run of blanks stands for any other, so that the columns of a table may be as wide as they need, and blanks at
// the end do not count.
func matchExpression(start string, open []matchPart) string {
	var b strings.Builder
	b.WriteString("^")
	if start == "" || strings.HasSuffix(start, " ") {
		b.WriteString(" *")
	}
	for _, p := range open {
		if p.kind != "" {
			class, _ := holeClass(p.kind)
			b.WriteString("(?:" + class + ")")
			continue
		}
		blank := false
		for _, r := range regexp.QuoteMeta(p.literal) {
			if r != ' ' {
				b.WriteRune(r)
			} else if !blank {
				b.WriteString(" +")
			}
			blank = r == ' '
		}
	}
	b.WriteString(" *$")
	return b.String()
}
