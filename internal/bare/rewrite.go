package bare

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// rewrite puts Go's own means in place of what a recipe calls of the log, the catalog and package measure. Each pass makes the edits
// that do not lie within one another; the last pass finds none.
func rewrite(text string) (string, error) {
	for again := true; again; {
		s, err := parse(text)
		if err != nil {
			return "", err
		}
		text, again = s.apply(s.rewrites())
	}
	s, err := parse(text)
	if err != nil {
		return "", err
	}
	text, _ = s.apply(append(s.types(), s.aliases()...))
	return text, nil
}

// aliases are the edits that give an imported package its own name, if the file has that name for nothing else: the other name was
// needed beside the chapter's other files.
func (s *source) aliases() (edits []edit) {
	for _, spec := range s.tree.Imports {
		if spec.Name == nil || spec.Name.Name == "_" {
			continue
		}
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || len(uses(s.tree, packageName(path))) > 0 {
			continue
		}
		edits = append(edits, s.replace(spec, spec.Path.Value))
		for _, use := range uses(s.tree, spec.Name.Name) {
			edits = append(edits, s.replace(use, packageName(path)))
		}
	}
	return edits
}

// names are the variables, parameters and fields of a file that have a type, by its text. The scope does not matter: a recipe does
// not use such a name for something else.
func (s *source) names(typ string) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && s.of(f.Type) == typ {
			for _, name := range f.Names {
				found[name.Name] = true
			}
		}
		return true
	})
	return found
}

// A rewriter holds what the names of a file mean.
type rewriter struct {
	*source
	logs, flagSets map[string]bool
}

func (s *source) rewrites() []edit {
	logs := s.names("*transcript.Log")
	for name := range s.names("transcript.Actor") {
		logs[name] = true
	}
	r := rewriter{s, logs, s.names("*pflag.FlagSet")}
	var edits []edit
	ast.Inspect(s.tree, func(n ast.Node) bool {
		e, found := r.rewrite(n)
		edits = append(edits, e...)
		return !found
	})
	return edits
}

// isLog reports whether an expression is a log or an actor that has a name: out, or m.out.
func (r rewriter) isLog(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return r.logs[x.Name]
	case *ast.SelectorExpr:
		return r.logs[x.Sel.Name]
	}
	return false
}

// method is the name of the log's method that is called, and "" if it is another call.
func (r rewriter) method(n ast.Node) (name string, call *ast.CallExpr, on ast.Expr) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", nil, nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !r.isLog(sel.X) {
		return "", nil, nil
	}
	return sel.Sel.Name, call, sel.X
}

// rewrite returns the edits that a node needs as a whole; found is false if its parts are to be looked at.
func (r rewriter) rewrite(n ast.Node) (edits []edit, found bool) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return r.forgetActors(n)
	case *ast.IfStmt:
		if note := r.noteOfIf(n); note != nil {
			return []edit{r.comment(n, note)}, true
		}
	case *ast.ExprStmt:
		switch name, call, _ := r.method(n.X); name {
		case "Note":
			return []edit{r.comment(n, call)}, true
		case "Begin", "Progress":
			return []edit{r.remove(n.Pos(), n.End())}, true
		}
	case *ast.CallExpr:
		if name, _, on := r.method(n); name == "Actor" {
			return []edit{r.replace(n, r.of(on))}, true
		} else if name == "Rand" {
			return []edit{r.replace(n, "rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))")}, true
		}
		if text := r.flag(n); text != "" {
			return []edit{r.replace(n, text)}, true
		}
	case *ast.SelectorExpr:
		switch name := r.of(n); {
		case n.Sel.Name == "Sleep" && r.isLog(n.X):
			return []edit{r.replace(n, "sleep")}, true
		case name == "measure.Medians":
			return []edit{r.replace(n, "medians")}, true
		case name == "catalog.Usagef":
			return []edit{r.replace(n, "fmt.Errorf")}, true
		}
		if name, _, _ := r.method(n.X); name == "Rand" { // out.Rand().IntN is that of all goroutines
			return []edit{r.replace(n.X, "rand")}, true
		}
	}
	return nil, false
}

// forgetActors takes out the first variable of a block that is just another name of the log, as actors are without their names.
func (r rewriter) forgetActors(block *ast.BlockStmt) (edits []edit, found bool) {
	for _, stmt := range block.List {
		define, ok := stmt.(*ast.AssignStmt)
		if !ok || define.Tok != token.DEFINE || len(define.Lhs) != 1 || !r.isLog(define.Rhs[0]) {
			continue
		}
		name, log := define.Lhs[0].(*ast.Ident).Name, r.of(define.Rhs[0])
		edits = append(edits, r.remove(define.Pos(), define.End()))
		for _, use := range uses(block, name) {
			if use.Pos() > define.End() {
				edits = append(edits, r.replace(use, log))
			}
		}
		return edits, true
	}
	return nil, false
}

// uses are the identifiers of a name in a node, those behind a point and keys of composite literals left out.
func uses(in ast.Node, name string) (found []*ast.Ident) {
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = append(found, uses(n.X, name)...)
			return false
		case *ast.KeyValueExpr:
			found = append(found, uses(n.Value, name)...)
			return false
		case *ast.Ident:
			if n.Name == name {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// flag is a call that declares a flag, as package flag has it, or "".
func (r rewriter) flag(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok && r.flagSets[x.Name] {
		return "flag." + r.between(sel.Sel.Pos(), call.End())
	}
	parser := map[string]string{"catalog.Int": "strconv.Atoi", "catalog.Duration": "time.ParseDuration"}[r.of(sel)]
	if parser == "" || len(call.Args) != 6 {
		return ""
	}
	usage := call.Args[5]
	return fmt.Sprintf("ranged(%s, %s, %s)", r.between(call.Args[1].Pos(), call.Args[4].End()), parser, r.of(usage))
}

// types are the edits that give the log and its actors their new type.
func (s *source) types() (edits []edit) {
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && (s.of(x) == "*transcript.Log" || s.of(x) == "transcript.Actor") {
			edits = append(edits, s.replace(x, "*printer"))
			return false
		}
		return true
	})
	return edits
}

// packageComment is the comment of the program: the recipe's title, and what stands above its first declaration. For a bare form that is
// enough: its recipe's title may speak of processes, where it has goroutines.
func packageComment(title, text string, isForm bool) string {
	about := "// " + title + ".\n"
	s, err := parse(text)
	if err != nil || len(s.tree.Decls) < 2 {
		return about
	}
	imports := s.tree.Decls[0].End()
	for _, group := range s.tree.Comments {
		if group.Pos() > imports && !strings.HasPrefix(s.of(group), heading) {
			if s.docs()[group] {
				return about
			}
			if isForm {
				return s.of(group) + "\n"
			}
			return about + "//\n" + s.of(group) + "\n"
		}
	}
	return about
}

// docs are the comments that belong to a declaration.
func (s *source) docs() map[*ast.CommentGroup]bool {
	all := map[*ast.CommentGroup]bool{}
	for _, d := range s.tree.Decls {
		all[docOf(d)] = true
	}
	return all
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}
