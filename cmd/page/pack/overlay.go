package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"cookbook/internal/site/live/page"
)

// overlay writes files into tmp that stand in place of sources, and returns which in place of which.
func overlay(tmp string) (map[string]string, error) {
	replace, err := withoutLacks(tmp)
	if err != nil {
		return nil, err
	}
	for _, number := range page.Chapters() {
		chapter := fmt.Sprintf("ch%d", number)
		dir := filepath.Join("recipes", chapter)
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		if len(sources) == 0 {
			return nil, fmt.Errorf("no sources in %s: start this program in the root of the sources", dir)
		}
		for _, name := range sources {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := standIn(name, chapter)
			if err != nil {
				return nil, err
			}
			if text == nil {
				continue
			}
			file := filepath.Join(tmp, chapter+"_"+filepath.Base(name))
			if err := os.WriteFile(file, text, 0o600); err != nil {
				return nil, err
			}
			replace[name] = file
			stem := strings.TrimSuffix(name, ".go")
			for _, other := range sources { // the bare form, the wrong programs and the like
				if strings.HasPrefix(other, stem+"_") && stem != filepath.Join(dir, chapter) {
					replace[other] = "" // it is not there
				}
			}
		}
	}
	return replace, nil
}

//go:embed standin
var standins embed.FS

// lacks are packages, or files of packages, for what a page does not have, and what stands in their place: it says so.
var lacks = map[string]string{
	"internal/process/*.go":        "process.go.txt",
	"internal/process/worker/*.go": "worker.go.txt",
	"internal/svg/file.go":         "svg.go.txt",
	"internal/gpu/cuda/*.go":       "cuda.go.txt",
	"internal/gpu/opencl/*.go":     "opencl.go.txt",
}

// withoutLacks replaces what a page lacks.
func withoutLacks(tmp string) (map[string]string, error) {
	replace := map[string]string{}
	for pattern, standin := range lacks {
		sources, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		if len(sources) == 0 {
			return nil, fmt.Errorf("there is no %s: start this program in the root of the sources; or see variable lacks", pattern)
		}
		for _, name := range sources {
			replace[name] = "" // it is not there
		}
		text, err := standins.ReadFile("standin/" + standin)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(tmp, strings.TrimSuffix(standin, ".txt"))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
		replace[filepath.Join(filepath.Dir(pattern), "standin.go")] = file
	}
	return replace, nil
}

// standIn returns what stands in the program of a page in place of a source; nil: the source itself.
func standIn(name, chapter string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if filepath.Base(name) == chapter+".go" {
		files := "*.txt"
		if chapter == "ch6" {
			files = "*.go *.txt" // its kernels are read from the sources when they run
		}
		return bytes.Replace(text, []byte("//go:embed *.go *.md *.py *.txt"), []byte("//go:embed "+files), 1), nil
	}
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		if v, id, needs := recipe(d); needs != nil {
			return lacking(files, chapter, v, id, needs)
		}
	}
	return nil, nil
}

// recipe returns the variable of a recipe that needs something, its id and its needs as they are written; nil for other declarations.
func recipe(d ast.Decl) (v string, id, needs ast.Expr) {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR || len(g.Specs) != 1 {
		return "", nil, nil
	}
	spec := g.Specs[0].(*ast.ValueSpec)
	if len(spec.Values) != 1 {
		return "", nil, nil
	}
	value, ok := spec.Values[0].(*ast.CompositeLit)
	if !ok {
		return "", nil, nil
	}
	if kind, ok := value.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Recipe" {
		return "", nil, nil
	}
	for _, e := range value.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch key, _ := pair.Key.(*ast.Ident); key.Name {
		case "ID":
			id = pair.Value
		case "Needs":
			needs = pair.Value
		}
	}
	return spec.Names[0].Name, id, needs
}

// lacking is the source of a recipe that has only its id and its needs: cmd/page says that a page has them not.
func lacking(files *token.FileSet, chapter, v string, id, needs ast.Expr) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\nimport \"cookbook/internal/catalog\"\n\nvar %s = catalog.Recipe{ID: ", chapter, v)
	if err := format.Node(&b, files, id); err != nil {
		return nil, err
	}
	b.WriteString(", Needs: ")
	if err := format.Node(&b, files, needs); err != nil {
		return nil, err
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}
