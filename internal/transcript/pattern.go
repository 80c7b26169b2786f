package transcript

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"cookbook/internal/terminal"
)

// matchPart is a part of a pattern in which all is known but the holes.
type matchPart struct {
	literal string
	kind    string // of a hole: its type; "": literal
	id      int    // which named hole; -1 without a name
	name    string // as written
	ranged  bool
	lo, hi  int
}

// fill turns pieces into the text people read and the parts that are matched.
func (x *expander) fill(at int, pieces []piece, s scope) (shown string, parts []matchPart, err error) {
	literal := func(text string) {
		shown += text
		if n := len(parts); n > 0 && parts[n-1].kind == "" {
			parts[n-1].literal += text
		} else {
			parts = append(parts, matchPart{literal: text})
		}
	}
	for _, p := range pieces {
		if p.value != nil {
			d, isHole := s.holes[p.value.name]
			_, isNumber := s.numbers[p.value.name]
			if p.value.op == "name" && isHole && !isNumber {
				p = piece{kind: d.kind, name: p.value.name, raw: p.raw}
				if strings.Contains(d.kind, "..") {
					if p.within, err = (&parser{file: x.promise.file, values: s.values}).span("hole=" + d.kind); err != nil {
						return "", nil, x.errorf(at, "{%s}: %v", p.raw, err)
					}
				}
			}
		}
		switch {
		case p.kind != "":
			h := matchPart{kind: p.kind, id: -1, name: p.name}
			if p.name != "" {
				h.id = s.holes[p.name].id
			}
			if p.within != nil {
				h.kind, h.ranged = "int", true
				if h.lo, h.hi, err = p.within.bounds(s); err != nil {
					return "", nil, x.errorf(at, "{%s}: %v", p.raw, err)
				}
			}
			shown += "{" + p.raw + "}"
			parts = append(parts, h)
		case p.family != nil:
			literal(written(s.numbers[p.family.name]))
		case p.list != nil:
			lo, hi, err := x.bounds(at, p.each, s)
			if err != nil {
				return "", nil, err
			}
			if hi-lo >= maxExpected {
				x.tooLong = true
				return "", nil, x.errorf(at, "{%s}: more than %d elements", p.raw, maxExpected)
			}
			var all []string
			for n := lo; n <= hi; n++ {
				v, err := p.list.eval(s.with(p.each.name, n))
				if err != nil {
					return "", nil, x.errorf(at, "{%s}: %v", p.raw, err)
				}
				all = append(all, written(v))
			}
			literal(strings.Join(all, " "))
		case p.value != nil:
			v, err := p.value.eval(s)
			if err != nil {
				if name := p.value.name; p.value.op == "name" && isName(name) {
					err = fmt.Errorf("%w: give it a type, as in {%s:int}, or a range, as in {%s=0..9}", err, name, name)
				}
				return "", nil, x.errorf(at, "{%s}: %v", p.raw, err)
			}
			if text, ok := v.(string); ok && (strings.Contains(text, "\n") || len(text) > maxName/2) {
				x.promise.Unmatched = "a text that it takes from a flag has a line break, or is very long"
			}
			literal(terminal.Safe(written(v)))
		default:
			literal(p.literal)
		}
	}
	return shown, parts, nil
}

// written is a value as a recipe prints it.
func written(v any) string {
	if d, ok := v.(time.Duration); ok {
		return d.String()
	}
	return fmt.Sprint(v)
}

// classes returns a regular expression for the whole text of each type of hole.
var classes = sync.OnceValue(func() map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for _, kind := range []string{"int", "float", "time", "duration", "pid"} {
		class, _ := holeClass(kind)
		all[kind] = regexp.MustCompile("^(?:" + class + ")$")
	}
	return all
})

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
		return `.+`, true
	}
	return "", false
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
