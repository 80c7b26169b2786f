// Package eject makes a module of its own of a recipe: its file, the declarations of the library that it reaches, a short main, and its
// promise as a test. The library's source comes with the program, so this works without a network and without a clone.
//
// What a recipe reaches is found from the parser's trees alone. A declaration is live if a live one names it; a method is live if its type
// is, and if live code has a selector or an interface with a method of that name. The rest is cut, with its comments.
package eject

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"cookbook/internal/catalog"
	"cookbook/internal/folder"
)

// File is one file of a module.
type File = folder.File

// Options say how a module is made.
type Options struct {
	Module string            // its name; "": example.com/ and the stem of the recipe
	Wrong  string            // which of the recipe's wrong programs it runs if it is not told otherwise; "": the recipe
	Keep   []string          // packages of the library that stay whole in what they export: internal/threading
	Main   func(Main) []byte // writes main.go; nil: [Main.Text]
}

// filesVar is the variable with the embedded files: main.go declares it, where a chapter does.
const filesVar = "files"

// Module returns the files of a recipe as a module, sorted by their paths.
func Module(e catalog.Entry, o Options) ([]File, error) {
	if o.Module == "" {
		o.Module = moduleName(e)
	}
	lib, err := openLibrary()
	if err != nil {
		return nil, err
	}
	w := &world{lib: lib, fset: token.NewFileSet(), packages: map[string]*pkg{}}
	m, err := w.recipe(e)
	if err != nil {
		return nil, err
	}
	m.Module, m.Wrong = o.Module, o.Wrong
	if err := w.roots(m, o.Keep); err != nil {
		return nil, err
	}
	if err := w.reach(); err != nil {
		return nil, err
	}
	return w.files(e, m, o)
}

// moduleName is what a recipe's module is called if nothing else is said. A single word could be a package of the standard library.
func moduleName(e catalog.Entry) string { return "example.com/" + e.Stem() }

// recipe parses the recipe's package, and marks its own files.
func (w *world) recipe(e catalog.Entry) (Main, error) {
	p := &pkg{named: map[string][]*unit{}}
	w.packages[""] = p
	names, err := fs.Glob(e.Chapter.Files, "*.go")
	if err != nil {
		return Main{}, err
	}
	m := Main{Entry: e}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(e.Chapter.Files, name)
		if err != nil {
			return Main{}, err
		}
		f, err := w.parse(p, name, text)
		if err != nil {
			return Main{}, err
		}
		if name == e.FileName(catalog.Source) || name == e.FileName(catalog.WrongSource) || name == e.FileName(catalog.BareSource) {
			f.whole, f.live, p.live = true, true, true
			if m.Variable == "" {
				m.Variable = recipeVariable(f, e.ID)
			}
		}
	}
	if m.Variable == "" {
		return Main{}, fmt.Errorf("%s: no variable with ID: %q in %s", e.ID, e.ID, e.FileName(catalog.Source))
	}
	return m, nil
}

// recipeVariable is the name of the variable whose literal has the id.
func recipeVariable(f *file, id string) string {
	for _, u := range f.units {
		spec, ok := u.node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			continue
		}
		lit, ok := spec.Values[0].(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				key, isName := kv.Key.(*ast.Ident)
				value, isText := kv.Value.(*ast.BasicLit)
				if isName && key.Name == "ID" && isText && value.Value == strconv.Quote(id) {
					return u.names[0]
				}
			}
		}
	}
	return ""
}

// roots marks what main.go and main_test.go name, and what the packages to keep export.
func (w *world) roots(m Main, keep []string) error {
	type root struct {
		folder string
		names  []string
	}
	roots := []root{{"internal/alone", []string{"Program"}}, {"internal/alone/alonetest", []string{"Hold"}}}
	if m.Entry.Device {
		roots = append(roots, root{"internal/gpu", []string{"Named"}})
	}
	for _, root := range roots {
		p, err := w.load(root.folder)
		if err != nil {
			return err
		}
		if p == nil {
			return fmt.Errorf("the library in this program lacks %s", root.folder)
		}
		for _, name := range root.names {
			for _, u := range p.named[name] {
				w.mark(u)
			}
			for _, u := range p.units {
				if u.recv == name && ast.IsExported(u.method()) {
					w.mark(u)
				}
			}
		}
	}
	for _, folder := range keep {
		p, err := w.load(folder)
		if err != nil {
			return err
		}
		if p == nil {
			return fmt.Errorf("the library in this program lacks %s", folder)
		}
		for _, u := range p.units {
			if slices.ContainsFunc(u.names, ast.IsExported) && (u.recv == "" || ast.IsExported(u.recv)) {
				w.mark(u)
			}
		}
	}
	return nil
}

// sorted are the packages in the order of their folders.
func (w *world) sorted() []*pkg {
	var all []*pkg
	for _, folder := range slices.Sorted(maps.Keys(w.packages)) {
		all = append(all, w.packages[folder])
	}
	return all
}

// starts marks what main has to call so that this program's processes can serve, and says what that is.
func (w *world) serves(m *Main) error {
	for _, folder := range []string{"internal/process", "internal/process/worker"} {
		if p := w.packages[folder]; p != nil && p.live {
			for _, u := range p.named["Main"] {
				w.mark(u)
			}
			m.Serves = folder
			break
		}
	}
	return w.reach()
}

// files are what the module consists of.
func (w *world) files(e catalog.Entry, m Main, o Options) ([]File, error) {
	if err := w.serves(&m); err != nil {
		return nil, err
	}
	var all []File
	external := map[string]bool{}
	for _, p := range w.sorted() {
		if !p.live {
			continue
		}
		for _, f := range p.files {
			text, err := w.text(f, o.Module)
			if err != nil {
				return nil, err
			}
			if text == nil {
				continue
			}
			all = append(all, File{Path: path.Join(p.folder, f.name), Text: text})
			if p.folder == "" {
				m.sources = append(m.sources, f.name)
				m.UsesFiles = m.UsesFiles || f.names(filesVar)
			}
			for name := range f.used() {
				if imported := f.imports[name]; w.lib.external[imported] != nil {
					external[imported] = true
				}
			}
		}
	}
	main := m.Text()
	if o.Main != nil {
		main = o.Main(m)
	}
	all = append(all, File{Path: "main.go", Text: main}, File{Path: "main_test.go", Text: m.testText()})
	for _, ending := range []string{catalog.Promise, catalog.Twin} {
		text, err := e.File(ending)
		if err != nil {
			return nil, err
		}
		all = append(all, File{Path: e.FileName(ending), Text: text})
	}
	explanation, err := e.File(catalog.Explanation)
	if err != nil {
		return nil, err
	}
	all = append(all, File{Path: "README.md", Text: m.readme(explanation)})
	all = append(all, w.lib.moduleFiles(o.Module, slices.Sorted(maps.Keys(external)))...)
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// names reports whether a live declaration of the file has the name as a reference outside its own scopes.
func (f *file) names(name string) bool {
	for _, u := range f.units {
		for _, r := range u.refs {
			if (u.live || f.whole) && r.file.pkg == f.pkg && r.recv == "" && slices.Contains(r.names, name) {
				return true
			}
		}
	}
	return false
}
