package eject

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// world is the packages that a module may take something of. A package is parsed when something first names it.
type world struct {
	lib      *library
	fset     *token.FileSet
	packages map[string]*pkg // by the folder in the module; "" is the recipe's own
}

// pkg is a package as its parser's trees show it. Files for other systems are treated alike, so a name may have several declarations.
type pkg struct {
	folder string
	files  []*file
	named  map[string][]*unit // declarations at package level
	units  []*unit
	live   bool
}

// file is one source file.
type file struct {
	pkg     *pkg
	name    string
	text    []byte
	tree    *ast.File
	units   []*unit
	imports map[string]string // names to import paths
	whole   bool              // it stays as it is
	live    bool
}

// unit is what is kept or cut as a whole: a function, a method, one line of a group of types or variables, a group of constants.
type unit struct {
	file  *file
	node  ast.Node // *ast.FuncDecl, *ast.GenDecl or one of its specs
	group *ast.GenDecl
	names []string
	recv  string // the type of a method
	live  bool

	refs    []*unit         // what it names at package level
	imports map[string]bool // names of imports that it uses
}

// method is the name of a method, "" for anything else.
func (u *unit) method() string {
	if u.recv == "" {
		return ""
	}
	return u.names[0]
}

// load returns the package of a folder, nil if it is not one of the library.
func (w *world) load(folder string) (*pkg, error) {
	if p, ok := w.packages[folder]; ok || w.lib.folders[folder] == nil {
		return p, nil
	}
	p := &pkg{folder: folder, named: map[string][]*unit{}}
	w.packages[folder] = p
	for _, f := range w.lib.folders[folder] {
		text, err := readFile(f)
		if err != nil {
			return nil, err
		}
		if _, err := w.parse(p, path.Base(f.Name), text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (w *world) parse(p *pkg, name string, text []byte) (*file, error) {
	tree, err := parser.ParseFile(w.fset, path.Join(p.folder, name), text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("a source in this program: %w", err)
	}
	f := &file{pkg: p, name: name, text: text, tree: tree, imports: map[string]string{}}
	p.files = append(p.files, f)
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		f.imports[w.nameOf(spec, imported)] = imported
	}
	for _, d := range tree.Decls {
		f.addDecl(d)
	}
	f.whole = embedsItself(f)
	return f, nil
}

// nameOf is the name by which a file knows what it imports.
func (w *world) nameOf(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if e := w.lib.external[imported]; e != nil && e.name != "" {
		return e.name
	}
	name := path.Base(imported)
	if version, ok := strings.CutPrefix(name, "v"); ok && strings.Trim(version, "0123456789") == "" {
		return path.Base(path.Dir(imported))
	}
	return name
}

func (f *file) addDecl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		u := &unit{node: d, names: []string{d.Name.Name}}
		if d.Recv != nil && len(d.Recv.List) == 1 {
			u.recv = baseName(d.Recv.List[0].Type)
		}
		f.add(u)
	case *ast.GenDecl:
		switch d.Tok {
		case token.CONST:
			u := &unit{node: d, group: d}
			for _, s := range d.Specs {
				for _, name := range s.(*ast.ValueSpec).Names {
					u.names = append(u.names, name.Name)
				}
			}
			f.add(u)
		case token.VAR:
			for _, s := range d.Specs {
				u := &unit{node: s, group: d}
				for _, name := range s.(*ast.ValueSpec).Names {
					u.names = append(u.names, name.Name)
				}
				f.add(u)
			}
		case token.TYPE:
			for _, s := range d.Specs {
				f.add(&unit{node: s, group: d, names: []string{s.(*ast.TypeSpec).Name.Name}})
			}
		}
	}
}

func (f *file) add(u *unit) {
	u.file = f
	f.units = append(f.units, u)
	f.pkg.units = append(f.pkg.units, u)
	if u.recv != "" {
		return
	}
	for _, name := range u.names {
		if name != "_" && name != "init" {
			f.pkg.named[name] = append(f.pkg.named[name], u)
		}
	}
}

// baseName is the name of the type of a receiver, such as Queue of *Queue[T].
func baseName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return baseName(t.X)
	case *ast.ParenExpr:
		return baseName(t.X)
	case *ast.IndexExpr:
		return baseName(t.X)
	case *ast.IndexListExpr:
		return baseName(t.X)
	}
	return ""
}

// embedsItself reports whether the file reads its own text when it runs.
func embedsItself(f *file) bool {
	for _, group := range f.tree.Comments {
		for _, c := range group.List {
			if names, ok := strings.CutPrefix(c.Text, "//go:embed "); ok && slices.Contains(strings.Fields(names), f.name) {
				return true
			}
		}
	}
	return false
}

// folderOf is the folder of an imported package of the library; ok is false for others.
func folderOf(imported string) (folder string, ok bool) { return strings.CutPrefix(imported, home+"/") }
