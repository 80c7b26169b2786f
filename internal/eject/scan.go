package eject

import (
	"go/ast"
	"go/token"
)

// scan finds what a declaration names. It has the parser's scopes and no types: a name that a scope inside the declaration declares is not
// a reference, and a method is what a selector calls by its name, whatever the type.
type scan struct {
	w         *world
	u         *unit
	selectors map[string]bool // of fields and methods, here or in an interface
	err       error
}

// scan fills the unit's references, and adds the names of the selectors in it.
func (w *world) scan(u *unit, selectors map[string]bool) error {
	s := &scan{w: w, u: u, selectors: selectors}
	u.imports = map[string]bool{}
	s.walk(u.node)
	return s.err
}

func (s *scan) walk(n ast.Node) {
	if n != nil {
		ast.Inspect(n, s.visit)
	}
}

func (s *scan) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv != nil {
			s.walk(n.Recv)
		}
		s.walk(n.Type)
		if n.Body != nil {
			s.walk(n.Body)
		}
		return false
	case *ast.TypeSpec:
		if n.TypeParams != nil {
			s.walk(n.TypeParams)
		}
		s.walk(n.Type)
		return false
	case *ast.ValueSpec:
		if n.Type != nil {
			s.walk(n.Type)
		}
		for _, v := range n.Values {
			s.walk(v)
		}
		return false
	case *ast.Field:
		s.walk(n.Type)
		return false
	case *ast.InterfaceType:
		for _, f := range n.Methods.List {
			for _, name := range f.Names {
				s.selectors[name.Name] = true
			}
		}
	case *ast.BranchStmt:
		return false
	case *ast.LabeledStmt:
		s.walk(n.Stmt)
		return false
	case *ast.CompositeLit:
		s.composite(n, n.Type, s.u.file)
		return false
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && s.outer(x) {
			if imported, ok := s.u.file.imports[x.Name]; ok {
				s.u.imports[x.Name] = true
				if folder, ok := folderOf(imported); ok {
					s.refer(folder, n.Sel.Name)
				}
				return false
			}
		}
		s.selectors[n.Sel.Name] = true
		s.walk(n.X)
		return false
	case *ast.Ident:
		if s.outer(n) {
			s.u.refs = append(s.u.refs, s.u.file.pkg.named[n.Name]...)
		}
	}
	return true
}

// outer reports whether no scope inside the declaration declares the name.
func (s *scan) outer(id *ast.Ident) bool {
	if id.Obj == nil {
		return true
	}
	for _, u := range s.u.file.pkg.named[id.Name] {
		switch at := id.Obj.Decl.(type) {
		case ast.Node:
			if at == u.node {
				return true
			}
			if u.group != nil && u.group.Tok == token.CONST && u.group.Pos() <= at.Pos() && at.Pos() < u.group.End() {
				return true
			}
		}
	}
	return false
}

func (s *scan) refer(folder, name string) {
	p, err := s.w.load(folder)
	if err != nil {
		s.err = err
	}
	if p != nil {
		s.u.refs = append(s.u.refs, p.named[name]...)
	}
}

// composite walks a composite literal whose type, perhaps that of an outer one's elements, stands in file f. The keys of a struct are
// fields, those of a map or an array are expressions.
func (s *scan) composite(lit *ast.CompositeLit, typ ast.Expr, f *file) {
	if lit.Type != nil {
		s.walk(lit.Type)
	}
	var key, elem ast.Expr
	keyed := false
	under, in := s.underlying(typ, f, 0)
	switch t := under.(type) {
	case *ast.MapType:
		key, elem, keyed = t.Key, t.Value, true
	case *ast.ArrayType:
		elem, keyed = t.Elt, true
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if _, isName := kv.Key.(*ast.Ident); keyed || !isName {
				s.element(kv.Key, key, in)
			}
			e = kv.Value
		}
		s.element(e, elem, in)
	}
}

func (s *scan) element(e, typ ast.Expr, f *file) {
	if lit, ok := e.(*ast.CompositeLit); ok {
		if lit.Type != nil {
			s.composite(lit, lit.Type, s.u.file)
		} else {
			s.composite(lit, typ, f)
		}
		return
	}
	s.walk(e)
}

// underlying follows a type's name to what it stands for; nil if that is not in the library.
func (s *scan) underlying(t ast.Expr, f *file, depth int) (ast.Expr, *file) {
	if depth > 10 {
		return nil, f
	}
	switch t := t.(type) {
	case *ast.StarExpr:
		return s.underlying(t.X, f, depth+1)
	case *ast.ParenExpr:
		return s.underlying(t.X, f, depth+1)
	case *ast.IndexExpr:
		return s.underlying(t.X, f, depth+1)
	case *ast.IndexListExpr:
		return s.underlying(t.X, f, depth+1)
	case *ast.Ident:
		if t.Obj != nil {
			if spec, ok := t.Obj.Decl.(*ast.TypeSpec); ok {
				return s.underlying(spec.Type, f, depth+1)
			}
			return nil, f
		}
		return s.declared(f.pkg, t.Name, f, depth)
	case *ast.SelectorExpr:
		x, ok := t.X.(*ast.Ident)
		if !ok {
			return nil, f
		}
		if folder, ok := folderOf(f.imports[x.Name]); ok {
			p, err := s.w.load(folder)
			if err != nil {
				s.err = err
			}
			if p != nil {
				return s.declared(p, t.Sel.Name, f, depth)
			}
		}
		return nil, f
	}
	return t, f
}

func (s *scan) declared(p *pkg, name string, f *file, depth int) (ast.Expr, *file) {
	for _, u := range p.named[name] {
		if spec, ok := u.node.(*ast.TypeSpec); ok {
			return s.underlying(spec.Type, u.file, depth+1)
		}
	}
	return nil, f
}
