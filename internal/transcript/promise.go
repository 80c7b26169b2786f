package transcript

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cookbook/internal/terminal"
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
		line = terminal.Safe(strings.TrimRight(line, " \t\r")) // as what is said is made safe
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
	if mark == Unmarked {
		return p.errorf(line.at, "%q does not begin with a mark (one of %s), repeat, end or --", line.text, writtenMarks())
	}
	actor, pattern := "", rest
	if mark.Info().Spoken {
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
