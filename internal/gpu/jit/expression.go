package jit

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// variable returns the variable that an identifier or expression is, nil for none.
func (w *writer) variable(e ast.Expr) *variable { return w.f.variable(e) }

// variableOf is variable for an expression that may be missing.
func (w *writer) variableOf(e ast.Expr) *variable {
	if e == nil {
		return nil
	}
	return w.f.variable(e)
}

// kind returns the type of a number or truth value.
func (w *writer) kind(e ast.Expr) types.BasicKind {
	t := w.info.TypeOf(e)
	if id, ok := e.(*ast.Ident); ok && t == nil && w.info.Defs[id] != nil {
		t = w.info.Defs[id].Type()
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		w.fail(e.Pos(), "a %s is no number", t)
	}
	switch b.Kind() {
	case types.UntypedInt, types.UntypedRune:
		return types.Int
	case types.UntypedFloat:
		return types.Float64
	case types.UntypedBool:
		return types.Bool
	}
	return w.f.basic(b, e.Pos()).Kind()
}

// wrap puts an expression in parentheses if it needs them as an operand.
func wrap(text string) string {
	depth := 0
	for i, r := range text {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 && text[0] == '(' && i < len(text)-1 && text[i+1] != '[' {
				// (i64)x: a cast, which binds more than any operator with two operands
				continue
			}
		case ' ':
			if depth == 0 {
				return "(" + text + ")"
			}
		}
	}
	if strings.HasPrefix(text, "-") {
		return "(" + text + ")"
	}
	return text
}

// assigned returns the assignment of a value to a variable or element.
func (w *writer) assigned(e ast.Expr, value string) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return w.variable(e).name + " = " + value
	case *ast.IndexExpr:
		if w.checked {
			return w.checkedStore(e, value)
		}
		return w.element(e) + " = " + value
	}
	w.fail(e.Pos(), "a device can only assign to variables and elements")
	return ""
}

// element returns an element, or the register that it is.
func (w *writer) element(e ast.Expr) string {
	text := ""
	for {
		i, ok := ast.Unparen(e).(*ast.IndexExpr)
		if !ok {
			break
		}
		text = "[" + w.value(i.Index) + "]" + text
		e = i.X
	}
	v := w.variable(e)
	if w.f.kernel && v.kind == array && w.f.register(v) {
		return v.name
	}
	return v.name + text
}

// value returns an expression in C.
func (w *writer) value(e ast.Expr) string {
	if c := w.info.Types[e].Value; c != nil {
		return w.constant(c, w.kind(e), e)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return "(" + w.value(e.X) + ")"
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return e.Name
		}
		return w.variable(e).name
	case *ast.IndexExpr:
		if w.checked {
			return w.checkedLoad(e)
		}
		return w.element(e)
	case *ast.SelectorExpr: // b.Idx.X
		which := map[string]int{"Dim": 1, "Idx": 2, "Grid": 3}[e.X.(*ast.SelectorExpr).Sel.Name]
		return w.placeOf(which, map[string]int{"X": 0, "Y": 1, "Z": 2}[e.Sel.Name])
	case *ast.UnaryExpr:
		return w.unary(e)
	case *ast.BinaryExpr:
		return w.operation(e, e.Op, w.kind(e), e.X, e.Y)
	case *ast.CallExpr:
		return w.call(e)
	}
	w.fail(e.Pos(), "a device cannot compute this")
	return ""
}

// constant writes a constant exactly.
func (w *writer) constant(c constant.Value, kind types.BasicKind, e ast.Expr) string {
	switch kind {
	case types.Bool:
		return strconv.FormatBool(constant.BoolVal(c))
	case types.Float32:
		f, _ := constant.Float32Val(constant.ToFloat(c))
		return floating(float64(f), 32)
	case types.Float64:
		f, _ := constant.Float64Val(constant.ToFloat(c))
		return floating(f, 64)
	}
	n, ok := new(big.Int).SetString(constant.ToInt(c).ExactString(), 10)
	if !ok {
		w.fail(e.Pos(), "this constant is no integer")
	}
	suffix := map[types.BasicKind]string{types.Int: w.suffix[0], types.Int64: w.suffix[0], types.Uint: w.suffix[1], types.Uint64: w.suffix[1], types.Uint32: "U"}[kind]
	if n.IsInt64() && n.Int64() == math.MinInt64 {
		return fmt.Sprintf("(-9223372036854775807%s - 1)", suffix)
	}
	if kind == types.Int32 && n.Int64() == math.MinInt32 {
		return "(-2147483647 - 1)"
	}
	if n.IsInt64() && n.Int64() >= 0 && n.Int64() <= math.MaxInt32 && (kind == types.Int || kind == types.Int64) {
		return n.String() // C makes a 64-bit number of it where it meets one
	}
	return n.String() + suffix
}

// floating writes a number exactly: short where it is whole, else in hexadecimal.
func floating(f float64, bits int) string {
	end := ""
	if bits == 32 {
		end = "f"
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<20 {
		return strconv.FormatFloat(f, 'f', 1, bits) + end
	}
	return strconv.FormatFloat(f, 'x', -1, bits) + end
}

func isUnsigned(kind types.BasicKind) bool { return types.Typ[kind].Info()&types.IsUnsigned != 0 }
func isInteger(kind types.BasicKind) bool  { return types.Typ[kind].Info()&types.IsInteger != 0 }
func isFloat(kind types.BasicKind) bool    { return types.Typ[kind].Info()&types.IsFloat != 0 }

// unsigned returns the name of the unsigned type of a size.
func (w *writer) unsigned(kind types.BasicKind) string {
	return map[int]string{1: "u8", 2: "u16", 4: "u32", 8: "u64"}[size(kind)]
}

func (w *writer) unary(e *ast.UnaryExpr) string {
	kind := w.kind(e)
	x := wrap(w.value(e.X))
	switch {
	case e.Op == token.NOT:
		return "!" + x
	case e.Op == token.ADD:
		return x
	case e.Op == token.SUB && isFloat(kind):
		return "-" + x
	case e.Op == token.SUB:
		return fmt.Sprintf("(%s)(0 - (%s)%s)", w.typeOf(kind), w.unsigned(kind), x)
	case e.Op == token.XOR:
		return fmt.Sprintf("(%s)~%s", w.typeOf(kind), x)
	}
	w.fail(e.Pos(), "a device has no operator %s", e.Op)
	return ""
}

// operation returns x op y, where the result is of the kind given.
func (w *writer) operation(at ast.Node, op token.Token, kind types.BasicKind, x, y ast.Expr) string {
	switch op {
	case token.LAND, token.LOR:
		return wrap(w.value(x)) + " " + op.String() + " " + wrap(w.value(y))
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return wrap(w.compared(x, y)) + " " + op.String() + " " + wrap(w.compared(y, x))
	case token.SHL, token.SHR:
		return w.shift(op, kind, x, y)
	case token.QUO, token.REM:
		if isInteger(kind) {
			return w.division(op, kind, x, y)
		}
	case token.ADD, token.SUB, token.MUL:
		if isInteger(kind) {
			return w.signed(kind, w.chain(op, kind, x, y))
		}
	}
	return w.join(op, kind, w.value(x), w.value(y))
}

// compared returns an operand of a comparison; a constant has the type of the other operand.
func (w *writer) compared(x, other ast.Expr) string {
	if c := w.info.Types[x].Value; c != nil && w.info.Types[other].Value == nil {
		return w.constant(c, w.kind(other), x)
	}
	return w.value(x)
}

// signed returns what was computed without a sign, or in a larger type, as a number of the kind given.
func (w *writer) signed(kind types.BasicKind, text string) string {
	if isUnsigned(kind) && size(kind) >= 4 {
		return text
	}
	return fmt.Sprintf("(%s)(%s)", w.typeOf(kind), text)
}

// chain returns sums and products of integers, computed without a sign, where C lets them wrap as Go does.
func (w *writer) chain(op token.Token, kind types.BasicKind, x, y ast.Expr) string {
	link := func(e ast.Expr) string {
		e = ast.Unparen(e)
		if b, ok := e.(*ast.BinaryExpr); ok && w.info.Types[e].Value == nil && (b.Op == token.ADD || b.Op == token.SUB || b.Op == token.MUL) {
			text := w.chain(b.Op, kind, b.X, b.Y)
			if size(kind) < 4 || op == token.MUL && b.Op != token.MUL || op == token.SUB {
				return "(" + text + ")"
			}
			return text
		}
		text := w.value(e)
		if w.info.Types[e].Value != nil && size(kind) >= 4 && !strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "(") {
			return text
		}
		if isUnsigned(kind) && size(kind) >= 4 {
			return wrap(text)
		}
		if inner, ok := strings.CutPrefix(text, "("+w.typeOf(kind)+")"); ok && wrap(inner) == inner {
			text = inner // one cast is enough
		}
		return "(" + w.unsigned(kind) + ")" + wrap(text)
	}
	left, right := link(x), link(y)
	if w.info.Types[x].Value != nil && !strings.HasPrefix(left, "(") { // so that the operation is not one of signed constants
		left = "(" + w.unsigned(kind) + ")" + left
	}
	if size(kind) < 4 { // C computes with int, which a product of two u16 overflows
		left = "(u32)" + left
	}
	return left + " " + op.String() + " " + right
}

// join returns x op y of operands that are written already.
func (w *writer) join(op token.Token, kind types.BasicKind, x, y string) string {
	text := op.String()
	if op == token.AND_NOT {
		text, y = "&", "~"+wrap(y)
	}
	switch {
	case isFloat(kind), kind == types.Bool:
		return wrap(x) + " " + text + " " + wrap(y)
	case op == token.ADD || op == token.SUB || op == token.MUL:
		u := w.unsigned(kind)
		if isUnsigned(kind) && size(kind) >= 4 {
			return wrap(x) + " " + text + " " + wrap(y)
		}
		return w.signed(kind, fmt.Sprintf("(%s)%s %s (%s)%s", u, wrap(x), text, u, wrap(y)))
	case size(kind) >= 4:
		return wrap(x) + " " + text + " " + wrap(y)
	}
	return w.signed(kind, wrap(x)+" "+text+" "+wrap(y))
}

// shift returns x << y or x >> y.
func (w *writer) shift(op token.Token, kind types.BasicKind, x, y ast.Expr) string {
	t, bits := w.typeOf(kind), 8*size(kind)
	if c := w.info.Types[y].Value; c != nil {
		if n, ok := constant.Uint64Val(constant.ToInt(c)); ok && n < uint64(bits) {
			left := wrap(w.value(x))
			switch {
			case op == token.SHR && size(kind) >= 4:
				return fmt.Sprintf("%s >> %d", left, n)
			case op == token.SHL && !isUnsigned(kind):
				left = "(" + w.unsigned(kind) + ")" + left
			}
			return w.signed(kind, fmt.Sprintf("%s %s %d", left, op, n))
		}
	}
	by := w.value(y)
	if w.info.Types[y].Value == nil && !isUnsigned(w.kind(y)) {
		by = "(i64)" + wrap(by) // a negative count becomes a large one
	}
	name := "shl_" + t
	text := fmt.Sprintf("%s %s(%s x, u64 n)\n{\n\treturn n < %d ? (%s)((%s)x << n) : 0;\n}", t, name, t, bits, t, w.unsigned(kind))
	if op == token.SHR {
		name = "shr_" + t
		all := "0"
		if !isUnsigned(kind) {
			all = "x < 0 ? -1 : 0"
		}
		text = fmt.Sprintf("%s %s(%s x, u64 n)\n{\n\treturn n < %d ? (%s)(x >> n) : (%s)(%s);\n}", t, name, t, bits, t, t, all)
	}
	if w.typeOf(w.kind(y)) != "u64" {
		by = "(u64)" + wrap(by)
	}
	return w.need(name, text) + fmt.Sprintf("(%s, %s)", w.value(x), by)
}

// division returns x / y or x % y of integers.
func (w *writer) division(op token.Token, kind types.BasicKind, x, y ast.Expr) string {
	t := w.typeOf(kind)
	if c := w.info.Types[y].Value; c != nil && constant.Sign(c) != 0 && !constant.Compare(c, token.EQL, constant.MakeInt64(-1)) {
		return fmt.Sprintf("(%s)(%s %s %s)", t, wrap(w.value(x)), op, wrap(w.constant(c, kind, y)))
	}
	name, least := map[token.Token]string{token.QUO: "div_", token.REM: "mod_"}[op]+t, ""
	if !isUnsigned(kind) {
		least = fmt.Sprintf("y == -1 ? %s : ", map[token.Token]string{token.QUO: fmt.Sprintf("(%s)(0 - (%s)x)", t, w.unsigned(kind)), token.REM: "0"}[op])
	}
	text := fmt.Sprintf("%s %s(%s x, %s y)\n{\n\treturn y == 0 ? 0 : %s(%s)(x %s y);\n}", t, name, t, t, least, t, op)
	if w.checked {
		return w.checkedDivision(name, text, y.Pos(), x, y)
	}
	return w.need(name, text) +
		fmt.Sprintf("(%s, %s)", w.value(x), w.value(y))
}
