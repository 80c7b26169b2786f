package main

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A pkg is a package with its types, so that what a name stands for is known.
type pkg struct {
	path, dir string
	fset      *token.FileSet
	names     []string // of its files, in order
	files     map[string]*file
	info      *types.Info
	imports   types.Importer
}

// A file is one of the package's files.
type file struct {
	pkg    *pkg
	name   string // lock.go
	src    []byte
	syntax *ast.File
}

// loader loads packages. What they import has been compiled by go list.
type loader struct {
	root   string
	export map[string]string // file of compiled code, by path of the package
}

// newLoader compiles what the packages at these patterns import.
func newLoader(ctx context.Context, root string, patterns ...string) (*loader, error) {
	l := &loader{root: root, export: map[string]string{}}
	out, err := goTool(ctx, root, append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, patterns...)...)
	for line := range strings.Lines(string(out)) {
		if path, export, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			l.export[path] = export
		}
	}
	return l, err
}

// load reads and checks the package in a folder of the repository.
func (l *loader) load(ctx context.Context, dir string) (*pkg, error) {
	out, err := goTool(ctx, l.root, "list", "-f", "{{.ImportPath}}\n{{join .GoFiles \"\\n\"}}", "./"+dir)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(out))
	src := map[string][]byte{}
	for _, name := range names[1:] {
		if src[name], err = os.ReadFile(filepath.Join(l.root, filepath.FromSlash(dir), name)); err != nil {
			return nil, err
		}
	}
	return l.parse(names[0], dir, src)
}

// parse checks a package that is given as the text of its files.
func (l *loader) parse(path, dir string, src map[string][]byte) (*pkg, error) {
	p := &pkg{path: path, dir: dir, fset: token.NewFileSet(), files: map[string]*file{}}
	p.imports = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
		if l.export[path] == "" {
			return nil, fmt.Errorf("%s is not among what was compiled", path)
		}
		return os.Open(l.export[path])
	})
	for name, text := range src {
		p.names = append(p.names, name)
		syntax, err := parser.ParseFile(p.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.files[name] = &file{p, name, text, syntax}
	}
	slices.Sort(p.names)
	p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}}
	return p, p.check(p.info, nil)
}

// check reports whether the package compiles, with another file in the place of one of that name.
func (p *pkg) check(info *types.Info, instead *ast.File) error {
	var all []*ast.File
	for _, name := range p.names {
		syntax := p.files[name].syntax
		if instead != nil && p.fset.File(instead.Pos()).Name() == name {
			syntax = instead
		}
		all = append(all, syntax)
	}
	config := types.Config{Importer: p.imports}
	_, err := config.Check(p.path, p.fset, all, info)
	return err
}

// compiles reports whether the package compiles if this file has another text.
func (f *file) compiles(text []byte) bool {
	syntax, err := parser.ParseFile(f.pkg.fset, f.name, text, parser.SkipObjectResolution)
	return err == nil && f.pkg.check(nil, syntax) == nil
}

// text is the source of a node.
func (f *file) text(n ast.Node) string { return f.between(n.Pos(), n.End()) }

func (f *file) between(from, to token.Pos) string { return string(f.src[f.offset(from):f.offset(to)]) }

func (f *file) offset(p token.Pos) int { return f.pkg.fset.Position(p).Offset }

// lineOf is the number of the line at an offset, from 1, and its text without what is around it.
func lineOf(src []byte, offset int) (number int, text string) {
	begin := bytes.LastIndexByte(src[:offset], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	return 1 + bytes.Count(src[:begin], []byte("\n")), strings.TrimSpace(string(src[begin:end]))
}
