package transcript

import (
	"slices"
	"strings"
)

// squeezed returns what is compared of a text: a run of blanks counts as one, and blanks at the two ends do not count.
func squeezed(text string) string {
	text = strings.Trim(text, " ")
	if !strings.Contains(text, "  ") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if text[i] != ' ' || text[i-1] != ' ' {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// startOf returns what stands before the first hole, as it is compared, and the parts from that hole on.
func startOf(parts []matchPart) (start string, open []matchPart) {
	for i, p := range parts {
		if p.kind == "" {
			start += p.literal
			continue
		}
		if blank := strings.HasSuffix(start, " "); blank {
			return squeezed(start) + " ", parts[i:]
		}
		return squeezed(start), parts[i:]
	}
	return squeezed(start), nil
}

// matches reports whether a text, which is also given squeezed, has the form of the line. More may have to fit, see [Matcher.fits].
func (e *expected) matches(text, squeezed string) bool {
	if e.pattern == nil {
		return squeezed == e.start
	}
	rest, begins := behind(e.start, strings.Trim(text, " "))
	return begins && e.pattern.MatchString(rest)
}

// behind returns what of a text stands behind a start: behind a run of blanks for each blank inside it, and behind one blank for
// one at its end.
func behind(start, text string) (rest string, begins bool) {
	for i := range len(start) {
		if text == "" || text[0] != start[i] {
			return "", false
		}
		text = text[1:]
		if start[i] == ' ' && i < len(start)-1 {
			text = strings.TrimLeft(text, " ")
		}
	}
	return text, true
}

// An index finds the lines that a text may fit by what stands before their first hole. So a text is not tried on thousands of
// lines that differ in a number. The zero value is an index of nothing, and so is nil.
type index struct {
	places  map[string][]int // by start
	lengths []int            // of the starts, each once
}

// add enters the line at this place; places are added in their order.
func (x *index) add(e *expected, place int) {
	if x.places == nil {
		x.places = map[string][]int{}
	}
	if x.places[e.start] == nil && !slices.Contains(x.lengths, len(e.start)) {
		x.lengths = append(x.lengths, len(e.start))
	}
	x.places[e.start] = append(x.places[e.start], place)
}

// remove takes a line out that was added.
func (x *index) remove(e *expected, place int) {
	at := x.places[e.start]
	if at[0] == place {
		x.places[e.start] = at[1:]
		return
	}
	x.places[e.start] = slices.DeleteFunc(slices.Clone(at), func(p int) bool { return p == place })
}

// find returns the places of the lines that a squeezed text may fit, in their order. The caller must not change the slice.
func (x *index) find(squeezed string) (found []int) {
	if x == nil {
		return nil
	}
	several := false
	for _, n := range x.lengths {
		if n > len(squeezed) || x.places[squeezed[:n]] == nil {
			continue
		}
		if found == nil {
			found = x.places[squeezed[:n]]
			continue
		}
		found, several = slices.Concat(found, x.places[squeezed[:n]]), true
	}
	if several {
		slices.Sort(found)
	}
	return found
}
