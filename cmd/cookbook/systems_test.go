package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// All packages and their tests are right for systems that are not this one: the types are checked in the source, which takes seconds. To
// compile as much, with all that it imports, takes a minute for each.
func TestTheSourceIsRightForOtherSystems(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for system, flags := range map[string][]string{
		"windows/amd64": nil, "darwin/arm64": nil, "freebsd/amd64": nil, "js/wasm": nil, "linux/amd64": {"-tags=static"}, // without what loads libraries
	} {
		t.Run(system, func(t *testing.T) {
			goos, goarch, _ := strings.Cut(system, "/")
			all, err := packages.Load(&packages.Config{
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax,
				Env:  append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0"),
				Dir:  root, Tests: true, BuildFlags: flags,
				ParseFile: func(set *token.FileSet, name string, text []byte) (*ast.File, error) {
					file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
					if !strings.HasPrefix(name, root+string(filepath.Separator)) {
						withoutBodies(file)
					}
					return file, err
				},
			}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if len(all) < 100 {
				t.Fatalf("only %d packages", len(all))
			}
			for _, p := range all {
				if strings.HasSuffix(p.ID, ".test") {
					continue // the main package of tests, which go makes
				}
				for _, e := range p.Errors {
					t.Error(e)
				}
			}
		})
	}
}

// withoutBodies leaves of the functions of a file their types: what they do is not ours.
func withoutBodies(file *ast.File) {
	if file == nil {
		return
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
}
