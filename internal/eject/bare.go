package eject

import (
	"fmt"
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
		imported := strings.Trim(spec.Path.Value, `"`)
		if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
			continue // of the standard library
		}
		if lib.external[imported] == nil {
			return nil, fmt.Errorf("%s imports %s, which the library in this program does not know: it is older than the recipe", e.ID, imported)
		}
		external = append(external, imported)
	}
	return append([]File{{Path: "main.go", Text: text}}, lib.moduleFiles(module, external)...), nil
}
