// Package expr computes expressions and assignments of Go, given as text, for many elements at once: what package gpu makes kernels
// of for the cpu device, where nothing can be compiled. Text for other devices is translated by package jit instead.
//
// The text is checked as Go's compiler would, with go/types. It becomes a tree of functions that each do one operation for a chunk of
// some hundred elements, so that what the tree costs does not count. Every operation is rounded on its own, as in Go on amd64.
package expr

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"cookbook/internal/gpu/driver"
)

// Chunk is how many elements an operation computes at a time.
const Chunk = 1024

// Error is a text that cannot be computed.
type Error struct {
	Text    string // all of it
	Column  int    // the byte at which the fault is, from 1; 0: not known
	Message string
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%q: %s", e.Text, e.Message)
	}
	return fmt.Sprintf("%q, column %d: %s", e.Text, e.Column, e.Message)
}

// Is makes an Error a [driver.ErrBuild].
func (e *Error) Is(target error) bool { return target == driver.ErrBuild }

// Params reads parameters, written as those of a Go function: "a float32, x, y []float32".
func Params(text string) ([]driver.Param, error) {
	const before = "package p; func f("
	fail := func(column int, format string, args ...any) ([]driver.Param, error) {
		return nil, &Error{text, column, fmt.Sprintf(format, args...)}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", before+text+") {}", parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return fail(0, "these are no parameters of a function, as in a float32, x, y []float32")
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok || f.Type.Results != nil || f.Type.TypeParams != nil {
		return fail(0, "these are no parameters of a function, as in a float32, x, y []float32")
	}
	var params []driver.Param
	seen := map[string]bool{"i": true}
	for _, group := range f.Type.Params.List {
		column := int(group.Type.Pos()) - len(before)
		p := driver.Param{}
		of := group.Type
		if a, ok := of.(*ast.ArrayType); ok && a.Len == nil {
			p.Slice, of = true, a.Elt
		}
		name, ok := of.(*ast.Ident)
		if ok {
			p.Elem = kinds()[name.Name]
		}
		if p.Elem == nil {
			return fail(column, "a parameter is a number or a slice of numbers, such as float32, []float32, int32")
		}
		if len(group.Names) == 0 {
			return fail(column, "every parameter has a name")
		}
		for _, n := range group.Names {
			if Reserved(n.Name) {
				return fail(int(n.Pos())-len(before), "the name %s means something already", n.Name)
			}
			if seen[n.Name] || n.Name == "_" {
				return fail(int(n.Pos())-len(before), "the name %s is taken: i is the index of the element, and every name stands once", n.Name)
			}
			seen[n.Name] = true
			p.Name = n.Name
			params = append(params, p)
		}
	}
	return params, nil
}

// Reserved reports whether a name has a meaning in what the text becomes a part of.
func Reserved(name string) bool {
	return name == "math" || name == "gpu" || strings.HasSuffix(name, "__") || types.Universe.Lookup(name) != nil
}

// kinds are the numbers that there are, by their names.
func kinds() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, v := range []any{int(0), int8(0), int16(0), int32(0), int64(0), uint8(0), uint16(0), uint32(0), uint64(0), float32(0), float64(0)} {
		t := reflect.TypeOf(v)
		all[t.String()] = t
	}
	all["byte"] = all["uint8"]
	return all
}

// checked is a text that Go's compiler would take.
type checked struct {
	text   string
	offset int // of the text in what was parsed
	body   []ast.Stmt
	info   *types.Info
}

// check parses and type-checks statements, which see params and i. Extra is declared before them: what else they see.
func check(params []driver.Param, extra, text string) (*checked, error) {
	if strings.ContainsRune(text, '`') {
		return nil, &Error{text, 0, "a text in it cannot be computed"}
	}
	var list []string
	for _, p := range params {
		slice := ""
		if p.Slice {
			slice = "[]"
		}
		list = append(list, p.Name+" "+slice+p.Elem.String())
	}
	before := "package p\nimport \"math\"\nvar _ = math.Pi\nfunc f(i int, " + strings.Join(list, ", ") + ") {\n" + extra
	set := token.NewFileSet()
	c := &checked{text: text, offset: len(before)}
	file, err := parser.ParseFile(set, "", before+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil, &Error{text, 0, "it is no Go: " + message(err)}
	}
	if len(file.Decls) != 3 {
		return nil, &Error{text, 0, "it is more than statements"}
	}
	c.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	var first error
	config := types.Config{Importer: importer{}, Sizes: &types.StdSizes{WordSize: 8, MaxAlign: 8}, Error: func(err error) {
		if t, ok := err.(types.Error); ok && first == nil {
			first = c.fail(t.Pos, "%s", t.Msg)
		}
	}}
	if config.Check("p", set, []*ast.File{file}, c.info); first != nil {
		return nil, first
	}
	c.body = file.Decls[2].(*ast.FuncDecl).Body.List
	return c, nil
}

// message returns what a parser says, without where.
func message(err error) string {
	text := err.Error()
	if i := strings.Index(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if i := strings.Index(text, " (and "); i >= 0 {
		text = text[:i]
	}
	return text
}

// fail returns an error at a place of the text.
func (c *checked) fail(at token.Pos, format string, args ...any) error {
	column := int(at) - c.offset
	if column < 1 || column > len(c.text)+1 {
		column = 0
	}
	return &Error{c.text, column, fmt.Sprintf(format, args...)}
}

// importer knows the part of package math that is computed here.
type importer struct{}

func (importer) Import(name string) (*types.Package, error) {
	if name != "math" {
		return nil, fmt.Errorf("package %s cannot be used here", name)
	}
	p := types.NewPackage("math", "math")
	f64 := types.Typ[types.Float64]
	v := func() *types.Var { return types.NewParam(token.NoPos, p, "", f64) }
	for name := range functions() {
		params := types.NewTuple(v())
		if name == "Pow" {
			params = types.NewTuple(v(), v())
		}
		if name == "FMA" {
			params = types.NewTuple(v(), v(), v())
		}
		p.Scope().Insert(types.NewFunc(token.NoPos, p, name, types.NewSignatureType(nil, nil, nil, params, types.NewTuple(v()), false)))
	}
	for name, value := range constants() {
		p.Scope().Insert(types.NewConst(token.NoPos, p, name, types.Typ[types.UntypedFloat], value))
	}
	p.MarkComplete()
	return p, nil
}
