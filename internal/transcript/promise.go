package transcript

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxExpected bounds what a promise may expand to, so that a slip of the pen ({i=0..999999999}) is an error and not a hang.
const maxExpected = 10_000

// Promise is what a recipe promises to say: a parsed promise file.
type Promise struct {
	lines  []expected // = and ~ lines in the order of the file, then none
	stars  []expected
	claims []expected
	holes  int // number of distinct named holes
}

// expected is one line of a promise after repeats and families are expanded.
type expected struct {
	at      int // line number in the file
	mark    Mark
	actor   string
	text    string // the pattern as people read it, families filled in
	pattern *regexp.Regexp
	groups  []hole // what each group of the pattern means
	stage   int    // how many -- stand above
}

// hole is one place of a pattern that any text of a type may fill.
type hole struct {
	id     int    // which named hole; -1 without a name
	name   string // as written
	ranged bool
	lo, hi int
}

// ParseError says where a promise is not well-formed.
type ParseError struct {
	File string
	Line int
	Msg  string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// ParsePromise parses the text of a promise file; name stands in errors, which are of type *[ParseError].
func ParsePromise(name, text string) (*Promise, error) {
	p := &parser{file: name, promise: &Promise{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != "" && trimmed[0] != '#' {
			p.source = append(p.source, sourceLine{i + 1, trimmed})
		}
	}
	rest, err := p.block(p.source, scope{holes: map[string]declared{}, numbers: map[string]int{}}, true)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, p.errorf(rest[0].at, "end without repeat")
	}
	return p.promise, nil
}

// Actors returns the names of those who speak, in order of first appearance.
func (p *Promise) Actors() []string {
	var names []string
	for _, e := range slices.Concat(p.lines, p.stars) {
		if !slices.Contains(names, e.actor) {
			names = append(names, e.actor)
		}
	}
	return names
}

// Size returns how many lines and checks must come (* lines not counted).
func (p *Promise) Size() int { return len(p.lines) + len(p.claims) }

type sourceLine struct {
	at   int
	text string
}

type declared struct {
	id   int
	kind string
	at   int
}

// scope holds what names mean in a block: holes, and the numbers of the families and repeats around it.
type scope struct {
	holes   map[string]declared
	numbers map[string]int
}

type parser struct {
	file    string
	source  []sourceLine
	promise *Promise
	turns   int // of all repeats
	stage   int
}

func (p *parser) errorf(line int, format string, args ...any) error {
	return &ParseError{p.file, line, fmt.Sprintf(format, args...)}
}

// block parses lines up to the end that closes it (or to the last, at the top) and returns the lines behind.
func (p *parser) block(lines []sourceLine, s scope, top bool) ([]sourceLine, error) {
	if err := p.declare(lines, s); err != nil {
		return nil, err
	}
	for len(lines) > 0 {
		line := lines[0]
		word, rest, _ := strings.Cut(line.text, " ")
		switch {
		case line.text == "end":
			if top {
				return lines, nil // the caller reports it
			}
			return lines[1:], nil
		case line.text == "--":
			p.stage++
			lines = lines[1:]
		case word == "repeat":
			after, err := p.repeat(line, strings.TrimSpace(rest), lines[1:], s)
			if err != nil {
				return nil, err
			}
			lines = after
		default:
			if err := p.line(line, s); err != nil {
				return nil, err
			}
			lines = lines[1:]
		}
	}
	if !top {
		return nil, p.errorf(p.source[len(p.source)-1].at, "repeat without end")
	}
	return nil, nil
}

// declare finds the typed holes of one block (not of the blocks inside it), so that a name may be used before the line
// that gives its type.
func (p *parser) declare(lines []sourceLine, s scope) error {
	depth := 0
	for _, line := range lines {
		word, _, _ := strings.Cut(line.text, " ")
		switch {
		case word == "repeat":
			depth++
			continue
		case line.text == "end":
			if depth--; depth < 0 {
				return nil
			}
			continue
		case depth > 0:
			continue
		}
		for _, part := range splitPattern(line.text) {
			name, kind, typed := strings.Cut(part.hole, ":")
			if !part.isHole || !typed || name == "" {
				continue
			}
			if old, ok := s.holes[name]; ok {
				if old.kind != kind {
					return p.errorf(line.at, "hole %s is %s here and %s in line %d: give it one type", name, kind, old.kind, old.at)
				}
				continue
			}
			s.holes[name] = declared{p.promise.holes, kind, line.at}
			p.promise.holes++
		}
	}
	return nil
}

func (p *parser) repeat(line sourceLine, header string, body []sourceLine, s scope) ([]sourceLine, error) {
	name, lo, hi, ok := parseFamily(header)
	if !ok {
		return nil, p.errorf(line.at, "repeat %q: want a name and a range, as in repeat i=1..5", header)
	}
	var rest []sourceLine
	for _, n := range span(lo, hi) {
		if p.turns++; p.turns > maxExpected {
			return nil, p.errorf(line.at, "more than %d turns of repeat", maxExpected)
		}
		inner := scope{holes: maps.Clone(s.holes), numbers: maps.Clone(s.numbers)}
		inner.numbers[name] = n
		var err error
		if rest, err = p.block(body, inner, false); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (p *parser) line(line sourceLine, s scope) error {
	mark, rest := splitMark(line.text)
	if mark == "" {
		return p.errorf(line.at, "%q does not begin with a mark (= ~ * or ✓), repeat, end or --", line.text)
	}
	actor, pattern := "", rest
	if mark != Claim {
		if actor, pattern = splitActor(rest); actor == "" {
			return p.errorf(line.at, "%s without an actor", mark)
		}
	}
	families, err := p.families(line.at, actor+"  "+pattern)
	if err != nil {
		return err
	}
	if families == nil {
		return p.expand(line.at, mark, actor, pattern, s)
	}
	for _, n := range span(families.lo, families.hi) {
		inner := scope{holes: s.holes, numbers: maps.Clone(s.numbers)}
		inner.numbers[families.name] = n
		if err := p.expand(line.at, mark, actor, pattern, inner); err != nil {
			return err
		}
	}
	return nil
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

// expand adds one expected line, all families having a number.
func (p *parser) expand(at int, mark Mark, actor, pattern string, s scope) error {
	who, _, actorHoles, err := p.compile(at, actor, s)
	if err != nil {
		return err
	}
	if len(actorHoles) > 0 {
		return p.errorf(at, "actor %q has a hole: only families may stand in an actor's name", actor)
	}
	text, expr, groups, err := p.compile(at, strings.TrimSpace(pattern), s)
	if err != nil {
		return err
	}
	compiled, err := regexp.Compile(`^\s*` + expr + `\s*$`)
	if err != nil {
		return p.errorf(at, "pattern %q: %v", pattern, err)
	}
	e := expected{at: at, mark: mark, actor: who, text: text, pattern: compiled, groups: groups, stage: p.stage}
	switch mark {
	case Any:
		p.promise.stars = append(p.promise.stars, e)
	case Claim:
		p.promise.claims = append(p.promise.claims, e)
	default:
		p.promise.lines = append(p.promise.lines, e)
	}
	if len(p.promise.lines)+len(p.promise.stars)+len(p.promise.claims) > maxExpected {
		return p.errorf(at, "the promise stands for more than %d lines", maxExpected)
	}
	return nil
}

// compile turns a pattern into the text people read, a regular expression and the meaning of its groups.
func (p *parser) compile(at int, pattern string, s scope) (shown, expr string, groups []hole, err error) {
	for _, part := range splitPattern(pattern) {
		if !part.isHole {
			shown += part.literal
			expr += regexp.QuoteMeta(part.literal)
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

func splitMark(line string) (Mark, string) {
	for _, m := range []Mark{Exact, Ordered, Any, Claim} {
		if rest, ok := strings.CutPrefix(line, string(m)); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return m, strings.TrimLeft(rest, " \t")
		}
	}
	return "", ""
}

// splitActor cuts at the first two blanks or tab.
func splitActor(s string) (actor, pattern string) {
	end := len(s)
	if i := strings.Index(s, "  "); i >= 0 {
		end = i
	}
	if i := strings.IndexByte(s[:end], '\t'); i >= 0 {
		end = i
	}
	return s[:end], strings.TrimLeft(s[end:], " \t")
}

type patternPart struct {
	isHole  bool
	literal string
	hole    string // what stands between the braces
}

// splitPattern cuts a pattern at its holes. An opening brace that is never closed is literal.
func splitPattern(s string) []patternPart {
	var parts []patternPart
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, patternPart{literal: literal.String()})
			literal.Reset()
		}
	}
	for len(s) > 0 {
		switch {
		case strings.HasPrefix(s, "{{"), strings.HasPrefix(s, "}}"):
			literal.WriteByte(s[0])
			s = s[2:]
		case s[0] == '{' && strings.IndexByte(s, '}') > 0:
			flush()
			end := strings.IndexByte(s, '}')
			parts = append(parts, patternPart{isHole: true, hole: s[1:end]})
			s = s[end+1:]
		default:
			literal.WriteByte(s[0])
			s = s[1:]
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
	const most = 1 << 40
	return lo, hi, errLo == nil && errHi == nil && max(lo, hi) < most && min(lo, hi) > -most
}

// span lists lo to hi, downwards when hi is the smaller.
func span(lo, hi int) []int {
	var all []int
	for n := lo; ; n++ {
		if lo > hi {
			break
		}
		all = append(all, n)
		if n == hi {
			return all
		}
	}
	for n := lo; n >= hi; n-- {
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
