package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// changeBuffer takes the buffer away from a channel, or gives it one.
func changeBuffer(s site, n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "make" {
		return
	}
	c, ok := s.file.pkg.info.TypeOf(call).Underlying().(*types.Chan)
	if !ok {
		return
	}
	if len(call.Args) == 1 {
		if isEmpty(c.Elem()) && !s.sendsNothing() {
			return // it is only closed
		}
		s.replace("buffer a channel", call, "make("+s.file.text(call.Args[0])+", 1)")
		return
	}
	s.replace("unbuffer a channel", call, "make("+s.file.text(call.Args[0])+")")
}

// sendsNothing reports whether the file sends values that have nothing in them.
func (s site) sendsNothing() (found bool) {
	ast.Inspect(s.file.syntax, func(n ast.Node) bool {
		if send, ok := n.(*ast.SendStmt); ok {
			found = found || isEmpty(s.file.pkg.info.TypeOf(send.Value))
		}
		return !found
	})
	return found
}

// changeSignal wakes one in the place of all, and all in the place of one.
func changeSignal(s site, n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	const operator = "Signal ↔ Broadcast"
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	on := s.file.text(sel.X)
	switch s.verb(call) {
	case "Signal":
		s.replace(operator, call, on+".Broadcast()")
	case "Broadcast":
		s.replace(operator, call, on+".Signal()")
	case "Notify":
		s.replace(operator, call, on+".NotifyAll("+s.file.text(call.Args[0])+")")
	case "NotifyAll":
		s.replace(operator, call, on+".Notify("+s.file.text(call.Args[0])+", 1)")
	}
}

// dropDefer does at once what was to be done at the end, if that synchronises.
func dropDefer(s site, n ast.Node) {
	d, ok := n.(*ast.DeferStmt)
	if !ok {
		return
	}
	synchronises := groupOf(s.verb(d.Call)) != ""
	if fun, ok := d.Call.Fun.(*ast.FuncLit); ok {
		ast.Inspect(fun.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				synchronises = synchronises || groupOf(s.verb(n)) != ""
			case *ast.IncDecStmt:
				synchronises = true
			}
			return true
		})
	}
	if synchronises {
		s.replace("drop a defer", d, s.file.text(d.Call))
	}
}

// changeCount starts or joins one fewer, and has a semaphore, a barrier or a pool of one more or one fewer.
func changeCount(s site, n ast.Node) {
	info := s.file.pkg.info
	switch n := n.(type) {
	case *ast.RangeStmt:
		if !s.holds(n.Body, "go", "Go", "Start", "NewThread", "CreateTask", "Join", "Submit", "close") {
			return
		}
		switch t := info.TypeOf(n.X).Underlying().(type) {
		case *types.Basic:
			if t.Info()&types.IsInteger != 0 {
				s.replace("one fewer", n.X, "("+s.file.text(n.X)+" - 1)")
			}
		case *types.Slice:
			if id, ok := n.Key.(*ast.Ident); n.Key == nil || ok && id.Name == "_" {
				s.replace("one fewer", n.X, s.file.text(n.X)+"[1:]")
			}
		}
	case *ast.CallExpr:
		verb := s.verb(n)
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "make" && len(n.Args) == 2 {
			if c, ok := info.TypeOf(n).Underlying().(*types.Chan); ok && isEmpty(c.Elem()) {
				verb = "make"
			}
		}
		switch verb {
		case "NewBarrier", "NewSemaphore", "NewBoundedSemaphore", "NewThreadPool", "NewProcessPool", "Add", "make":
			for _, arg := range n.Args {
				if t, ok := info.TypeOf(arg).Underlying().(*types.Basic); ok && t.Info()&types.IsInteger != 0 {
					s.replace("one more", arg, s.file.text(arg)+"+1")
					if value := info.Types[arg].Value; value == nil || value.ExactString() != "0" {
						s.replace("one fewer", arg, s.file.text(arg)+"-1")
					}
				}
			}
		}
	}
}

// isEmpty reports whether values of a type have nothing in them: a channel of such is a semaphore.
func isEmpty(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	return ok && s.NumFields() == 0
}

// runElsewhere calls a function in the place of a goroutine, and does not wait for one that was waited for.
func runElsewhere(s site, n ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		s.replace("go f() → f()", n, s.file.text(n.Call))
	case *ast.ExprStmt:
		call, ok := n.X.(*ast.CallExpr)
		if !ok || s.verb(call) != "Go" || len(call.Args) != 1 {
			return
		}
		f := called(s.file, call.Args[0])
		s.replace("Go(f) → f()", n, f)
		s.replace("Go(f) → go f()", n, "go "+f)
	}
}

// called is a call of a function without arguments.
func called(f *file, function ast.Expr) string {
	if _, ok := function.(*ast.FuncLit); ok {
		return f.text(function) + "()"
	}
	return "(" + strings.TrimSpace(f.text(function)) + ")()"
}

// withoutWith runs a function without the lock that it should hold.
func withoutWith(s site, n ast.Node) {
	if call, ok := n.(*ast.CallExpr); ok && s.verb(call) == "With" && len(call.Args) == 3 {
		s.replace("With(l, f) → f()", call, called(s.file, call.Args[2]))
	}
}

// dropDecrement leaves out what takes 1 from a counter.
func dropDecrement(s site, n ast.Node) {
	const operator = "drop a --"
	switch n := n.(type) {
	case *ast.IncDecStmt:
		if _, ok := s.parent().(*ast.ForStmt); !ok && n.Tok == token.DEC {
			s.replace(operator, n, "")
		}
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok && s.subtracts(call) {
			s.replace(operator, n, "")
		}
	case *ast.DeferStmt:
		if s.subtracts(n.Call) {
			s.replace(operator, n, "")
		}
	}
}

// subtracts reports whether a call is that of an atomic counter with a number below 0.
func (s site) subtracts(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	f, ok := s.file.pkg.info.Uses[sel.Sel].(*types.Func)
	value := s.file.pkg.info.Types[call.Args[0]].Value
	return ok && f.Pkg() != nil && f.Pkg().Path() == "sync/atomic" && f.Name() == "Add" && value != nil && constant.Sign(value) < 0
}
