package bare

import (
	_ "embed"
	"fmt"
	"go/ast"
	"strings"
)

// parts are the functions and types that stand in place of the library.
//
//go:embed parts.txt
var parts string

// value finds the value of a recipe in its file, and the declaration of its variable.
func (s *source) value(id string) (*ast.GenDecl, *ast.CompositeLit, error) {
	for _, d := range s.tree.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || len(d.Specs) != 1 {
			continue
		}
		spec, ok := d.Specs[0].(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			continue
		}
		lit, ok := spec.Values[0].(*ast.CompositeLit)
		if !ok || s.of(lit.Type) != "catalog.Recipe" {
			continue
		}
		if v := field(lit, "ID"); v != nil && s.of(v) == `"`+id+`"` {
			return d, lit, nil
		}
	}
	return nil, nil, fmt.Errorf("it has no catalog.Recipe with the ID %s", id)
}

func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// startRecipe puts func main in place of the recipe's value.
func startRecipe(id, text string) (string, error) {
	s, err := parse(text)
	if err != nil {
		return "", err
	}
	decl, recipe, err := s.value(id)
	if err != nil {
		return "", err
	}
	declare, ok := field(recipe, "New").(*ast.FuncLit)
	if !ok {
		return "", fmt.Errorf("its field New is not a function in place")
	}
	stmts := declare.Body.List
	last, ok := stmts[len(stmts)-1].(*ast.ReturnStmt)
	if !ok || len(last.Results) != 1 {
		return "", fmt.Errorf("its New does not end with return func")
	}
	run, ok := last.Results[0].(*ast.FuncLit)
	if !ok {
		return "", fmt.Errorf("its New does not end with return func")
	}
	only, ok := run.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return "", fmt.Errorf("what its New returns does more than to call one function")
	}
	body := ""
	for _, stmt := range stmts[:len(stmts)-1] {
		body += "\t" + s.of(stmt) + "\n"
	}
	if body != "" {
		body += "\tflag.Parse()\n\n"
	}
	out, _ := s.apply([]edit{s.replace(decl, mainFunc(body, s.of(only.Results[0])))})
	return out, nil
}

// heading begins a comment that stands above several declarations.
const heading = "// # "

// mainFunc is func main: its first lines, and the call that runs all.
func mainFunc(body, call string) string {
	return "func main() {\n" + body + `	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once

	out := new(printer)
	if err := ` + call + `; err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
` + exitIfFailed + "}\n"
}

const exitIfFailed = `	if out.failed.Load() {
		os.Exit(1)
	}
`

// bareFunc returns the name of a recipe's bare form, which is the function that its value names, and the recipe's file without the
// value and without headings.
func bareFunc(id, text string) (name, rest string, err error) {
	s, err := parse(text)
	if err != nil {
		return "", "", err
	}
	decl, value, err := s.value(id)
	if err != nil {
		return "", "", err
	}
	function, ok := field(value, "Bare").(*ast.Ident)
	if !ok {
		return "", "", fmt.Errorf("its field Bare is not the name of a function")
	}
	edits := []edit{s.remove(begin(decl), decl.End())}
	for _, group := range s.tree.Comments {
		if strings.HasPrefix(s.of(group), heading) {
			edits = append(edits, s.remove(group.Pos(), group.End()))
		}
	}
	rest, _ = s.apply(edits)
	return function.Name, rest, nil
}

// simpleNames gives what is named somethingBare, since the recipe has the simple name, the simple name, if that means nothing else
// in the program. The function start is named run otherwise.
func simpleNames(body, start string) (string, error) {
	const header = "package main\n"
	s, err := parse(header + body)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			taken[id.Name] = true
		}
		return true
	})
	var edits []edit
	for name := range declared(s.tree) {
		simple, ok := strings.CutSuffix(name, "Bare")
		if name == start && (taken[simple] || isWord(simple)) {
			simple = "run"
		}
		if !ok || taken[simple] || isWord(simple) {
			continue
		}
		for _, use := range uses(s.tree, name) {
			edits = append(edits, s.replace(use, simple))
		}
		edits = append(edits, s.inComments(name, simple)...)
	}
	text, _ := s.apply(edits)
	return strings.TrimPrefix(text, header), nil
}
