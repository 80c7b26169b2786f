package jit

import (
	"go/ast"
	"go/constant"
)

// ranging goes through a loop with range.
func (f *function) ranging(r *ast.RangeStmt, s scope) {
	in := s
	in.loop = r
	loop, n := f.threads(r)
	if loop != nil {
		f.inKernel(r.X, "a loop over threads")
		bit := mask(1) << loop.dim
		if s.mask&bit != 0 {
			f.fail(r.Pos(), "this is a loop over threads in a loop over the same threads")
		}
		if n > 0 {
			f.wanted(r, loop.dim, n)
		}
		f.loops[r] = loop
		in.mask |= bit
		if in.outer == nil {
			in.outer, in.plain = loop, false
		}
		in.inner, in.again, in.plain = loop, in.again || in.plain, false
	} else if f.variable(r.X) == nil || f.variable(r.X).kind == scalar {
		f.read(r.X, s)
	}
	in.plain = in.plain || loop == nil
	for i, e := range []ast.Expr{r.Key, r.Value} {
		id, ok := e.(*ast.Ident)
		switch {
		case e == nil || ok && id.Name == "_":
		case !ok || f.program.info.Defs[id] == nil:
			f.fail(e.Pos(), "the variables of a loop are its own: write :=")
		default:
			v := f.local(f.program.info.Defs[id], in)
			if loop != nil && loop.part == nil && i == 0 {
				v.thread = 1 + loop.dim
			}
			if i == 1 {
				f.element(r.X, in, r.X.Pos())
			}
		}
	}
	if v := f.variable(r.X); v != nil && v.kind == array && r.Value != nil {
		v.other = true
	}
	f.block(r.Body.List, in)
}

// wanted notes that a kernel wants n threads in a dimension.
func (f *function) wanted(r *ast.RangeStmt, dim, n int) {
	block := &f.info.Block
	at := []*int{&block.X, &block.Y, &block.Z}[dim]
	if *at != 0 && *at != n {
		f.fail(r.Pos(), "this loop is over %d threads, another one of the kernel over %d in the same dimension", n, *at)
	}
	*at = n
}

// threads returns the loop over threads that a loop is, and of how many if that is a constant.
func (f *function) threads(r *ast.RangeStmt) (*threadLoop, int) {
	if v := f.variable(r.X); v != nil && v.kind == slice && v.part {
		return &threadLoop{part: v}, 0
	}
	dims := map[string]int{"X": 0, "Y": 1, "Z": 2}
	switch e := ast.Unparen(r.X).(type) {
	case *ast.SelectorExpr: // b.Dim.X
		if of, ok := e.X.(*ast.SelectorExpr); ok && of.Sel.Name == "Dim" && isBlock(f.program.info.TypeOf(of.X)) {
			return &threadLoop{dim: dims[e.Sel.Name]}, 0
		}
	case *ast.CallExpr: // b.X(32)
		name := f.method(e)
		dim, ok := dims[name]
		if !ok {
			break
		}
		value := f.program.info.Types[e.Args[0]].Value
		n, exact := int64(0), false
		if value != nil {
			n, exact = constant.Int64Val(value)
		}
		if !exact || n < 1 || n > 1<<16 {
			f.fail(e.Pos(), "b.%s takes a constant; for any number of threads write range b.Dim.%s", name, name)
		}
		return &threadLoop{dim: dim}, int(n)
	}
	return nil, 0
}
