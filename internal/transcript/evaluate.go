package transcript

import (
	"errors"
	"fmt"
	"time"
)

var (
	errOverflow = errors.New("a number is too large")
	errDivision = errors.New("division by zero")
)

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
