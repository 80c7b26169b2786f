package jit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

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
