package jit

import (
	"fmt"
	"go/ast"
	"go/token"
)

// assignment returns the statements of an assignment, without semicolons.
func (w *writer) assignment(a *ast.AssignStmt) []string {
	if len(a.Lhs) == 2 && len(a.Rhs) == 1 {
		return w.bounds(a)
	}
	if a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
		op := a.Tok - token.ADD_ASSIGN + token.ADD
		kind := w.kind(a.Lhs[0])
		return []string{w.assigned(a.Lhs[0], w.operation(a, op, kind, a.Lhs[0], a.Rhs[0]))}
	}
	if len(a.Lhs) == 1 {
		return w.assign(a.Lhs[0], a.Rhs[0])
	}
	// All values are computed before the first is assigned. Where the statement only declares, there is nothing to disturb.
	var lines []string
	fresh := a.Tok == token.DEFINE
	for _, left := range a.Lhs {
		id, ok := left.(*ast.Ident)
		fresh = fresh && ok && (id.Name == "_" || w.info.Defs[id] != nil)
	}
	if fresh {
		for i := range a.Lhs {
			lines = append(lines, w.assign(a.Lhs[i], a.Rhs[i])...)
		}
		return lines
	}
	w.swapped(a)
	var after []string
	for i, left := range a.Lhs {
		if id, ok := left.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		kind := w.kind(left)
		w.f.names["new__"]++
		temp := fmt.Sprintf("new__%d", w.f.names["new__"])
		lines = append(lines, fmt.Sprintf("const %s %s = %s", w.typeOf(kind), temp, w.value(a.Rhs[i])))
		to := w.assigned(left, temp)
		if id, ok := left.(*ast.Ident); ok && w.info.Defs[id] != nil {
			to = w.typeOf(kind) + " " + to
		}
		after = append(after, to)
	}
	return append(lines, after...)
}

// swapped refuses an assignment that changes the index of an element that it assigns to.
func (w *writer) swapped(a *ast.AssignStmt) {
	for _, left := range a.Lhs {
		index, ok := ast.Unparen(left).(*ast.IndexExpr)
		if !ok {
			continue
		}
		ast.Inspect(index, func(n ast.Node) bool {
			for _, other := range a.Lhs {
				id, ok := n.(*ast.Ident)
				to, is := other.(*ast.Ident)
				if ok && is && w.info.Uses[id] != nil && w.info.Uses[id] == w.info.Uses[to] {
					w.fail(id.Pos(), "%s is assigned to in the same statement: write two", id.Name)
				}
			}
			return true
		})
	}
}

// assign returns x = e, or a declaration.
func (w *writer) assign(left, e ast.Expr) []string {
	id, ok := left.(*ast.Ident)
	if ok && id.Name == "_" {
		return nil
	}
	if ok && w.info.Defs[id] != nil {
		v := w.variable(id)
		if v.kind == slice {
			return w.slice(v, ast.Unparen(e))
		}
		if v.kind == array {
			w.fail(e.Pos(), "an array is declared by var, and its elements are assigned to one by one")
		}
		return []string{w.typeOf(v.elem) + " " + v.name + " = " + w.value(e)}
	}
	return []string{w.assigned(left, w.value(e))}
}

// slice declares a pointer and a length.
func (w *writer) slice(v *variable, e ast.Expr) []string {
	space, constant := w.global, "const "
	if v.local {
		space, constant = w.local, ""
	} else if v.root.written {
		constant = ""
	}
	var at, n string
	switch e := e.(type) {
	case *ast.Ident:
		of := w.variable(e)
		at, n = of.name, of.name+"_len"
	case *ast.SliceExpr:
		of := w.variable(e.X)
		lo, hi := "0", of.name+"_len"
		if e.Low != nil {
			lo = w.value(e.Low)
		}
		if e.High != nil {
			hi = w.value(e.High)
		}
		if w.checked {
			return w.checkedSlice(v, of, fmt.Sprintf("%s%s%s *%s", space, constant, w.typeOf(v.elem), v.name), e.Lbrack, lo, hi)
		}
		at, n = of.name+" + "+wrap(lo), wrap(hi)+" - "+wrap(lo)
	case *ast.CallExpr:
		if w.f.gpuFunction(e) == "Shared" {
			at, n = "shared__", "shared__len"
			break
		}
		of := w.variable(e.Args[1])
		lo := w.rangeLow(of.name + "_len")
		at, n = of.name+" + "+lo, w.rangeHigh(of.name+"_len")+" - "+lo
	}
	return []string{
		fmt.Sprintf("%s%s%s *%s = %s", space, constant, w.typeOf(v.elem), v.name, at),
		fmt.Sprintf("const i64 %s_len = %s", v.name, n),
	}
}

// bounds declares lo, hi := b.Range(n).
func (w *writer) bounds(a *ast.AssignStmt) []string {
	call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr)
	if !ok || w.f.method(call) != "Range" {
		w.fail(a.Pos(), "only b.Range returns two values on a device")
	}
	n := w.value(call.Args[0])
	var lines []string
	for i, value := range []string{w.rangeLow(n), w.rangeHigh(n)} {
		id, ok := a.Lhs[i].(*ast.Ident)
		switch {
		case ok && id.Name == "_":
		case ok && w.info.Defs[id] != nil:
			lines = append(lines, "i64 "+w.variable(id).name+" = "+value)
		default:
			lines = append(lines, w.assigned(a.Lhs[i], value))
		}
	}
	return lines
}

// rangeLow and rangeHigh need the two functions that b.Range is.
func (w *writer) rangeLow(n string) string {
	return w.need("range_low", w.rangeEnd("range_low", w.placeOf(2, 0))) + "(" + n + ")"
}

func (w *writer) rangeHigh(n string) string {
	return w.need("range_high", w.rangeEnd("range_high", "("+w.placeOf(2, 0)+" + 1)")) + "(" + n + ")"
}

func (w *writer) rangeEnd(name, block string) string {
	return fmt.Sprintf("i64 %s(i64 n)\n{\n\ti64 blocks = %s, part = (n + blocks - 1) / blocks, end = %s * part;\n\treturn end < n ? end : n;\n}",
		name, w.placeOf(3, 0), block)
}

// step returns x++ or x--.
func (w *writer) step(s *ast.IncDecStmt) string {
	op := token.ADD
	if s.Tok == token.DEC {
		op = token.SUB
	}
	kind := w.kind(s.X)
	return w.assigned(s.X, w.join(op, kind, w.value(s.X), "1"))
}
