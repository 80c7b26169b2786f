package expr

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"cookbook/internal/gpu/driver"
)

// Lanes is how many sums a block of a reduction keeps: element k of the block's part goes to sum k mod Lanes.
const Lanes = 256

// Reduction is a map of elements to numbers of type T, and an operation that makes one of two.
type Reduction[T driver.Number] struct {
	params  []driver.Param
	temps   int
	mapped  func(*frame) []T
	reduced func(*frame) []T
	a, b    int               // the rooms of the operands of reduced
	loop    func(d, x, y []T) // reduced, if it is one operation on a and b; else nil
	sum     bool              // that operation is a + b
	Neutral T                 // what changes nothing

	// Map, Reduce and Zero are the texts of the expressions alone, to be put into a program: without a semicolon, a comment or the end
	// of a line before or behind them.
	Map, Reduce, Zero string
}

// CompileReduction compiles the expressions of a reduction: of the elements x[i], of the operands a and b, and the neutral number. All
// are of type T. The error is an [*Error].
func CompileReduction[T driver.Number](params []driver.Param, mapText, reduceText, neutralText string) (*Reduction[T], error) {
	r := &Reduction[T]{params: params}
	name := reflect.TypeFor[T]().String()
	expression := func(params []driver.Param, extra, text string, alone *string) (*checked, ast.Expr, error) {
		const before = "var r__ "
		if strings.TrimSpace(text) == "" {
			return nil, nil, &Error{text, 0, "there is no expression"}
		}
		c, err := check(params, extra+before+name+" = ", text+"\n_ = r__")
		if e, ok := err.(*Error); ok {
			e.Text = text
			return nil, nil, e
		}
		if c.text = text; len(c.body) != strings.Count(extra, "\n")+2 {
			return nil, nil, &Error{text, 0, "it is more than one expression"}
		}
		d := c.body[len(c.body)-2].(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		e := d.Values[0]
		*alone = text[int(e.Pos())-1-c.offset : int(e.End())-1-c.offset]
		return c, e, nil
	}
	c, e, err := expression(nil, "", neutralText, &r.Zero)
	if err != nil {
		return nil, err
	}
	value := c.info.Types[e].Value
	if value == nil {
		return nil, c.fail(e.Pos(), "the neutral number is a constant")
	}
	r.Neutral = number[T](value)
	if c, e, err = expression(params, "", mapText, &r.Map); err != nil {
		return nil, err
	}
	k := newCompiler(c, params)
	if err := caught(func() { r.mapped = of[T](k, e) }); err != nil {
		return nil, err
	}
	if c, e, err = expression(nil, fmt.Sprintf("var a, b %s\n", name), reduceText, &r.Reduce); err != nil {
		return nil, err
	}
	two := newCompiler(c, nil)
	two.temps, two.noIndex = k.temps, true
	r.a, r.b = two.room(), two.room()
	for id, object := range c.info.Defs {
		if v, ok := object.(*types.Var); ok && (id.Name == "a" || id.Name == "b") {
			two.locals[v] = map[string]int{"a": r.a, "b": r.b}[id.Name]
		}
	}
	err = caught(func() { r.reduced = of[T](two, e) })
	r.loop = loopOf[T](e)
	plus, ok := ast.Unparen(e).(*ast.BinaryExpr)
	r.sum = r.loop != nil && ok && plus.Op == token.ADD
	r.temps = two.temps
	return r, err
}

// Run reduces the block's part of the elements, and writes the result to element b.Idx.X of the last argument, which is behind those of
// the parameters. The order is that of the kernel that [Reduction.Source] is for other devices.
func (r *Reduction[T]) Run(b *driver.Block, args []reflect.Value) {
	lo, hi := b.Range(length(r.params, args))
	out := args[len(args)-1].Interface().([]T)
	f := newFrame(args[:len(args)-1], r.temps)
	sums := make([]T, Lanes)
	for j := range sums {
		sums[j] = r.Neutral
	}
	f.chunks(lo, hi, func() {
		r.add(f, sums, r.mapped(f))
	})
	out[b.Idx.X] = r.tree(f, sums)
}

// add reduces each row of Lanes numbers into the sums.
func (r *Reduction[T]) add(f *frame, sums, numbers []T) {
	if r.sum {
		for ; len(numbers) >= 4*Lanes; numbers = numbers[4*Lanes:] {
			next := numbers
			if cap(numbers) >= 8*Lanes {
				next = numbers[4*Lanes : 8*Lanes]
			}
			addRows((*[Lanes]T)(sums), (*[4 * Lanes]T)(numbers), (*[4 * Lanes]T)(next))
		}
	}
	for n := 0; n < len(numbers); n += Lanes {
		row := numbers[n:min(n+Lanes, len(numbers))]
		r.pairs(f, sums[:len(row)], row)
	}
}

// addRows adds four rows of numbers to the sums, one after the other. It keeps four sums in registers. Meanwhile it reads a number of each
// cache line of next, so that the lines come from memory in their order and early: read in four rows they come half as fast.
//
//go:noinline
func addRows[T driver.Number](sums *[Lanes]T, rows, next *[4 * Lanes]T) (ahead T) {
	for j := 0; j < Lanes; j += 4 {
		s, t, u, v := sums[j], sums[j+1], sums[j+2], sums[j+3]
		s, t, u, v = s+rows[j], t+rows[j+1], u+rows[j+2], v+rows[j+3]
		s, t, u, v = s+rows[Lanes+j], t+rows[Lanes+j+1], u+rows[Lanes+j+2], v+rows[Lanes+j+3]
		s, t, u, v = s+rows[2*Lanes+j], t+rows[2*Lanes+j+1], u+rows[2*Lanes+j+2], v+rows[2*Lanes+j+3]
		s, t, u, v = s+rows[3*Lanes+j], t+rows[3*Lanes+j+1], u+rows[3*Lanes+j+2], v+rows[3*Lanes+j+3]
		sums[j], sums[j+1], sums[j+2], sums[j+3] = s, t, u, v
		ahead += next[4*j] + next[4*j+8]
	}
	return ahead
}

// tree reduces the sums in pairs.
func (r *Reduction[T]) tree(f *frame, sums []T) T {
	for w := Lanes / 2; w > 0; w /= 2 {
		r.pairs(f, sums[:w], sums[w:2*w])
	}
	return sums[0]
}

// pairs reduces each pair of a and b into a.
func (r *Reduction[T]) pairs(f *frame, a, b []T) {
	if r.loop != nil {
		r.loop(a, a, b)
		return
	}
	n := f.n
	f.n = len(a)
	copy(temp[T](f, r.a), a)
	copy(temp[T](f, r.b), b)
	copy(a, r.reduced(f))
	f.n = n
}

// loopOf returns the loop of an expression that is one operation on a and b, in this order: a + b, max(a, b). It is nil for others.
func loopOf[T driver.Number](e ast.Expr) func(d, x, y []T) {
	named := func(e ast.Expr, name string) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == name
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if named(e.X, "a") && named(e.Y, "b") {
			return arithmetic[T](e.Op)
		}
	case *ast.CallExpr:
		if len(e.Args) == 2 && named(e.Args[0], "a") && named(e.Args[1], "b") && (named(e.Fun, "min") || named(e.Fun, "max")) {
			return extreme[T](e.Fun.(*ast.Ident).Name)
		}
	}
	return nil
}
