package transcript

import (
	"fmt"
)

// A promise file is read in two steps: the parser, here, makes statements of its lines, and the expander (promise.go) makes of them
// the lines of one run.

type statementKind uint8

const (
	lineStatement statementKind = iota
	stageStatement
	repeatStatement
	whenStatement
	letStatement
	unmatchedStatement
	endStatement // of a repeat; a statement of no block
)

// statement is a line of a promise file, or a block of them.
type statement struct {
	kind statementKind
	at   int

	mark           Mark // of a line
	actor, pattern []piece

	over      *span       // of a repeat
	end       int         // line of its end
	condition *expression // of a when
	name      string      // of a let
	value     *expression
	body      []statement // of both
	otherwise []statement // of a when, behind its else

	reason string // of unmatched
}

// family returns the range that the line stands for, nil if it is one line.
func (st statement) family() *span {
	for _, pieces := range [][]piece{st.actor, st.pattern} {
		for _, p := range pieces {
			if p.family != nil {
				return p.family
			}
		}
	}
	return nil
}

// span is name=lo..hi.
type span struct {
	text   string
	name   string
	lo, hi *expression
}

// bounds computes the range; hi is lo-1 at least. A range that is written with two numbers may not be empty, one that is computed may.
func (r *span) bounds(s scope) (lo, hi int, err error) {
	if lo, err = r.lo.number(s); err != nil {
		return 0, 0, err
	}
	if hi, err = r.hi.number(s); err != nil {
		return 0, 0, err
	}
	const most = 1 << 50
	if min(lo, hi) < -most || max(lo, hi) > most {
		return 0, 0, errOverflow
	}
	if hi < lo && r.lo.op == "value" && r.hi.op == "value" {
		return 0, 0, fmt.Errorf("the range is empty: it counts upwards")
	}
	return lo, max(hi, lo-1), nil
}

// piece is a part of an actor's name or of a pattern. The first of its fields that is set says what it is; with none it is literal.
type piece struct {
	kind   string      // of a typed hole: int, float …, or a range
	within *span       // of a hole whose type is a range
	family *span       // {r=0..9}
	list   *expression // {expression for i=0..9}
	each   *span
	value  *expression // {expression}, or a hole by its name alone

	name    string // of a typed hole; "" without a name
	raw     string // what stands between the braces
	literal string
}
