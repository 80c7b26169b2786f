package jit

import (
	"go/ast"
	"go/token"
	"go/types"
)

// declaration declares variables; constants have their values in expressions.
func (f *function) declaration(d *ast.DeclStmt, s scope) {
	g := d.Decl.(*ast.GenDecl)
	if g.Tok == token.TYPE {
		f.fail(d.Pos(), "a type cannot be declared in a kernel")
	}
	if g.Tok == token.CONST {
		return
	}
	for _, spec := range g.Specs {
		spec := spec.(*ast.ValueSpec)
		for _, v := range spec.Values {
			f.read(v, s)
		}
		for _, name := range spec.Names {
			if object := f.program.info.Defs[name]; object != nil {
				f.local(object, s)
			}
		}
	}
}

// local declares a local variable of numbers or arrays.
func (f *function) local(object types.Object, s scope) *variable {
	v := &variable{mask: s.mask}
	t := object.Type()
	for {
		a, ok := t.Underlying().(*types.Array)
		if !ok {
			break
		}
		v.kind, t = array, a.Elem()
		v.dims = append(v.dims, int(a.Len()))
		if a.Len() == 0 {
			f.fail(object.Pos(), "the array %s has no elements", object.Name())
		}
	}
	v.elem = f.basic(t, object.Pos()).Kind()
	f.declare(object, v)
	return v
}

// assignment goes through x = e, x := e, x += e, and what stands for slices: x := gpu.Part(b, s), x := s[lo:hi], lo, hi := b.Range(n).
func (f *function) assignment(a *ast.AssignStmt, s scope) {
	if call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr); ok && len(a.Lhs) == 2 && len(a.Rhs) == 1 && f.method(call) == "Range" {
		f.inKernel(call, "b.Range")
		f.info.Spread = true
		f.read(call.Args[0], s)
	} else {
		for i, e := range a.Rhs {
			if !f.slicing(a, i, s) {
				f.read(e, s)
			}
		}
	}
	for _, left := range a.Lhs {
		id, ok := left.(*ast.Ident)
		if ok && (id.Name == "_" || f.program.info.Defs[id] != nil) {
			if object := f.program.info.Defs[id]; object != nil && f.vars[object] == nil {
				f.local(object, s)
			}
			continue
		}
		f.write(left, s)
	}
}

// slicing declares a slice, if value i of an assignment is one.
func (f *function) slicing(a *ast.AssignStmt, i int, s scope) bool {
	e := ast.Unparen(a.Rhs[i])
	if _, ok := f.program.info.TypeOf(e).Underlying().(*types.Slice); !ok {
		return false
	}
	id, ok := a.Lhs[i].(*ast.Ident)
	if a.Tok != token.DEFINE || !ok || f.program.info.Defs[id] == nil {
		f.fail(e.Pos(), "a slice gets its name where it is made, as in part := gpu.Part(b, s) or row := s[lo:hi], and keeps it")
	}
	v := &variable{kind: slice, mask: s.mask}
	switch e := e.(type) {
	case *ast.SliceExpr:
		if e.Max != nil {
			f.fail(e.Pos(), "the capacity of a slice means nothing on a device: write s[lo:hi]")
		}
		v.root = f.sliceOf(e.X)
		f.read(e.Low, s)
		f.read(e.High, s)
	case *ast.CallExpr:
		f.inKernel(e, "a slice")
		switch name := f.gpuFunction(e); name {
		case "Part":
			if s.mask != 0 {
				f.fail(e.Pos(), "gpu.Part stands outside of loops over threads")
			}
			v.root, v.part = f.sliceOf(e.Args[1]), true
			f.info.Spread = true
		case "Shared":
			if f.info.Dynamic != nil || s.mask != 0 {
				f.fail(e.Pos(), "gpu.Shared stands once in a kernel, outside of loops over threads")
			}
			v.root, v.local = v, true
			f.info.Dynamic = reflected(f.basic(f.program.info.TypeOf(e).Underlying().(*types.Slice).Elem(), e.Pos()).Kind())
		}
	case *ast.Ident:
		v.root = f.sliceOf(e)
	}
	if v.root == nil {
		f.fail(e.Pos(), "this slice cannot be made on a device: there are parameters, gpu.Part(b, s), gpu.Shared[T](b) and s[lo:hi]")
	}
	v.local = v.root.local
	v.elem = f.basic(f.program.info.TypeOf(e).Underlying().(*types.Slice).Elem(), e.Pos()).Kind()
	f.declare(f.program.info.Defs[id], v)
	return true
}

// sliceOf returns the root of a slice that has a name.
func (f *function) sliceOf(e ast.Expr) *variable {
	if v := f.variable(e); v != nil && v.kind == slice {
		return v.root
	}
	f.fail(e.Pos(), "only a slice that has a name can be taken in parts here, not an array or an expression")
	return nil
}
