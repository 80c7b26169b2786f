package transcript

import (
	"slices"
	"strings"
)

// A Difference is what shows that two programs have not done the same work.
type Difference struct {
	// First and Second are a line of each that differ in nothing but numbers that the promise fixes, and neither is a line of the
	// other. If one of them is empty, the programs have a different number of lines, and the other is a line that one has more often.
	First, Second string

	Lines [2]int // how many each has, those not counted that may come any number of times
}

// Difference compares the lines of two programs that should keep the promise, whoever said them. It returns nil if nothing shows
// that they did different work. The order does not matter, nor does what fills a hole, nor how many lines fit a line marked *.
// Lines in other words count as lines of the same work, as long as both have equally many: an error has other words in another
// language.
func (p *Promise) Difference(first, second []string) *Difference {
	d := &Difference{}
	fixed, free := distinct(p.lines), distinct(p.stars)
	left := [2][]shape{} // shapes of one side that the other lacks
	count, said := map[string]int{}, [2]map[string]bool{{}, {}}
	for side, lines := range [2][]string{first, second} {
		for _, line := range lines {
			if free.has(line) {
				continue
			}
			s := fixed.shapeOf(line)
			d.Lines[side]++
			left[side] = append(left[side], s)
			count[s.text] += 1 - 2*side
			said[side][s.text] = true
		}
	}
	for side, sign := range []int{1, -1} {
		var only []shape
		for _, s := range slices.Backward(left[side]) { // of equal lines the last ones are too many
			if sign*count[s.text] > 0 {
				count[s.text] -= sign
				only = append(only, s)
			}
		}
		slices.Reverse(only)
		left[side] = only
	}
	sameWords := map[string]string{}
	for _, s := range slices.Backward(left[1]) {
		if !said[0][s.text] {
			sameWords[s.words] = s.line
		}
	}
	for _, s := range left[0] {
		if line, ok := sameWords[s.words]; ok && !said[1][s.text] {
			d.First, d.Second = s.line, line
			return d
		}
	}
	switch {
	case d.Lines[0] > d.Lines[1]:
		d.First = left[0][0].line
	case d.Lines[0] < d.Lines[1]:
		d.Second = left[1][0].line
	default:
		return nil
	}
	return d
}

// A shape is a line, what is fixed of it, and that without its numbers.
type shape struct{ line, text, words string }

// patterns are lines of a promise that have different patterns.
type patterns struct {
	lines []expected
	by    index
}

// shapeOf returns what of a line is fixed by the pattern that it fits and that leaves most of it open. A line that fits none is
// fixed as it is.
func (p *patterns) shapeOf(line string) shape {
	text := squeezed(line)
	s := shape{line: line, text: strings.Join(strings.Fields(line), " ")}
	most := -1 // bytes in holes
	for _, i := range p.by.find(text) {
		e := &p.lines[i]
		f := &fitter{text: strings.Trim(line, " "), mine: filling{}}
		if !e.matches(line, text) || !f.match(e.parts, 0) {
			continue
		}
		if open := len(strings.Join(f.got, "")); open > most {
			most, s.text = open, withoutHoles(e.parts)
		}
	}
	s.words = withoutNumbers(s.text)
	return s
}

// has reports whether a line fits one of the patterns.
func (p *patterns) has(line string) bool {
	text := squeezed(line)
	return slices.ContainsFunc(p.by.find(text), func(i int) bool { return p.lines[i].matches(line, text) })
}

// distinct leaves out lines that have the pattern of another one.
func distinct(lines []expected) *patterns {
	type form struct{ start, pattern string }
	p, seen := &patterns{}, map[form]bool{}
	for i := range lines {
		e := &lines[i]
		key := form{start: e.start}
		if e.pattern != nil {
			key.pattern = e.pattern.String()
		}
		if !seen[key] {
			seen[key] = true
			p.by.add(e, len(p.lines))
			p.lines = append(p.lines, *e)
		}
	}
	return p
}

// withoutHoles has a # for each hole.
func withoutHoles(parts []matchPart) string {
	text := ""
	for _, p := range parts {
		if p.kind != "" {
			text += "#"
		} else {
			text += p.literal
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// withoutNumbers has a # for each number, with its sign and its fraction.
func withoutNumbers(text string) string {
	var b strings.Builder
	text = strings.Join(strings.Fields(text), " ")
	for i := 0; i < len(text); {
		n := numberAt(text, i)
		if n == 0 {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteByte('#')
		i += n
	}
	return b.String()
}

// numberAt returns how many bytes long the number is that begins at text[i], 0 if none does.
func numberAt(text string, i int) int {
	digits := func(i int) (n int) {
		for i+n < len(text) && '0' <= text[i+n] && text[i+n] <= '9' {
			n++
		}
		return n
	}
	n := 0
	if (text[i] == '-' || text[i] == '+') && (i == 0 || strings.IndexByte(" [(={", text[i-1]) >= 0) {
		n++
	}
	whole := digits(i + n)
	if whole == 0 {
		return 0
	}
	n += whole
	if i+n < len(text) && text[i+n] == '.' {
		if fraction := digits(i + n + 1); fraction > 0 {
			n += 1 + fraction
		}
	}
	return n
}
