package jit

import (
	"go/ast"
	"go/token"
	"go/types"
)

// block goes through statements.
func (f *function) block(list []ast.Stmt, s scope) {
	for _, stmt := range list {
		f.statement(stmt, s)
	}
}

// statement finds what a statement declares, reads and writes, and refuses what a device cannot do.
func (f *function) statement(stmt ast.Stmt, s scope) {
	switch stmt := stmt.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.BlockStmt:
		f.block(stmt.List, s)
	case *ast.DeclStmt:
		f.declaration(stmt, s)
	case *ast.AssignStmt:
		f.assignment(stmt, s)
	case *ast.IncDecStmt:
		f.write(stmt.X, s)
	case *ast.IfStmt:
		f.statement(stmt.Init, s)
		f.read(stmt.Cond, s)
		f.block(stmt.Body.List, s)
		f.statement(stmt.Else, s)
	case *ast.ForStmt:
		f.statement(stmt.Init, s)
		f.read(stmt.Cond, s)
		in := s
		in.loop, in.plain = stmt, true
		f.statement(stmt.Post, in)
		f.block(stmt.Body.List, in)
	case *ast.RangeStmt:
		f.ranging(stmt, s)
	case *ast.SwitchStmt:
		f.statement(stmt.Init, s)
		f.read(stmt.Tag, s)
		for _, c := range stmt.Body.List {
			for _, e := range c.(*ast.CaseClause).List {
				f.read(e, s)
			}
			in := s
			in.loop = stmt // a break would leave the switch
			f.block(c.(*ast.CaseClause).Body, in)
		}
	case *ast.BranchStmt:
		f.branch(stmt, s)
	case *ast.ReturnStmt:
		if s.mask != 0 {
			f.fail(stmt.Pos(), "a return would leave the loop for all threads: use continue to end one thread's round")
		}
		for _, e := range stmt.Results {
			f.read(e, s)
		}
	default:
		f.fail(stmt.Pos(), "a device cannot do this: there are assignments, if, for, switch, continue, break and calls of functions in expressions")
	}
}

func (f *function) branch(b *ast.BranchStmt, s scope) {
	loop, threads := s.loop.(*ast.RangeStmt)
	switch _, isSwitch := s.loop.(*ast.SwitchStmt); {
	case b.Label != nil || b.Tok == token.GOTO || b.Tok == token.FALLTHROUGH:
		f.fail(b.Pos(), "%s to another place cannot be translated: use if and a variable", b.Tok)
	case isSwitch:
		f.fail(b.Pos(), "%s inside of a switch cannot be translated: use if", b.Tok)
	case b.Tok == token.BREAK && threads && f.loops[loop] != nil:
		f.fail(b.Pos(), "a break would end the loop for other threads: use continue to end one thread's round")
	}
}

// variable returns the variable that an expression is, nil for none.
func (f *function) variable(e ast.Expr) *variable {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	if v := f.vars[f.program.info.Uses[id]]; v != nil {
		return v
	}
	return f.vars[f.program.info.Defs[id]]
}

// write notes that a variable or an element is assigned to.
func (f *function) write(e ast.Expr, s scope) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := f.variable(e)
		switch {
		case v == nil:
			f.fail(e.Pos(), "%s is no variable of the kernel: a kernel writes to its own variables and to slices", e.Name)
		case v.kind != scalar:
			f.fail(e.Pos(), "%s is no number: assign to its elements", e.Name)
		case v.mask != s.mask:
			f.fail(e.Pos(), "%s was declared outside of this loop over threads, and each thread has its own rounds: declare it in the loop, or keep a number for each thread in an array", e.Name)
		case v.thread != 0:
			f.fail(e.Pos(), "%s is the thread's place and cannot be changed", e.Name)
		}
		v.written = true
	case *ast.IndexExpr:
		v := f.element(e, s, e.Pos())
		if s.outer != nil {
			s.outer.uses[len(s.outer.uses)-1].write = true
		}
		if v.kind == array && v.mask != 0 && v.mask != s.mask {
			f.fail(e.Pos(), "%s was declared outside of this loop over threads: declare it in the loop, or outside of all such loops, where it is shared", v.name)
		}
		v.written = true
		if f.kernel {
			f.stores = append(f.stores, store{e.Pos(), v, s.mask})
		}
	default:
		f.fail(e.Pos(), "a device can only assign to variables and elements")
	}
}

// element notes that an element is used, whose slice or array it returns: the root of the slice.
func (f *function) element(e ast.Expr, s scope, at token.Pos) *variable {
	var indices []ast.Expr
	for {
		i, ok := ast.Unparen(e).(*ast.IndexExpr)
		if !ok {
			break
		}
		indices = append([]ast.Expr{i.Index}, indices...)
		e = i.X
		f.read(i.Index, s)
	}
	v, name := f.variable(e), types.ExprString(e)
	if v == nil || v.kind == scalar {
		if _, ok := f.program.info.TypeOf(e).Underlying().(*types.Map); ok {
			f.fail(at, "a map cannot be on a device: use an array or a slice, and numbers as its indices")
		}
		f.fail(at, "only elements of parameters and of the kernel's own arrays and slices can be used")
	}
	if v.kind == array {
		if len(indices) > 0 && len(indices) != len(v.dims) {
			f.fail(at, "%s has %d indices: give all of them", v.name, len(v.dims))
		}
		f.place(v, indices)
	}
	if v.root != nil {
		v = v.root
	}
	if f.kernel && s.mask == 0 {
		f.fail(at, "outside of loops over threads the threads must not depend on memory, or they would part ways: read it in a loop over the block's threads")
	}
	if s.outer != nil {
		s.outer.touched = append(s.outer.touched, v)
		s.outer.uses = append(s.outer.uses, use{at: at, of: v, element: name + exprs(indices), loop: s.inner, again: s.again})
	}
	return v
}

// place notes by which loop variables an array is indexed.
func (f *function) place(v *variable, indices []ast.Expr) {
	dims := make([]int, 0, len(indices))
	for _, e := range indices {
		if i := f.variable(e); i != nil && i.thread != 0 {
			dims = append(dims, i.thread-1)
		}
	}
	if len(dims) != len(v.dims) {
		v.other = true
		return
	}
	for i, d := range v.index {
		v.other = v.other || d != dims[i]
	}
	v.index = dims
}

// inKernel refuses what only a kernel can do.
func (f *function) inKernel(at ast.Node, what string) {
	if !f.kernel {
		f.fail(at.Pos(), "%s can be used in a kernel only, not in a function that it calls", what)
	}
}

// read notes what an expression reads.
func (f *function) read(e ast.Expr, s scope) {
	if e == nil || f.program.info.Types[e].Value != nil {
		return
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		f.read(e.X, s)
	case *ast.UnaryExpr:
		f.read(e.X, s)
	case *ast.BinaryExpr:
		f.read(e.X, s)
		f.read(e.Y, s)
	case *ast.IndexExpr:
		f.element(e, s, e.Pos())
	case *ast.SelectorExpr: // b.Idx.X
		if of, ok := e.X.(*ast.SelectorExpr); !ok || !isBlock(f.program.info.TypeOf(of.X)) {
			f.fail(e.Pos(), "this cannot be used on a device; of a block there are b.Idx, b.Dim and b.Grid with X, Y and Z")
		}
		f.inKernel(e, "the block")
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "len" && f.program.info.Types[e.Fun].IsBuiltin() {
			if v := f.variable(e.Args[0]); v == nil || v.kind == scalar {
				f.fail(e.Pos(), "len is for slices and arrays that have a name")
			}
			return
		}
		if f.method(e) == "Range" || f.gpuFunction(e) != "" {
			f.fail(e.Pos(), "write this as lo, hi := b.Range(n), or part := gpu.Part(b, s), in a line of its own")
		}
		if name := f.method(e); name != "" {
			f.fail(e.Pos(), "b.%s stands behind range", name)
		}
		for _, a := range e.Args {
			f.read(a, s)
		}
	case *ast.Ident:
		v := f.variable(e)
		if v == nil {
			f.fail(e.Pos(), "%s is no variable or constant of the kernel: pass it as a parameter", e.Name)
		}
		if v.kind != scalar {
			f.fail(e.Pos(), "%s is used as a whole: use its elements", e.Name)
		}
	default:
		f.fail(e.Pos(), "a device cannot compute this")
	}
}

// method returns the name of the method of a block that is called; "" for none.
func (f *function) method(e *ast.CallExpr) string {
	if s, ok := e.Fun.(*ast.SelectorExpr); ok && f.program.info.TypeOf(s.X) != nil && isBlock(f.program.info.TypeOf(s.X)) {
		return s.Sel.Name
	}
	return ""
}

// gpuFunction returns the name of the function of package gpu that is called; "" for none.
func (f *function) gpuFunction(e *ast.CallExpr) string {
	fun := ast.Unparen(e.Fun)
	if i, ok := fun.(*ast.IndexExpr); ok { // gpu.Shared[float32]
		fun = i.X
	}
	id, ok := fun.(*ast.Ident)
	if s, is := fun.(*ast.SelectorExpr); is {
		id, ok = s.Sel, true
	}
	if !ok {
		return ""
	}
	if object, ok := f.program.info.Uses[id].(*types.Func); ok && object.Pkg() == stubs()["gpu"] && object.Signature().Recv() == nil {
		return object.Name()
	}
	return ""
}
