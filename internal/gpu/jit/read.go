package jit

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"path"
	"strconv"

	"cookbook/internal/gpu/driver"
)

// program is what was read: the kernels, and the functions that they call, each behind those that it calls itself.
type program struct {
	set       *token.FileSet
	file      *ast.File
	info      *types.Info
	imports   map[string]string // of the file, by the names that it uses
	functions []*function
	kernels   []*function // in the order in which they were asked for
}

// function is a kernel or a function that a kernel calls.
type function struct {
	*program
	decl   *ast.FuncDecl
	object *types.Func
	kernel bool
	info   driver.KernelInfo // of a kernel
	result *types.Basic      // of another function

	vars   map[types.Object]*variable
	names  map[string]int // of variables in C, by how often they are taken
	loops  map[*ast.RangeStmt]*threadLoop
	stores []store
	wide   bool // it computes with float64: writing it finds out
}

// read finds the kernels of a file and checks them and all that they use.
func read(file string, source []byte, kernels []string) *program {
	p := &program{set: token.NewFileSet(), imports: map[string]string{}}
	parsed, err := parser.ParseFile(p.set, file, source, parser.SkipObjectResolution)
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		at := list[0].Pos
		panic(refusal{&driver.BuildError{Pos: path.Base(at.Filename) + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column), Message: list[0].Msg}})
	} else if err != nil {
		panic(refusal{&driver.BuildError{Pos: path.Base(file), Message: err.Error()}})
	}
	p.file = parsed
	decls := declarations(parsed)
	for _, name := range kernels {
		if f, ok := decls[name].(*ast.FuncDecl); !ok || f.Body == nil {
			panic(refusal{&driver.BuildError{Pos: path.Base(file), Message: "there is no function " + name + " in the file; a kernel is a function, not a method or a closure"}})
		}
	}
	errs := p.check(parsed, decls, kernels)
	p.order(decls, kernels, errs)
	for _, f := range p.functions {
		f.analyse()
	}
	return p
}

// declarations returns what a file declares, without methods, by name.
func declarations(file *ast.File) map[string]ast.Node {
	all := map[string]ast.Node{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				all[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, n := range s.Names {
						all[n.Name] = d
					}
				case *ast.TypeSpec:
					all[s.Name.Name] = d
				}
			}
		}
	}
	return all
}

// check finds the types of the kernels and of all declarations whose names occur in them. Some of these may be others of the same
// name, so the errors are returned, by position, and count only where a kernel gets there.
func (p *program) check(file *ast.File, decls map[string]ast.Node, kernels []string) (errs []types.Error) {
	wanted := map[ast.Node]bool{}
	var want func(n ast.Node)
	want = func(n ast.Node) {
		if n == nil || wanted[n] {
			return
		}
		wanted[n] = true
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				want(decls[id.Name])
			}
			return true
		})
	}
	for _, name := range kernels {
		want(decls[name])
	}
	part := &ast.File{Name: file.Name, Package: file.Package}
	imports := &ast.GenDecl{Tok: token.IMPORT, TokPos: file.Package, Lparen: file.Package}
	add := func(spec *ast.ImportSpec) {
		imports.Specs = append(imports.Specs, spec)
		part.Imports = append(part.Imports, spec)
	}
	for _, s := range file.Imports {
		name, _ := strconv.Unquote(s.Path.Value)
		as := path.Base(name)
		if s.Name != nil {
			as = s.Name.Name
		}
		p.imports[as] = name
		if stubName(name) != "" && as != "_" {
			add(&ast.ImportSpec{Path: s.Path, Name: &ast.Ident{NamePos: s.Path.ValuePos, Name: as}})
		}
	}
	if stubName(file.Name.Name) == "gpu" { // the file is of package gpu itself
		add(&ast.ImportSpec{Path: &ast.BasicLit{ValuePos: file.Package, Kind: token.STRING, Value: `"gpu"`}, Name: &ast.Ident{NamePos: file.Package, Name: "."}})
	}
	part.Decls = append(part.Decls, imports)
	for _, d := range file.Decls {
		if wanted[d] {
			part.Decls = append(part.Decls, d)
		}
	}
	p.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{},
	}
	config := types.Config{Importer: stubs(), Sizes: sizes(), DisableUnusedImportCheck: true, Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) {
			errs = append(errs, e)
		}
	}}
	config.Check(file.Name.Name, p.set, []*ast.File{part}, p.info) // Error has all that it returns
	return errs
}

// order lists the functions that the kernels call, and refuses what is wrong in them.
func (p *program) order(decls map[string]ast.Node, kernels []string, errs []types.Error) {
	const begun, done = 1, 2
	state := map[*ast.FuncDecl]int{}
	asked := map[string]bool{}
	for _, k := range kernels {
		asked[k] = true
	}
	byName := map[string]*function{}
	var visit func(d *ast.FuncDecl)
	visit = func(d *ast.FuncDecl) {
		state[d] = begun
		f := &function{program: p, decl: d, kernel: asked[d.Name.Name]}
		f.object, _ = p.info.Defs[d.Name].(*types.Func)
		p.refuse(d, errs)
		ast.Inspect(d.Body, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			callee, ok := p.info.Uses[id].(*types.Func)
			if !ok || decls[callee.Name()] == nil {
				return true
			}
			next, ok := decls[callee.Name()].(*ast.FuncDecl)
			switch {
			case !ok || p.info.Defs[next.Name] != callee:
			case asked[next.Name.Name]:
				p.fail(id.Pos(), "%s is a kernel: a kernel is launched, not called", id.Name)
			case state[next] == begun:
				p.fail(id.Pos(), "%s calls itself: devices have no recursion; write a loop", id.Name)
			case state[next] == 0:
				visit(next)
			}
			return true
		})
		state[d] = done
		p.functions = append(p.functions, f)
		byName[d.Name.Name] = f
	}
	for _, name := range kernels {
		d := decls[name].(*ast.FuncDecl)
		if state[d] == 0 {
			visit(d)
		}
		p.kernels = append(p.kernels, byName[name])
	}
}
