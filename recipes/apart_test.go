package recipes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A reader of a recipe need not open another one, and a recipe can be taken out of its chapter: no file of a chapter uses what another
// one declares. What several need is in a library.
func TestNoRecipeUsesAnother(t *testing.T) {
	folders, err := filepath.Glob("ch[0-9]")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		declared, files := map[string]string{}, map[string]*ast.File{}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == folder+".go" {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = f
			for thing := range f.Scope.Objects {
				declared[thing] = name
			}
		}
		for name, f := range files {
			for _, use := range f.Unresolved {
				if other, ok := declared[use.Name]; ok && stem(other) != stem(name) {
					t.Errorf("%s uses %s of %s", name, use.Name, other)
				}
			}
		}
	}
}

// stem is a file's name without what says for which system it is.
func stem(name string) string {
	name = strings.TrimSuffix(filepath.Base(name), ".go")
	name, _, _ = strings.Cut(name, "_")
	return name
}
