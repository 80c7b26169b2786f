package expr

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"cookbook/internal/gpu/driver"
)

// Statements are assignments that are computed for every element i of the parameters that are slices.
type Statements struct {
	params []driver.Param
	temps  int
	steps  []func(*frame)
}

// CompileStatements compiles assignments, such as "z[i] = a*x[i] + y[i]" or "t := x[i] - m; s[i] += t * t". The error is an [*Error].
// Params returns which parameters are written to.
func CompileStatements(params []driver.Param, text string) (*Statements, error) {
	c, err := check(params, "", text)
	if err != nil {
		return nil, err
	}
	s := &Statements{params: append([]driver.Param(nil), params...)}
	k := newCompiler(c, params)
	err = caught(func() {
		for _, stmt := range c.body {
			a, ok := stmt.(*ast.AssignStmt)
			if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
				k.refuse(stmt, "only assignments of one value can be computed here; write a kernel for more")
			}
			s.steps = append(s.steps, k.assignment(s, a))
		}
		if len(s.steps) == 0 {
			panic(refusal{c.fail(0, "there is nothing to compute: it is an assignment, as in z[i] = x[i]")})
		}
	})
	s.temps = k.temps
	return s, err
}

// Params returns the parameters; Write says which ones are written to.
func (s *Statements) Params() []driver.Param { return s.params }

// Run computes the block's part of the elements: it is what the cpu device calls.
func (s *Statements) Run(b *driver.Block, args []reflect.Value) {
	f := newFrame(args, s.temps)
	lo, hi := b.Range(length(s.params, args))
	f.chunks(lo, hi, func() {
		for _, step := range s.steps {
			step(f)
		}
	})
}

// length returns how many elements the first slice has.
func length(params []driver.Param, args []reflect.Value) int {
	for i, p := range params {
		if p.Slice {
			return args[i].Len()
		}
	}
	return 0
}

// assignment compiles z[i] = e, z[i] += e and t := e.
func (k *compiler) assignment(s *Statements, a *ast.AssignStmt) func(*frame) {
	value := a.Rhs[0]
	if a.Tok != token.ASSIGN && a.Tok != token.DEFINE { // z[i] += e
		op := a.Tok - token.ADD_ASSIGN + token.ADD
		sum := &ast.BinaryExpr{X: a.Lhs[0], OpPos: a.TokPos, Op: op, Y: a.Rhs[0]}
		k.info.Types[sum] = types.TypeAndValue{Type: k.info.TypeOf(a.Lhs[0])}
		value = sum
	}
	switch left := a.Lhs[0].(type) {
	case *ast.IndexExpr:
		p := k.element(left)
		s.params[p].Write = true
		v := k.vector(value)
		return copyTo(v, target{true, p, k.result})
	case *ast.Ident:
		if a.Tok == token.DEFINE {
			v, at := k.vector(value), k.room()
			k.locals[k.info.Defs[left]] = at
			return copyTo(v, target{at: at})
		}
		if at, ok := k.locals[k.info.Uses[left]]; ok {
			return copyTo(k.vector(value), target{at: at})
		}
	}
	k.refuse(a, "only z[i] of a parameter and variables of the text can be assigned to")
	return nil
}

// copyTo compiles to = e.
func copyTo(v vector, to target) func(*frame) {
	switch v := v.(type) {
	case func(*frame) []int:
		return copying(v, to)
	case func(*frame) []int8:
		return copying(v, to)
	case func(*frame) []int16:
		return copying(v, to)
	case func(*frame) []int32:
		return copying(v, to)
	case func(*frame) []int64:
		return copying(v, to)
	case func(*frame) []uint8:
		return copying(v, to)
	case func(*frame) []uint16:
		return copying(v, to)
	case func(*frame) []uint32:
		return copying(v, to)
	case func(*frame) []uint64:
		return copying(v, to)
	case func(*frame) []float32:
		return copying(v, to)
	case func(*frame) []float64:
		return copying(v, to)
	}
	panic("expr: a vector of an unknown type")
}

// target is where a value goes: into a parameter, or the room of a variable.
type target struct {
	param bool
	at    int
	from  int // the room of the value, -1 if it has none of its own
}

func copying[T driver.Number](v func(*frame) []T, to target) func(*frame) {
	switch {
	case to.param && to.from >= 0: // the operation may overwrite its operands: it goes through all of them by the same index
		return func(f *frame) {
			setTemp(f, to.from, f.args[to.at].([]T)[f.lo:f.lo+f.n])
			v(f)
		}
	case to.param:
		return func(f *frame) { copy(f.args[to.at].([]T)[f.lo:f.lo+f.n], v(f)) }
	}
	return func(f *frame) { copy(temp[T](f, to.at), v(f)) }
}
