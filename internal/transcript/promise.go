package transcript

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"cookbook/internal/terminal"
)

// maxExpected bounds what a promise may expand to, so that a slip of the pen ({i=0..999999999}) is an error and not a hang.
const maxExpected = 10_000

// Promise is what a recipe promises to say in one run: a promise file, and the values of the run's flags put into it.
type Promise struct {
	file   string
	text   string // of the file
	values Values
	lines  []expected // = and ~ lines in the order of the file
	stars  []expected
	claims []expected
	holes  int // number of distinct named holes

	// Unmatched says why a run with these values is not compared with the promise; "": it is.
	Unmatched string
}

// expected is one line of a promise after repeats and families are expanded.
type expected struct {
	at      int // line number in the file
	mark    Mark
	actor   string
	text    string         // the pattern as people read it, numbers filled in
	start   string         // what stands before the first hole, squeezed
	pattern *regexp.Regexp // what the rest of every text that fits also fits; nil if start is all
	parts   []matchPart
	stage   int // how many -- stand above

	constrained bool // more than the pattern has to fit
}

// ParseError says where a promise is not well-formed.
type ParseError struct {
	File string
	Line int
	Msg  string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// ParsePromise parses the text of a promise file that needs no values.
func ParsePromise(name, text string) (*Promise, error) { return ParsePromiseFor(name, text, nil) }

// ParsePromiseFor parses the text of a promise file for a run with the given values. name stands in errors, which are of type
// *[ParseError]. A promise that is too long, or cannot be computed, only because of the values is no error, but Unmatched.
func ParsePromiseFor(name, text string, values Values) (*Promise, error) {
	body, err := (&parser{file: name, values: values}).parse(text)
	if err != nil {
		return nil, err
	}
	x := &expander{promise: &Promise{file: name, text: text, values: values}, patterns: map[string]*regexp.Regexp{}}
	err = x.block(body, scope{holes: map[string]declared{}, numbers: map[string]int{}, values: values})
	switch {
	case err == nil:
	case x.promise.Unmatched != "":
	case x.tooLong && x.given:
		x.promise.Unmatched = fmt.Sprintf("the promise would have more than %d lines", maxExpected)
	case values["$#"] != nil && values["$#"] != 0:
		// The promise is written for arguments that a run can use. What is wrong with these the recipe says.
		x.promise.Unmatched = "it speaks of other arguments"
	default:
		return nil, err
	}
	if x.promise.Unmatched != "" {
		*x.promise = Promise{file: name, Unmatched: x.promise.Unmatched}
	}
	return x.promise, nil
}

// Actors returns the names of those that speak, in order of first appearance; none of a nil promise.
func (p *Promise) Actors() []string {
	if p == nil {
		return nil
	}
	var names []string
	known := map[string]bool{}
	for _, e := range slices.Concat(p.lines, p.stars) {
		if !known[e.actor] {
			known[e.actor] = true
			names = append(names, e.actor)
		}
	}
	return names
}

// Size returns how many lines and checks must come (* lines not counted).
func (p *Promise) Size() int { return len(p.lines) + len(p.claims) }

// declared is a named hole: which it is, and of what type.
type declared struct {
	id   int
	kind string
	at   int
}

// scope holds what names mean in a block: holes, the numbers of the families and repeats around it, and what the run was given.
type scope struct {
	holes   map[string]declared
	numbers map[string]int
	values  Values
}

// with returns a scope in which name is the number n.
func (s scope) with(name string, n int) scope {
	inner := scope{holes: s.holes, numbers: make(map[string]int, len(s.numbers)+1), values: s.values}
	for k, v := range s.numbers {
		inner.numbers[k] = v
	}
	inner.numbers[name] = n
	return inner
}

// expander turns the statements of a promise into the lines of one run.
type expander struct {
	promise  *Promise
	turns    int // of all repeats
	stage    int
	tooLong  bool
	given    bool // a range depends on a flag or an argument
	patterns map[string]*regexp.Regexp
	visit    func(statement) // nil, or called where a statement, or the end of a turn of a repeat, is reached
}

func (x *expander) errorf(at int, format string, args ...any) error {
	return &ParseError{x.promise.file, at, fmt.Sprintf(format, args...)}
}

func (x *expander) block(body []statement, s scope) error {
	if err := x.declare(body, s); err != nil {
		return err
	}
	return x.statements(body, s)
}

func (x *expander) statements(body []statement, s scope) error {
	for _, st := range body {
		var err error
		if x.visit != nil {
			x.visit(st)
		}
		switch st.kind {
		case stageStatement:
			x.stage++
		case unmatchedStatement:
			if x.promise.Unmatched == "" {
				x.promise.Unmatched = st.reason
			}
		case letStatement:
			s, err = x.let(st, s)
		case whenStatement:
			var inner []statement
			if inner, err = x.branch(st, s); err == nil {
				err = x.statements(inner, s)
			}
		case repeatStatement:
			err = x.repeat(st, s)
		default:
			err = x.line(st, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// declare finds the typed holes of one block (not of the repeats inside it), so that a name may be used before the line that
// gives its type.
func (x *expander) declare(body []statement, s scope) error {
	for _, st := range body {
		var err error
		if st.kind == letStatement {
			if s, err = x.let(st, s); err != nil {
				return err
			}
		}
		if st.kind == whenStatement {
			inner, err := x.branch(st, s)
			if err == nil {
				err = x.declare(inner, s)
			}
			if err != nil {
				return err
			}
		}
		for _, p := range st.pattern {
			if p.kind == "" || p.name == "" {
				continue
			}
			if old, ok := s.holes[p.name]; ok {
				if old.kind != p.kind {
					return x.errorf(st.at, "hole %s is %s here and %s in line %d: give it one type", p.name, p.kind, old.kind, old.at)
				}
				continue
			}
			s.holes[p.name] = declared{x.promise.holes, p.kind, st.at}
			x.promise.holes++
		}
	}
	return nil
}

// branch returns the statements of a when that are part of the promise.
func (x *expander) branch(st statement, s scope) ([]statement, error) {
	v, err := st.condition.eval(s)
	if err != nil {
		return nil, x.errorf(st.at, "when: %v", err)
	}
	holds, ok := v.(bool)
	switch {
	case !ok:
		return nil, x.errorf(st.at, "when: %v is neither true nor false", v)
	case holds:
		return st.body, nil
	}
	return st.otherwise, nil
}

// let returns the scope in which the name is the number.
func (x *expander) let(st statement, s scope) (scope, error) {
	st.value.given(func(string) { x.given = true })
	n, err := st.value.number(s)
	if err != nil {
		return s, x.errorf(st.at, "let %s: %v", st.name, err)
	}
	return s.with(st.name, n), nil
}

func (x *expander) repeat(st statement, s scope) error {
	lo, hi, err := x.bounds(st.at, st.over, s)
	if err != nil {
		return err
	}
	for n := lo; n <= hi; n++ {
		if x.turns++; x.turns > maxExpected {
			x.tooLong = true
			return x.errorf(st.at, "more than %d turns of repeat", maxExpected)
		}
		inner := s.with(st.over.name, n)
		inner.holes = make(map[string]declared, len(s.holes))
		for k, v := range s.holes {
			inner.holes[k] = v
		}
		if err := x.block(st.body, inner); err != nil {
			return err
		}
		if x.visit != nil {
			x.visit(statement{kind: endStatement, at: st.end})
		}
	}
	return nil
}

// bounds computes a range and notes whether it depends on what the run was given.
func (x *expander) bounds(at int, r *span, s scope) (lo, hi int, err error) {
	r.lo.given(func(string) { x.given = true })
	r.hi.given(func(string) { x.given = true })
	if lo, hi, err = r.bounds(s); err != nil {
		err = x.errorf(at, "%s: %v", r.text, err)
	}
	return lo, hi, err
}

func (x *expander) line(st statement, s scope) error {
	family := st.family()
	if family == nil {
		return x.expand(st, s)
	}
	lo, hi, err := x.bounds(st.at, family, s)
	if err != nil {
		return err
	}
	for n := lo; n <= hi; n++ {
		if err := x.expand(st, s.with(family.name, n)); err != nil {
			return err
		}
	}
	return nil
}

// expand adds one expected line, all families having a number.
func (x *expander) expand(st statement, s scope) error {
	who, actorParts, err := x.fill(st.at, st.actor, s)
	if err != nil {
		return err
	}
	for _, p := range actorParts {
		if p.kind != "" {
			return x.errorf(st.at, "actor %q has a hole: only families may stand in an actor's name", who)
		}
	}
	text, parts, err := x.fill(st.at, st.pattern, s)
	if err != nil {
		return err
	}
	parts = trimmed(parts)
	start, open := startOf(parts)
	var compiled *regexp.Regexp
	if !utf8.ValidString(text) {
		return x.errorf(st.at, "pattern %q is not UTF-8", text)
	}
	if len(open) > 0 {
		expr := matchExpression(start, open)
		if compiled = x.patterns[expr]; compiled == nil {
			if compiled, err = regexp.Compile(expr); err != nil {
				return x.errorf(st.at, "pattern %q: %v", text, err)
			}
			x.patterns[expr] = compiled
		}
	}
	e := expected{at: st.at, mark: st.mark, actor: terminal.Safe(who), text: text, start: start, pattern: compiled, parts: parts, stage: x.stage, constrained: constrained(parts)}
	switch st.mark {
	case Any:
		x.promise.stars = append(x.promise.stars, e)
	case Claim:
		x.promise.claims = append(x.promise.claims, e)
	default:
		x.promise.lines = append(x.promise.lines, e)
	}
	if len(x.promise.lines)+len(x.promise.stars)+len(x.promise.claims) > maxExpected {
		x.tooLong = true
		return x.errorf(st.at, "the promise stands for more than %d lines", maxExpected)
	}
	return nil
}
