package transcript

import (
	"fmt"
	"strings"

	"cookbook/internal/terminal"
)

// parser makes statements of the lines of a promise file.
type parser struct {
	file   string
	values Values
	lines  []sourceLine
	last   int // number of the last line that was taken
}

type sourceLine struct {
	at   int
	text string
}

func (p *parser) errorf(at int, format string, args ...any) error {
	return &ParseError{p.file, at, fmt.Sprintf(format, args...)}
}

func (p *parser) parse(text string) ([]statement, error) {
	for i, line := range strings.Split(text, "\n") {
		line = terminal.Safe(strings.Trim(line, " \t\r")) // as what is said is made safe
		if line != "" && line[0] != '#' {
			p.lines = append(p.lines, sourceLine{i + 1, line})
		}
	}
	body, closed, err := p.block()
	if err == nil && closed != "" {
		err = p.errorf(p.last, "%s without repeat or when", closed)
	}
	return body, err
}

// block parses up to the line that closes it, end or else, which it returns; "" at the end of the file.
func (p *parser) block() (body []statement, closed string, err error) {
	for len(p.lines) > 0 {
		line := p.lines[0]
		p.lines, p.last = p.lines[1:], line.at
		word, rest := cutWord(line.text)
		if isCloser(line.text) {
			return body, line.text, nil
		}
		st := statement{at: line.at}
		switch {
		case line.text == "--":
			st.kind = stageStatement
		case word == "unmatched":
			st.kind, st.reason = unmatchedStatement, rest
			if rest == "" {
				err = p.errorf(line.at, "unmatched without a reason, as in: unmatched the names are yours")
			}
		case word == "repeat":
			err = p.repeat(&st, rest)
		case word == "when":
			err = p.when(&st, rest)
		case word == "let":
			err = p.let(&st, rest)
		default:
			err = p.line(&st, line.text)
		}
		if err != nil {
			return nil, "", err
		}
		body = append(body, st)
	}
	return body, "", nil
}

func cutWord(line string) (word, rest string) {
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimSpace(line[end:])
}

// isKeyword reports whether a line, which begins with word, is not a line with a mark.
func isKeyword(word, line string) bool {
	return word == "repeat" || word == "when" || word == "let" || word == "unmatched" || line == "--" || isCloser(line)
}

func isCloser(line string) bool { return line == "end" || line == "else" }

func (p *parser) repeat(st *statement, header string) (err error) {
	st.kind = repeatStatement
	if st.over, err = p.span(header); err != nil {
		return p.errorf(st.at, "repeat %q: want a name and a range, as in repeat i=1..5: %v", header, err)
	}
	var closed string
	if st.body, closed, err = p.block(); err == nil && closed != "end" {
		err = p.errorf(p.last, "repeat without end")
	}
	st.end = p.last
	return err
}

func (p *parser) when(st *statement, condition string) (err error) {
	st.kind = whenStatement
	if st.condition, err = p.expression(condition); err != nil {
		return p.errorf(st.at, "when %q: %v", condition, err)
	}
	var closed string
	if st.body, closed, err = p.block(); err == nil && closed == "else" {
		st.otherwise, closed, err = p.block()
	}
	if err == nil && closed != "end" {
		err = p.errorf(p.last, "when without end")
	}
	return err
}

func (p *parser) let(st *statement, text string) (err error) {
	name, value, ok := strings.Cut(text, "=")
	st.kind, st.name = letStatement, strings.TrimSpace(name)
	if !ok || !isName(st.name) {
		return p.errorf(st.at, "let %q: want a name and a number, as in let n = --items-1", text)
	}
	if st.value, err = p.expression(value); err != nil {
		return p.errorf(st.at, "let %q: %v", text, err)
	}
	return nil
}

func (p *parser) line(st *statement, line string) error {
	mark, rest := splitMark(line)
	if mark == Unmarked {
		return p.errorf(st.at, "%q does not begin with a mark (one of %s) or one of the words %s", line, writtenMarks(), strings.Join(keywords(), ", "))
	}
	st.mark = mark
	actor, pattern := "", rest
	if mark.Info().Spoken {
		if actor, pattern = splitActor(rest); actor == "" {
			return p.errorf(st.at, "%s without an actor", mark)
		}
	}
	var err error
	if st.actor, err = p.pieces(st.at, actor); err != nil {
		return err
	}
	if st.pattern, err = p.pieces(st.at, strings.TrimSpace(pattern)); err != nil {
		return err
	}
	families := 0
	for _, piece := range append(append([]piece{}, st.actor...), st.pattern...) {
		if piece.family != nil {
			families++
		}
	}
	if families > 1 {
		return p.errorf(st.at, "two families in one line: put the line in a repeat")
	}
	return nil
}

// keywords lists the words that a line may be or begin with.
func keywords() []string { return []string{"--", "repeat", "when", "else", "end", "let", "unmatched"} }

// splitActor cuts at the first two blanks or tab that stand outside braces.
func splitActor(s string) (actor, pattern string) {
	end, depth := len(s), 0
	for i := 0; i < len(s) && end == len(s); i++ {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth = max(0, depth-1)
		case depth == 0 && (s[i] == '\t' || strings.HasPrefix(s[i:], "  ")):
			end = i
		}
	}
	return s[:end], strings.TrimLeft(s[end:], " \t")
}

// pieces parses an actor's name or a pattern.
func (p *parser) pieces(at int, text string) ([]piece, error) {
	var all []piece
	for _, part := range splitPattern(text) {
		one := piece{literal: part.literal}
		if part.isHole {
			var err error
			if one, err = p.hole(part.hole); err != nil {
				return nil, p.errorf(at, "{%s}: %v", part.hole, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// hole parses what stands between braces.
func (p *parser) hole(text string) (piece, error) {
	one := piece{raw: text}
	var err error
	body, over, isList := strings.Cut(text, " for ")
	name, kind, typed := cutType(text)
	switch {
	case typed:
		one.name, one.kind = name, kind
		if name != "" && !isName(name) {
			return one, fmt.Errorf("a name is letters, digits and _")
		}
		if _, ok := holeClass(kind); ok {
			return one, nil
		}
		if !strings.Contains(kind, "..") {
			return one, fmt.Errorf("no type %q: use int, float, time, duration, pid, word, text or a range such as 0..9", kind)
		}
		one.within, err = p.span("hole=" + kind)
	case isList:
		if one.list, err = p.expression(body); err == nil {
			one.each, err = p.span(over)
		}
	case isFamily(text):
		if one.family, err = p.span(text); err != nil {
			err = fmt.Errorf("want a name and a range, as in {r=0..9}: %w", err)
		}
	default:
		one.value, err = p.expression(text)
	}
	return one, err
}

// cutType cuts name:type; a colon inside quotes is none.
func cutType(text string) (name, kind string, ok bool) {
	name, kind, ok = strings.Cut(text, ":")
	return name, kind, ok && !strings.Contains(name, `"`)
}

// isFamily reports whether text is name=…, and not a comparison.
func isFamily(text string) bool {
	name, rest, ok := strings.Cut(text, "=")
	return ok && isName(name) && !strings.HasPrefix(rest, "=")
}

// span parses name=lo..hi.
func (p *parser) span(text string) (*span, error) {
	name, bounds, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || !isName(name) {
		return nil, fmt.Errorf("a name and = are missing")
	}
	from, to, ok := strings.Cut(bounds, "..")
	if !ok {
		return nil, fmt.Errorf(".. is missing")
	}
	lo, err := p.expression(from)
	if err != nil {
		return nil, err
	}
	hi, err := p.expression(to)
	if err != nil {
		return nil, err
	}
	return &span{strings.TrimSpace(bounds), name, lo, hi}, nil
}

// expression parses an expression, and holds the flags that it names against those that there are.
func (p *parser) expression(text string) (*expression, error) {
	e, err := parseExpression(text)
	if err != nil {
		return nil, err
	}
	e.given(func(name string) {
		if _, ok := p.values[name]; !ok && !strings.HasPrefix(name, "$") {
			err = fmt.Errorf("there is no flag %s", name)
		}
	})
	return e, err
}
