package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A site is where an operator looks: a node and those around it.
type site struct {
	file  *file
	stack []ast.Node                                           // around the node, the outermost first
	found func(operator string, start, end int, by, or string) // or is what stands for by if that does not compile
}

// operators are what makes mutants. Each looks at one node and reports the changes that it would make there.
var operators = []func(s site, n ast.Node){
	deleteCall, deleteChannelStep, moveStatement, waitOnce, changeBuffer, changeSignal, dropDefer, changeCount,
	runElsewhere, withoutWith, dropDecrement,
}

// replace reports that a node has another text.
func (s site) replace(operator string, n ast.Node, by string) {
	s.replaceOr(operator, n, by, "")
}

func (s site) replaceOr(operator string, n ast.Node, by, or string) {
	s.found(operator, s.file.offset(n.Pos()), s.file.offset(n.End()), by, or)
}

func (s site) parent() ast.Node {
	if len(s.stack) == 0 {
		return nil
	}
	return s.stack[len(s.stack)-1]
}

// The calls that are deleted, by what they do. A row of the report is such a group.
var groups = []struct {
	name  string
	verbs string
}{
	{"delete a Lock", "Lock RLock Acquire TryLock TryAcquire AcquireTimeout"},
	{"delete an Unlock", "Unlock RUnlock Release"},
	{"delete a Wait", "Wait Join WaitTimeout WaitUntil Await"},
	{"delete a Notify", "Notify NotifyAll Signal Broadcast Set SetResult SetException Done TaskDone close Close Cancel cancel"},
	{"delete a Clear", "Clear"},
	{"delete an Add", "Add"},
	{"delete a Put", "Put TryPut PutTimeout"},
	{"delete a Get", "Get TryGet GetTimeout"},
	{"delete a Start", "Start"},
}

func groupOf(verb string) string {
	for _, g := range groups {
		for v := range strings.FieldsSeq(g.verbs) {
			if v == verb {
				return g.name
			}
		}
	}
	return ""
}

// isSync reports whether a package is one whose calls synchronise. The recipe's own package has structs that embed or ask for such.
func (s site) isSync(p *types.Package) bool {
	if p == nil {
		return false
	}
	switch path := p.Path(); path {
	case "sync", "os/exec", "golang.org/x/sync/errgroup", "golang.org/x/sync/semaphore", s.file.pkg.path:
		return true
	default:
		for _, library := range []string{"threading", "async", "executor", "process", "mpi"} {
			if lib := "cookbook/internal/" + library; path == lib || strings.HasPrefix(path, lib+"/") {
				return true
			}
		}
	}
	return false
}

// verb is what a call does if it synchronises, else "".
func (s site) verb(call *ast.CallExpr) string {
	info := s.file.pkg.info
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if b, ok := info.Uses[fun].(*types.Builtin); ok && b.Name() == "close" {
			return "close"
		}
	case *ast.SelectorExpr:
		f, ok := info.Uses[fun.Sel].(*types.Func)
		if ok && s.isSync(f.Pkg()) && !s.isAlone(f) {
			return f.Name()
		}
		return ""
	case *ast.IndexExpr: // a function with its types written out
		return s.verb(&ast.CallExpr{Fun: fun.X})
	}
	if t := info.TypeOf(call.Fun); t != nil {
		switch t.String() {
		case "context.CancelFunc", "context.CancelCauseFunc":
			return "cancel"
		}
	}
	return ""
}

// isAlone reports whether f is a method for which nobody waits: of a value that each thread has for itself, or the Close of
// something that is no queue.
func (s site) isAlone(f *types.Func) bool {
	recv := f.Signature().Recv()
	if recv == nil {
		return false
	}
	of := recv.Type().String()
	return strings.Contains(of, "threading.Local") || f.Name() == "Close" && !strings.Contains(of, "Queue")
}

// deleteCall leaves out a call, and what it returns is zero.
func deleteCall(s site, n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	verb := s.verb(call)
	group := groupOf(verb)
	if group == "" || verb == "Done" && s.file.pkg.info.TypeOf(call) != nil && !isNothing(s.file.pkg.info.TypeOf(call)) {
		return
	}
	used := "_ = " + s.file.text(call.Fun) // or a variable may have no other use
	if verb == "close" {
		used = "_ = " + s.file.text(call.Args[0])
	}
	switch parent := s.parent().(type) {
	case *ast.ExprStmt:
		s.replaceOr(group, parent, "", used)
	case *ast.DeferStmt:
		if verb != "cancel" { // which only frees what the context has
			s.replaceOr(group, parent, "", used)
		}
	case *ast.GoStmt:
	default:
		t := s.file.pkg.info.TypeOf(call)
		s.replaceOr(group, call, zero(t), "func() "+results(t)+" { "+used+"; return }()")
	}
}

func isNothing(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	return ok && tuple.Len() == 0
}

// zero is an expression with the zero values of a type, or of several.
func zero(t types.Type) string {
	if _, several := t.(*types.Tuple); several {
		return "func() " + results(t) + " { return }()"
	}
	if name := nameOf(t); name != "error" {
		return "*new(" + name + ")"
	}
	return "error(nil)"
}

// results are the results of a function that returns such values, without names that mean anything.
func results(t types.Type) string {
	var all []string
	if tuple, several := t.(*types.Tuple); several {
		for i := range tuple.Len() {
			all = append(all, "_ "+nameOf(tuple.At(i).Type()))
		}
	} else {
		all = append(all, "_ "+nameOf(t))
	}
	return "(" + strings.Join(all, ", ") + ")"
}

func nameOf(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// deleteChannelStep leaves out a send or a receive. What was received is zero, and in a select it is there at once.
func deleteChannelStep(s site, n ast.Node) {
	switch n := n.(type) {
	case *ast.SendStmt:
		if clause, ok := s.parent().(*ast.CommClause); ok {
			s.readyAtOnce("delete a send", clause)
		} else {
			s.replaceOr("delete a send", n, "", "_, _ = "+s.file.text(n.Chan)+", "+s.file.text(n.Value))
		}
	case *ast.UnaryExpr:
		if n.Op != token.ARROW || s.isDone(n.X) {
			return
		}
		switch parent := s.parent().(type) {
		case *ast.ExprStmt:
			if len(s.stack) > 1 {
				if clause, ok := s.stack[len(s.stack)-2].(*ast.CommClause); ok && clause.Comm == parent {
					s.readyAtOnce("delete a receive", clause)
					return
				}
			}
			s.replace("delete a receive", parent, "")
		case *ast.AssignStmt:
			if len(s.stack) > 1 {
				if clause, ok := s.stack[len(s.stack)-2].(*ast.CommClause); ok && clause.Comm == parent {
					return
				}
			}
			s.replace("delete a receive", n, s.received(n, len(parent.Lhs) == 2 && len(parent.Rhs) == 1))
		default:
			s.replace("delete a receive", n, s.received(n, false))
		}
	}
}

// received is the zero value of what would be received, with the second value of a receive if that is asked for.
func (s site) received(n *ast.UnaryExpr, both bool) string {
	of := s.file.pkg.info.TypeOf(n.X).Underlying().(*types.Chan).Elem()
	if both {
		return zero(types.NewTuple(types.NewVar(0, nil, "", of), types.NewVar(0, nil, "", types.Typ[types.Bool])))
	}
	return zero(of)
}

// isDone reports whether a channel is that of a context: it stands for the end of the whole run.
func (s site) isDone(channel ast.Expr) bool {
	call, ok := ast.Unparen(channel).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done"
}

// readyAtOnce makes a case of a select the default.
func (s site) readyAtOnce(operator string, clause *ast.CommClause) {
	for _, n := range s.stack {
		if block, ok := n.(*ast.SelectStmt); ok && block.Body.Pos() < clause.Pos() && clause.End() <= block.Body.End() {
			for _, other := range block.Body.List {
				if other.(*ast.CommClause).Comm == nil {
					return // it has a default
				}
			}
		}
	}
	s.found(operator, s.file.offset(clause.Pos()), s.file.offset(clause.Colon), "default", "")
}
