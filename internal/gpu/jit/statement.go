package jit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// statement writes a statement; last says that it is the last one of its function.
func (w *writer) statement(stmt ast.Stmt, last bool) {
	w.at = stmt.Pos()
	switch stmt := stmt.(type) {
	case *ast.BlockStmt:
		w.line("{")
		w.block(stmt.List)
		w.line("}")
	case *ast.DeclStmt:
		w.declaration(stmt.Decl.(*ast.GenDecl))
	case *ast.AssignStmt:
		for _, line := range w.assignment(stmt) {
			w.line("%s;", line)
		}
	case *ast.IncDecStmt:
		w.line("%s;", w.step(stmt))
	case *ast.IfStmt:
		w.condition(stmt, "")
	case *ast.ForStmt:
		w.loop(stmt)
	case *ast.RangeStmt:
		w.ranging(stmt, last)
	case *ast.SwitchStmt:
		w.switching(stmt)
	case *ast.BranchStmt:
		w.line("%s;", stmt.Tok)
	case *ast.ReturnStmt:
		if len(stmt.Results) == 0 {
			w.line("return;")
			return
		}
		w.line("return %s;", w.value(stmt.Results[0]))
	}
}

// declaration declares variables, all cleared or with their values.
func (w *writer) declaration(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, name := range spec.Names {
			v := w.variable(name)
			if v == nil {
				continue
			}
			w.at = name.Pos()
			if v.kind == array {
				if len(spec.Values) > 0 {
					w.fail(spec.Values[i].Pos(), "an array has no initial values on a device: assign to its elements")
				}
				w.array(v)
				continue
			}
			value := w.zero(v.elem)
			if len(spec.Values) > 0 {
				value = w.value(spec.Values[i])
			}
			w.line("%s %s = %s;", w.typeOf(v.elem), v.name, value)
		}
	}
}

func (w *writer) zero(kind types.BasicKind) string {
	if kind == types.Bool {
		return "false"
	}
	return "0"
}

// array declares a cleared array: a register, a private one, or a shared one, whose declaration stands elsewhere.
func (w *writer) array(v *variable) {
	n := 1
	for _, d := range v.dims {
		n *= d
	}
	switch {
	case w.f.kernel && v.mask == 0 && w.f.register(v):
		w.line("%s %s = %s; // a register of each thread", w.typeOf(v.elem), v.name, w.zero(v.elem))
	case w.f.kernel && v.mask == 0:
		w.clearShared(fmt.Sprintf("((%s%s *)%s)", w.local, w.typeOf(v.elem), v.name), fmt.Sprint(n))
	default:
		w.line("%s %s%s = {0};", w.typeOf(v.elem), v.name, dimensions(v))
	}
}

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

// condition writes an if and what hangs on it.
func (w *writer) condition(s *ast.IfStmt, before string) {
	if s.Init != nil {
		w.line("%s{", before)
		w.depth++
		w.statement(s.Init, false)
		inner := *s
		inner.Init = nil
		w.condition(&inner, "")
		w.depth--
		w.line("}")
		return
	}
	w.line("%sif (%s) {", before, w.value(s.Cond))
	w.inner(s.Body.List)
	switch e := s.Else.(type) {
	case *ast.IfStmt:
		w.at = e.Pos()
		w.condition(e, "} else ")
		return
	case *ast.BlockStmt:
		w.line("} else {")
		w.inner(e.List)
	}
	w.line("}")
}

// inner writes the statements of a block that is not the last thing of its function.
func (w *writer) inner(list []ast.Stmt) {
	w.depth++
	for _, stmt := range list {
		w.statement(stmt, false)
	}
	w.depth--
}

// switching writes a switch as a chain of conditions.
func (w *writer) switching(s *ast.SwitchStmt) {
	w.line("{")
	w.depth++
	if s.Init != nil {
		w.statement(s.Init, false)
	}
	tag := ""
	if s.Tag != nil {
		w.f.names["tag__"]++
		tag = fmt.Sprintf("tag__%d", w.f.names["tag__"])
		w.line("const %s %s = %s;", w.typeOf(w.kind(s.Tag)), tag, w.value(s.Tag))
	}
	var otherwise *ast.CaseClause
	before := ""
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil {
			otherwise = c
			continue
		}
		w.at = c.Pos()
		text := ""
		for i, e := range c.List {
			if i > 0 {
				text += " || "
			}
			if tag == "" {
				text += wrap(w.value(e))
			} else {
				text += tag + " == " + wrap(w.value(e))
			}
		}
		w.line("%sif (%s) {", before, text)
		w.inner(c.Body)
		before = "} else "
	}
	if otherwise != nil {
		w.at = otherwise.Pos()
		w.line("%s{", before)
		w.inner(otherwise.Body)
		before = "}"
	}
	if before != "" {
		w.line("}")
	}
	w.depth--
	w.line("}")
}

// loop writes a for with a condition, with three clauses, or with none.
func (w *writer) loop(s *ast.ForStmt) {
	w.line("{")
	w.depth++
	if s.Init != nil {
		w.statement(s.Init, false)
	}
	condition, post := "", ""
	if s.Cond != nil {
		condition = w.value(s.Cond)
	}
	switch p := s.Post.(type) {
	case *ast.IncDecStmt:
		post = w.step(p)
	case *ast.AssignStmt:
		lines := w.assignment(p)
		if len(lines) != 1 {
			w.fail(p.Pos(), "the last part of a for assigns to one variable here")
		}
		post = lines[0]
	}
	w.at = s.Pos()
	w.line("for (; %s; %s) {", condition, post)
	w.inner(s.Body.List)
	w.line("}")
	w.depth--
	w.line("}")
}

// ranging writes a loop with range.
func (w *writer) ranging(r *ast.RangeStmt, last bool) {
	key := "i__"
	if id, ok := r.Key.(*ast.Ident); ok && id.Name != "_" {
		key = w.variable(id).name
	} else {
		w.f.names["i__"]++
		key = fmt.Sprintf("i__%d", w.f.names["i__"])
	}
	loop := w.f.loops[r]
	if loop != nil && loop.part == nil {
		w.thread(r, loop, key, last)
		return
	}
	kind, n := types.Int, ""
	of := w.variable(r.X)
	switch {
	case of != nil && of.kind == slice:
		n = of.name + "_len"
	case of != nil && of.kind == array:
		n = fmt.Sprint(of.dims[0])
		if r.Value != nil && len(of.dims) > 1 {
			w.fail(r.Value.Pos(), "a part of an array is no number: use its elements")
		}
	default:
		kind, n = w.kind(r.X), w.value(r.X)
	}
	counter := key // of the rounds: Go's is not changed by what the body assigns to the variable
	v := w.variableOf(r.Key)
	changed := v != nil && v.written
	if changed {
		counter = key + "__"
	}
	if loop != nil {
		w.line("for (i64 %s = %s; %s < %s; %s += %s) {", counter, w.placeOf(0, 0), counter, n, counter, w.placeOf(1, 0))
	} else if of != nil && of.kind != scalar || w.info.Types[r.X].Value != nil {
		w.line("for (%s %s = 0; %s < %s; %s++) {", w.typeOf(kind), counter, counter, n, counter)
	} else {
		w.line("for (%s %s = 0, %s__end = %s; %s < %s__end; %s++) {", w.typeOf(kind), counter, key, n, counter, key, counter)
	}
	if changed {
		w.line("\t%s %s = %s;", w.typeOf(kind), key, counter)
	}
	before := w.mask
	if loop != nil {
		w.mask |= 1
	}
	if id, ok := r.Value.(*ast.Ident); ok && id.Name != "_" {
		v := w.variable(id)
		w.depth++
		w.line("%s %s = %s[%s];", w.typeOf(v.elem), v.name, of.name, counter)
		w.depth--
	}
	w.inner(r.Body.List)
	w.line("}")
	w.mask = before
	w.wait(r, loop, last)
}

// thread writes what was a loop over threads: now each thread does one round.
func (w *writer) thread(r *ast.RangeStmt, loop *threadLoop, key string, last bool) {
	leaves := continues(r.Body)
	if leaves {
		w.line("do { // each thread has one round")
	} else {
		w.line("{")
	}
	w.depth++
	w.line("const i64 %s = %s;", key, w.placeOf(0, loop.dim))
	w.depth--
	before := w.mask
	w.mask |= 1 << loop.dim
	w.inner(r.Body.List)
	w.mask = before
	if leaves {
		w.line("} while (0);")
	} else {
		w.line("}")
	}
	w.wait(r, loop, last)
}

// wait writes the barrier behind an outermost loop over threads.
func (w *writer) wait(r *ast.RangeStmt, loop *threadLoop, last bool) {
	if loop != nil && w.mask == 0 && loop.waits && !last {
		w.at = r.End() - 1
		w.line("%s", w.barrier)
	}
}

// continues reports whether a continue ends a round of this loop, and not of one inside.
func continues(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.CONTINUE
		}
		return true
	})
	return found
}
