package main

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
)

// build builds the judges around a mutant, with the race detector if the judge is that. Nothing is written into the repository: the compiler is told which files to read others
// for, and which to leave out.
func build(ctx context.Context, m *mutant, dir, judge string) (binary string, err error) {
	instead := map[string]string{} // by the file: the one that is read
	put := func(file, text string) error {
		from, err := filepath.Abs(filepath.FromSlash(file))
		if err != nil || text == "" {
			instead[from] = ""
			return err
		}
		to := filepath.Join(dir, fmt.Sprintf("%s%d.go", judge, len(instead)))
		instead[from] = to
		return os.WriteFile(to, []byte(text), 0o600)
	}
	for file, text := range m.sources() {
		if err := put(file, text); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": instead})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, judge+"overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, judge+"judge.exe")
	args := []string{"build", "-overlay", overlay, "-ldflags", "-s -w", "-o", binary}
	if judge == race {
		args = append(args, "-race")
	}
	_, err = goTool(ctx, ".", append(args, "./mutants/judge")...)
	return binary, err
}

// sources are the files that are not as they stand: that of the mutant, the list of its chapter and that of the judge, which have
// no other recipe, and the other recipes' files, which are left out ("").
func (m *mutant) sources() map[string]string {
	p := m.file.pkg
	chapter, stem, _ := strings.Cut(m.Recipe, ".")
	texts := map[string]string{m.File: string(m.text()), "mutants/judge/chapters.go": fmt.Sprintf(`package main

import (
	"cookbook/internal/catalog"
	"%s"
)

var chapters = []*catalog.Chapter{&%s.Chapter}
`, p.path, chapter)}
	for _, name := range p.names {
		own, _, _ := strings.Cut(strings.TrimSuffix(name, ".go"), "_")
		switch {
		case name == chapter+".go":
			texts[p.dir+"/"+name] = p.files[name].listing(m.file.recipe())
		case own != stem:
			texts[p.dir+"/"+name] = ""
		}
	}
	return texts
}

// recipe is the variable of the recipe in its file.
func (f *file) recipe() (name string) {
	for _, decl := range f.syntax.Decls {
		decl, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if ok && len(v.Values) == 1 && strings.HasPrefix(f.text(v.Values[0]), "catalog.Recipe{") {
				name = v.Names[0].Name
			}
		}
	}
	return name
}

// listing is the file of a chapter's list, with one recipe in it.
func (f *file) listing(recipe string) string {
	text := string(f.src)
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		field, ok := n.(*ast.KeyValueExpr)
		if ok && f.text(field.Key) == "Recipes" {
			text = text[:f.offset(field.Value.Pos())] + "[]*catalog.Recipe{&" + recipe + "}" + text[f.offset(field.Value.End()):]
			return false
		}
		return true
	})
	return text
}
