package transcript

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// hole is one place of a pattern that any text of a type may fill.
type hole struct {
	id     int    // which named hole; -1 without a name
	name   string // as written
	ranged bool
	lo, hi int
}

// compile turns a pattern into the text people read, a regular expression and the meaning of its groups.
func (p *parser) compile(at int, pattern string, s scope) (shown, expr string, groups []hole, err error) {
	for _, part := range splitPattern(pattern) {
		if !part.isHole {
			shown += part.literal
			expr += anyBlanks(regexp.QuoteMeta(part.literal))
			continue
		}
		name, kind, typed := strings.Cut(part.hole, ":")
		if !typed {
			if i := strings.IndexByte(part.hole, '='); i >= 0 {
				name = part.hole[:i]
			}
			if n, ok := evaluate(name, s.numbers); ok {
				shown += strconv.Itoa(n)
				expr += strconv.Itoa(n)
				continue
			}
			d, ok := s.holes[name]
			if !ok {
				return "", "", nil, p.errorf(at, "{%s} is not known here: give it a type, as in {%s:int}, or a range, as in {%s=0..9}", part.hole, name, name)
			}
			kind = d.kind
		}
		h := hole{id: -1, name: name}
		if name != "" {
			if !isName(name) {
				return "", "", nil, p.errorf(at, "{%s}: a name is letters, digits and _", part.hole)
			}
			h.id = s.holes[name].id
		}
		class, ok := holeClass(kind)
		if lo, hi, isRange := parseRange(kind); isRange && lo <= hi {
			class, ok = `[+-]?\d+`, true
			h.ranged, h.lo, h.hi = true, lo, hi
		}
		if !ok {
			return "", "", nil, p.errorf(at, "{%s}: no type %q: use int, float, time, duration, pid, word, text or a range such as 0..9", part.hole, kind)
		}
		shown += "{" + part.hole + "}"
		expr += "(" + class + ")"
		groups = append(groups, h)
	}
	return shown, expr, groups, nil
}

// anyBlanks lets each run of blanks stand for any other, so that the columns of a table may be as wide as they need.
func anyBlanks(expr string) string {
	var b strings.Builder
	blank := false
	for _, r := range expr {
		if r != ' ' {
			b.WriteRune(r)
		} else if !blank {
			b.WriteString(" +")
		}
		blank = r == ' '
	}
	return b.String()
}

func holeClass(kind string) (string, bool) {
	switch kind {
	case "int":
		return `[+-]?\d+`, true
	case "float":
		return `[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`, true
	case "time":
		return `\d\d:\d\d:\d\d(?:\.\d+)?`, true
	case "duration":
		return `(?:[+-]?(?:\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h))+|0)`, true
	case "pid":
		return `[1-9]\d*`, true
	case "word":
		return `\S+`, true
	case "text":
		return `.+?`, true
	}
	return "", false
}

type family struct {
	name   string
	lo, hi int
}

func (p *parser) families(at int, text string) (*family, error) {
	var found *family
	for _, part := range splitPattern(text) {
		if !part.isHole || !strings.Contains(part.hole, "=") {
			continue
		}
		name, lo, hi, ok := parseFamily(part.hole)
		switch {
		case !ok:
			return nil, p.errorf(at, "family {%s}: want a name and a range, as in {r=0..9}", part.hole)
		case found != nil:
			return nil, p.errorf(at, "two families in one line: put the line in a repeat")
		}
		found = &family{name, lo, hi}
	}
	return found, nil
}

type patternPart struct {
	isHole  bool
	literal string
	hole    string // what stands between the braces
	raw     string // as it is written
}

// splitPattern cuts a pattern at its holes. An opening brace that is never closed is literal.
func splitPattern(s string) []patternPart {
	var parts []patternPart
	var literal strings.Builder
	raw := "" // what literal was written as
	take := func(n int) string {
		head := s[:n]
		s = s[n:]
		return head
	}
	flush := func() {
		if raw != "" {
			parts = append(parts, patternPart{literal: literal.String(), raw: raw})
			literal.Reset()
			raw = ""
		}
	}
	for len(s) > 0 {
		switch end := strings.IndexByte(s, '}'); {
		case strings.HasPrefix(s, "{{"), strings.HasPrefix(s, "}}"):
			literal.WriteByte(s[0])
			raw += take(2)
		case s[0] == '{' && end > 0:
			flush()
			hole := take(end + 1)
			parts = append(parts, patternPart{isHole: true, hole: hole[1:end], raw: hole})
		default:
			literal.WriteByte(s[0])
			raw += take(1)
		}
	}
	flush()
	return parts
}

// parseFamily parses name=lo..hi.
func parseFamily(s string) (name string, lo, hi int, ok bool) {
	name, span, ok := strings.Cut(s, "=")
	if !ok || !isName(name) {
		return "", 0, 0, false
	}
	lo, hi, ok = parseRange(span)
	return name, lo, hi, ok && max(lo, hi)-min(lo, hi) < maxExpected
}

func parseRange(s string) (lo, hi int, ok bool) {
	from, to, ok := strings.Cut(s, "..")
	if !ok {
		return 0, 0, false
	}
	lo, errLo := strconv.Atoi(from)
	hi, errHi := strconv.Atoi(to)
	const most = 1 << 30
	return lo, hi, errLo == nil && errHi == nil && max(lo, hi) < most && min(lo, hi) > -most
}

// span lists lo to hi, downwards when hi is the smaller.
func span(lo, hi int) []int {
	step := 1
	if lo > hi {
		step = -1
	}
	all := []int{lo}
	for n := lo; n != hi; {
		n += step
		all = append(all, n)
	}
	return all
}

// evaluate computes [k*]name[+c|-c].
func evaluate(s string, numbers map[string]int) (int, bool) {
	factor, offset := 1, 0
	if k, rest, ok := strings.Cut(s, "*"); ok {
		n, err := strconv.Atoi(k)
		if err != nil {
			return 0, false
		}
		factor, s = n, rest
	}
	if i := strings.IndexAny(s, "+-"); i > 0 {
		n, err := strconv.Atoi(s[i:])
		if err != nil {
			return 0, false
		}
		offset, s = n, s[:i]
	}
	n, ok := numbers[s]
	return factor*n + offset, ok
}

func isName(s string) bool {
	for i, r := range s {
		if !(r == '_' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}
