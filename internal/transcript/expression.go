package transcript

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Values are what a run was given: a flag's value under its name with two hyphens (--items), the arguments that are no flags under
// $1, $2 … and their number under $#. A value is an int, a bool, a string or a time.Duration.
type Values map[string]any

// expression is a parsed expression of a promise: a value, a name or an operator over others.
type expression struct {
	op    string // "value", "name", or an operator as it is written
	value any
	name  string
	args  []*expression
}

// parseExpression reads all of text.
func parseExpression(text string) (*expression, error) {
	p := &expressionParser{rest: text}
	p.next()
	e := p.binary(0)
	if p.err == nil && p.token != "" {
		p.fail("%q is not understood", p.token)
	}
	return e, p.err
}

type expressionParser struct {
	rest  string
	token string // the one being looked at; "" at the end
	err   error
}

func (p *expressionParser) fail(format string, args ...any) *expression {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.token, p.rest = "", ""
	return &expression{op: "value", value: 0}
}

// next reads a token: a number or duration, a word, a flag (--a-name), an argument ($1), a text in quotes, an operator.
func (p *expressionParser) next() {
	s := strings.TrimLeft(p.rest, " \t")
	n := 0
	while := func(is func(rune) bool) {
		for n < len(s) {
			r, size := utf8.DecodeRuneInString(s[n:])
			if !is(r) {
				return
			}
			n += size
		}
	}
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
	case isFlag(s):
		n = 2
		for while(word); n+1 < len(s) && s[n] == '-' && unicode.IsLetter(rune(s[n+1])); while(word) {
			n++
		}
	case first == '$':
		n = 1
		while(func(r rune) bool { return word(r) || r == '#' })
	case unicode.IsDigit(first):
		while(func(r rune) bool { return word(r) || r == '.' && !strings.HasPrefix(s[n:], "..") })
	case word(first):
		while(word)
	case first == '"':
		if end := strings.IndexByte(s[1:], '"'); end >= 0 {
			n = end + 2
		} else {
			n = len(s)
		}
	case len(s) > 1 && s[1] == '=' && strings.ContainsRune("=!<>", first):
		n = 2
	default:
		n = utf8.RuneLen(max(first, 0))
	}
	n = min(n, len(s))
	p.token, p.rest = s[:n], s[n:]
}

func isFlag(s string) bool {
	return len(s) > 2 && s[:2] == "--" && unicode.IsLetter(rune(s[2]))
}

// operators, from those that bind least to those that bind most.
func operators(level int) []string {
	switch level {
	case 0:
		return []string{"or"}
	case 1:
		return []string{"and"}
	case 2:
		return []string{"==", "!=", "<", "<=", ">", ">="}
	case 3:
		return []string{"+", "-"}
	case 4:
		return []string{"*", "/", "%"}
	}
	return nil
}

func (p *expressionParser) binary(level int) *expression {
	all := operators(level)
	if all == nil {
		return p.unary()
	}
	if level == 2 && p.token == "not" {
		p.next()
		return &expression{op: "not", args: []*expression{p.binary(2)}}
	}
	left := p.binary(level + 1)
	for p.err == nil && slices.Contains(all, p.token) {
		op := p.token
		p.next()
		left = &expression{op: op, args: []*expression{left, p.binary(level + 1)}}
	}
	return left
}

// functions says how many values a function takes; 0 is no function.
func functions(name string) int {
	switch name {
	case "min", "max":
		return 2
	case "if":
		return 3
	}
	return 0
}

func (p *expressionParser) unary() *expression {
	token := p.token
	p.next()
	switch first, _ := utf8.DecodeRuneInString(token); {
	case token == "":
		return p.fail("a value is missing")
	case token == "-":
		return &expression{op: "-", args: []*expression{{op: "value", value: 0}, p.unary()}}
	case token == "(":
		inner := p.binary(0)
		return p.close(inner)
	case first == '"':
		if len(token) < 2 || token[len(token)-1] != '"' {
			return p.fail("the text %s has no end", token)
		}
		return &expression{op: "value", value: token[1 : len(token)-1]}
	case unicode.IsDigit(first):
		if n, err := strconv.Atoi(token); err == nil {
			return &expression{op: "value", value: n}
		}
		d, err := time.ParseDuration(token)
		if err != nil {
			return p.fail("%q is neither a number nor a duration", token)
		}
		return &expression{op: "value", value: d}
	case functions(token) > 0 && p.token == "(":
		p.next()
		e := &expression{op: token, args: []*expression{p.binary(0)}}
		for len(e.args) < functions(token) {
			if p.token != "," {
				return p.fail("%s wants %d values with commas between them", token, functions(token))
			}
			p.next()
			e.args = append(e.args, p.binary(0))
		}
		return p.close(e)
	case token == "true" || token == "false":
		return &expression{op: "value", value: token == "true"}
	case isFlag(token), first == '$', isName(token):
		return &expression{op: "name", name: token}
	}
	return p.fail("%q is not understood", token)
}

func (p *expressionParser) close(e *expression) *expression {
	if p.token != ")" {
		return p.fail("a ) is missing")
	}
	p.next()
	return e
}

func isName(s string) bool {
	for i, r := range s {
		if !(r == '_' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}
