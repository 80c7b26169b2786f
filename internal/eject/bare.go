package eject

import (
	"go/parser"
	"go/token"
	"strings"

	"cookbook/internal/bare"
	"cookbook/internal/catalog"
)

// Bare returns the files of a recipe without the library: main.go, go.mod, and go.sum if it imports golang.org/x/sync. The error is a
// *[bare.NeedsError] if the recipe cannot do without.
func Bare(e catalog.Entry, module string) ([]File, error) {
	if module == "" {
		module = moduleName(e)
	}
	text, err := bare.Main(e)
	if err != nil {
		return nil, err
	}
	lib, err := openLibrary()
	if err != nil {
		return nil, err
	}
	tree, err := parser.ParseFile(token.NewFileSet(), "main.go", text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var external []string
	for _, spec := range tree.Imports {
		if imported := strings.Trim(spec.Path.Value, `"`); lib.external[imported] != nil {
			external = append(external, imported)
		}
	}
	return append([]File{{"main.go", text}}, lib.moduleFiles(module, external)...), nil
}
