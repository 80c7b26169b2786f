package bare

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
)

// isWord reports whether a name means something to the language already.
func isWord(name string) bool { return token.IsKeyword(name) || doc.IsPredeclared(name) }

// declared are the names that a file declares at its top, and which declaration each is in. Methods are not among them.
func declared(tree *ast.File) map[string]ast.Decl {
	all := map[string]ast.Decl{}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				all[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					all[spec.Name.Name] = d
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						all[name.Name] = d
					}
				}
			}
		}
	}
	return all
}

// inComments are the edits that put another name in place of one in the comments.
func (s *source) inComments(name, other string) (edits []edit) {
	for _, group := range s.tree.Comments {
		if text := s.of(group); strings.Contains(text, name) {
			edits = append(edits, s.replace(group, strings.ReplaceAll(text, name, other)))
		}
	}
	return edits
}

// trim puts the declarations of several files behind each other, those left out that main does not reach, and returns them with the
// imports that they use.
func trim(texts []string) (body, imports string, err error) {
	paths := map[string]string{}
	for _, text := range texts {
		s, err := parse(text)
		if err != nil {
			return "", "", err
		}
		for _, spec := range s.tree.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return "", "", err
			}
			name := packageName(p)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if paths[name] == "" {
				paths[name] = p
			}
		}
		body += s.text[s.at(s.firstDecl()):] + "\n"
	}
	for _, p := range []string{"context", "flag", "math/rand/v2", "os/signal", "strconv", "time"} { // which the new lines use
		if name := packageName(p); paths[name] == "" {
			paths[name] = p
		}
	}
	s, err := parse("package main\n\n" + body)
	if err != nil {
		return "", "", err
	}
	uses := s.meanings()
	live := s.live(uses)
	body = s.only(live)
	used, err := s.imports(live, uses, paths)
	return body, used, err
}

func packageName(p string) string {
	if name := path.Base(p); name != "v2" {
		return name
	}
	return path.Base(path.Dir(p))
}

// firstDecl is where the first declaration that is not an import begins, with its comment or the heading above it. What stands above
// that is the comment of the file.
func (s *source) firstDecl() token.Pos {
	for _, d := range s.tree.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			continue
		}
		at := begin(d)
		for _, group := range s.tree.Comments {
			if strings.HasPrefix(s.of(group), heading) && group.End() < at {
				at = group.Pos()
				break
			}
		}
		return at
	}
	return s.tree.FileEnd
}

func begin(d ast.Decl) token.Pos {
	if doc := docOf(d); doc != nil {
		return doc.Pos()
	}
	return d.Pos()
}

// meanings are what the identifiers of a file mean. The file has no imports, so the names of packages mean nothing, and what their
// types are does not matter.
func (s *source) meanings() map[*ast.Ident]types.Object {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}}
	config.Check("main", s.set, []*ast.File{s.tree}, info)
	return info.Uses
}

// live are the declarations that main reaches. A method is reached if its type is, and its name stands behind a point.
func (s *source) live(uses map[*ast.Ident]types.Object) map[ast.Decl]bool {
	names, live, called := declared(s.tree), map[ast.Decl]bool{}, map[string]bool{"Error": true, "String": true, "Unwrap": true, "Is": true}
	var reach func(d ast.Decl)
	reach = func(d ast.Decl) {
		if d == nil || live[d] {
			return
		}
		live[d] = true
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				called[n.Sel.Name] = true
			case *ast.Ident:
				if used := uses[n]; used != nil && used.Pkg() != nil && used.Parent() == used.Pkg().Scope() {
					reach(names[n.Name])
				}
			}
			return true
		})
	}
	reach(names["main"])
	for before := -1; before < len(live); {
		before = len(live)
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && called[f.Name.Name] && live[names[receiver(f)]] {
				reach(f)
			}
		}
	}
	return live
}

// receiver is the name of a method's type.
func receiver(f *ast.FuncDecl) (name string) {
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

// only is the text of the live declarations. A heading loses its mark, and goes if nothing is left below it.
func (s *source) only(live map[ast.Decl]bool) string {
	var edits []edit
	headings := map[*ast.CommentGroup]bool{}
	for _, group := range s.tree.Comments {
		if strings.HasPrefix(s.of(group), heading) {
			headings[group] = false
		}
	}
	for _, d := range s.tree.Decls {
		if !live[d] {
			edits = append(edits, s.remove(begin(d), d.End()))
		} else if above := lastBefore(headings, begin(d)); above != nil {
			headings[above] = true
		}
	}
	for group, used := range headings {
		if used {
			edits = append(edits, s.replace(group, "// "+strings.TrimPrefix(s.of(group), heading)))
		} else {
			edits = append(edits, s.remove(group.Pos(), group.End()))
		}
	}
	text, _ := s.apply(edits)
	_, text, _ = strings.Cut(text, "\n")
	return text
}

func lastBefore(groups map[*ast.CommentGroup]bool, p token.Pos) (last *ast.CommentGroup) {
	for group := range groups {
		if group.Pos() < p && (last == nil || group.Pos() > last.Pos()) {
			last = group
		}
	}
	return last
}

// imports are the import declaration of the live declarations. An error names what of the library is left in them.
func (s *source) imports(live map[ast.Decl]bool, uses map[*ast.Ident]types.Object, paths map[string]string) (string, error) {
	names := map[string]string{} // by path
	for d := range live {
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && uses[x] == nil && paths[x.Name] != "" {
					names[paths[x.Name]] = x.Name
				}
			}
			return true
		})
	}
	var std, others []string
	for p := range names {
		spec := strconv.Quote(p)
		if name := names[p]; name != packageName(p) {
			spec = name + " " + spec
		}
		switch {
		case strings.HasPrefix(p, "cookbook/") || p == flags:
			return "", fmt.Errorf("there is no other form for what it uses of %s", p)
		case within(p, xsync):
			others = append(others, spec)
		default:
			std = append(std, spec)
		}
	}
	slices.Sort(std)
	slices.Sort(others)
	if others != nil {
		others = append([]string{""}, others...)
	}
	return "import (\n" + strings.Join(append(std, others...), "\n") + "\n)\n", nil
}
