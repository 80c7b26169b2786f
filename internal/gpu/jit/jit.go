// Package jit translates kernels written in Go to the languages of devices.
package jit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"

	"cookbook/internal/gpu/driver"
)

// Unit is kernels of one file, read and checked.
type Unit struct {
	name    string
	kernels []driver.KernelInfo
}

// Read reads the kernels of a file, and the functions that they call. An error has the position of what cannot be translated: it is
// a *driver.BuildError.
func Read(file string, source []byte, kernels []string) (*Unit, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	u := &Unit{name: file}
	for _, name := range kernels {
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != name {
				continue
			}
			info := driver.KernelInfo{Name: name, Dims: 3}
			for _, group := range f.Type.Params.List[1:] {
				p := driver.Param{Elem: types(group.Type)}
				if a, ok := group.Type.(*ast.ArrayType); ok {
					p.Slice, p.Elem, p.Write = true, types(a.Elt), true
				}
				for _, n := range group.Names {
					p.Name = n.Name
					info.Params = append(info.Params, p)
				}
			}
			u.kernels = append(u.kernels, info)
		}
	}
	if len(u.kernels) != len(kernels) {
		return nil, fmt.Errorf("%s: not all of %v are there", file, kernels)
	}
	return u, nil
}

func types(e ast.Expr) reflect.Type {
	name, _ := e.(*ast.Ident)
	if name == nil {
		return nil
	}
	for _, t := range []any{false, int(0), int8(0), int16(0), int32(0), int64(0), uint8(0), uint16(0), uint32(0), uint64(0), float32(0), float64(0)} {
		if reflect.TypeOf(t).String() == name.Name {
			return reflect.TypeOf(t)
		}
	}
	return nil
}

// Name returns the file's name.
func (u *Unit) Name() string { return u.name }

// Kernels describes the kernels, in the order in which they were asked for; Run is nil.
func (u *Unit) Kernels() []driver.KernelInfo { return append([]driver.KernelInfo(nil), u.kernels...) }

// Source returns the kernels in a device's language, and for each of its lines, from 0, FILE:LINE of the Go source or "".
func (u *Unit) Source(language driver.Language) (source string, lines []string, err error) {
	return "", nil, fmt.Errorf("%s: %w: there is no translation to %s yet", u.name, driver.ErrUnsupported, language)
}
