package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// callOf is the call that synchronises in a statement that is not much else: lock.Release(t), err := lock.Acquire(t), or an if
// that begins so.
func (s site) callOf(stmt ast.Stmt) (verb string) {
	switch stmt := stmt.(type) {
	case *ast.ExprStmt:
		if call, ok := stmt.X.(*ast.CallExpr); ok {
			return s.verb(call)
		}
	case *ast.AssignStmt:
		if len(stmt.Rhs) == 1 {
			if call, ok := stmt.Rhs[0].(*ast.CallExpr); ok {
				return s.verb(call)
			}
		}
	case *ast.IfStmt:
		if stmt.Init != nil {
			return s.callOf(stmt.Init)
		}
	}
	return ""
}

// moveStatement takes a lock a statement later, and ends a wait or a hold a statement earlier.
func moveStatement(s site, n ast.Node) {
	var list []ast.Stmt
	switch n := n.(type) {
	case *ast.BlockStmt:
		list = n.List
	case *ast.CaseClause:
		list = n.Body
	case *ast.CommClause:
		list = n.Body
	}
	for i, stmt := range list {
		switch groupOf(s.callOf(stmt)) {
		case "delete a Lock":
			if j := s.next(list, i, +1); j >= 0 {
				s.swap("move a Lock down", list[i], list[j])
			}
		case "delete an Unlock":
			if j := s.next(list, i, -1); j >= 0 {
				s.swap("move an Unlock up", list[j], list[i])
			}
		case "delete a Wait":
			if j := s.next(list, i, -1); j >= 0 {
				s.swap("move a Wait up", list[j], list[i])
			}
		case "delete a Notify":
			if j := s.next(list, i, -1); j >= 0 {
				s.swap("move a Notify up", list[j], list[i])
			}
		}
	}
}

// next is the statement before or behind list[i] that does something: a note, a declaration and a defer do not.
func (s site) next(list []ast.Stmt, i, step int) int {
	for i += step; 0 <= i && i < len(list); i += step {
		switch stmt := list[i].(type) {
		case *ast.DeclStmt, *ast.DeferStmt:
			continue
		case *ast.ReturnStmt:
			return -1
		case *ast.ExprStmt:
			if call, ok := stmt.X.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Note" {
					continue
				}
			}
		}
		return i
	}
	return -1
}

// swap exchanges two statements of one block, the first of which stands above. What stands between them stays there.
func (s site) swap(operator string, above, below ast.Stmt) {
	f := s.file
	s.found(operator, f.offset(above.Pos()), f.offset(below.End()), f.text(below)+f.between(above.End(), below.Pos())+f.text(above), "")
}

// waitOnce makes an if of a loop around a wait, and of a loop over a channel.
func waitOnce(s site, n ast.Node) {
	const operator = "for → if"
	switch n := n.(type) {
	case *ast.ForStmt:
		if n.Init != nil || n.Cond == nil || n.Post != nil || !s.holds(n.Body, "Wait") {
			return
		}
		s.found(operator, s.file.offset(n.For), s.file.offset(n.For)+len("for"), "if", "")
	case *ast.RangeStmt:
		if _, ok := s.file.pkg.info.TypeOf(n.X).Underlying().(*types.Chan); !ok || n.Key == nil || n.Tok != token.DEFINE {
			return
		}
		s.found(operator, s.file.offset(n.For), s.file.offset(n.X.End()),
			"if "+s.file.text(n.Key)+", ok := <-"+s.file.text(n.X)+"; ok", "")
	}
}

// holds reports whether a block has a call with one of these verbs, not counting functions that are written in it.
func (s site) holds(block *ast.BlockStmt, verbs ...string) (found bool) {
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			found = found || slices.Contains(verbs, "go")
		case *ast.CallExpr:
			found = found || slices.Contains(verbs, s.verb(n))
		}
		return !found
	})
	return found
}
