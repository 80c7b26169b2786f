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
