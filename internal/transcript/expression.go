package transcript

import (
	"errors"
	"fmt"
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

var (
	errOverflow = errors.New("a number is too large")
	errDivision = errors.New("division by zero")
)

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
	for p.err == nil && contains(all, p.token) {
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

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
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

// given calls f with each flag and argument that the expression names.
func (e *expression) given(f func(name string)) {
	if e.op == "name" && !isName(e.name) {
		f(e.name)
	}
	for _, a := range e.args {
		a.given(f)
	}
}

// eval computes the expression. A name that has no value is an [unknownName].
func (e *expression) eval(s scope) (any, error) {
	switch e.op {
	case "value":
		return e.value, nil
	case "name":
		if n, ok := s.numbers[e.name]; ok {
			return n, nil
		}
		if v, ok := s.values[e.name]; ok {
			return v, nil
		}
		return nil, unknownName(e.name)
	}
	if e.op == "if" {
		holds, err := e.args[0].eval(s)
		switch {
		case err != nil:
			return nil, err
		case holds == true:
			return e.args[1].eval(s)
		case holds == false:
			return e.args[2].eval(s)
		}
		return nil, fmt.Errorf("if wants true or false, and not %v", holds)
	}
	var args [2]any
	for i, a := range e.args {
		v, err := a.eval(s)
		if err != nil {
			return nil, err
		}
		args[i] = v
		if truth, ok := v.(bool); i == 0 && ok && (e.op == "or" && truth || e.op == "and" && !truth) {
			return truth, nil
		}
	}
	switch a := args[0].(type) {
	case int:
		if b, ok := args[1].(int); ok {
			return whole(e.op, a, b)
		}
	case bool:
		if e.op == "not" {
			return !a, nil
		}
		if b, ok := args[1].(bool); ok && (e.op == "or" || e.op == "and") {
			return b, nil
		} else if ok && (e.op == "==" || e.op == "!=") {
			return (a == b) == (e.op == "=="), nil
		}
	case string:
		if b, ok := args[1].(string); ok && (e.op == "==" || e.op == "!=") {
			return (a == b) == (e.op == "=="), nil
		}
	case time.Duration:
		if b, ok := args[1].(time.Duration); ok {
			if v, err := whole(e.op, int(a), int(b)); err == nil {
				if truth, ok := v.(bool); ok {
					return truth, nil
				}
			}
		}
	}
	if e.op == "not" {
		return nil, fmt.Errorf("not wants true or false, and not %v", args[0])
	}
	return nil, fmt.Errorf("%v %s %v cannot be computed", args[0], e.op, args[1])
}

// whole computes with whole numbers.
func whole(op string, a, b int) (any, error) {
	switch op {
	case "+":
		if c := a + b; (c > a) == (b > 0) {
			return c, nil
		}
		return nil, errOverflow
	case "-":
		if c := a - b; (c < a) == (b > 0) {
			return c, nil
		}
		return nil, errOverflow
	case "*":
		c := a * b
		if a != 0 && (c/a != b || a == -1 && b == c && c < 0) {
			return nil, errOverflow
		}
		return c, nil
	case "/", "%":
		switch {
		case b == 0:
			return nil, errDivision
		case op == "/":
			return a / b, nil
		}
		return a % b, nil
	case "min":
		return min(a, b), nil
	case "max":
		return max(a, b), nil
	case "==":
		return a == b, nil
	case "!=":
		return a != b, nil
	case "<":
		return a < b, nil
	case "<=":
		return a <= b, nil
	case ">":
		return a > b, nil
	case ">=":
		return a >= b, nil
	}
	return nil, fmt.Errorf("%d %s %d cannot be computed", a, op, b)
}

// unknownName is a name in an expression that stands for nothing.
type unknownName string

func (n unknownName) Error() string { return string(n) + " is not known here" }

// number computes an expression that must be a whole number.
func (e *expression) number(s scope) (int, error) {
	v, err := e.eval(s)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int)
	if !ok {
		return 0, fmt.Errorf("%v is not a whole number", v)
	}
	return n, nil
}

func isName(s string) bool {
	for i, r := range s {
		if !(r == '_' || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}
