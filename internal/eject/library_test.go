package eject

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"flag"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "pack the library anew, into library.zip")

// begin are the packages of the library that modules may reach: what recipes import is added to them, and what those import.
var begin = []string{"internal/alone", "internal/alone/alonetest", "internal/watch", "internal/explore", "internal/explore/apart"}

// repository is the folder of the whole repository, seen from this package.
const repository = "../.."

// TestTheLibraryIsCurrent compares what library.zip holds with the sources, or packs it.
func TestTheLibraryIsCurrent(t *testing.T) {
	sources, external := librarySources(t)
	if *update {
		sources[modulesFile] = modules(t, external)
		if err := os.WriteFile("library.zip", pack(t, sources), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	r, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	const stale = "library.zip is older than the sources; type: make sources\n%s"
	var known []string
	for _, f := range r.File {
		text, err := readFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == modulesFile {
			known = slices.Sorted(maps.Keys(parseModules(string(text))))
			continue
		}
		if want, ok := sources[f.Name]; !ok || string(want) != string(text) {
			t.Fatalf(stale, f.Name)
		}
		delete(sources, f.Name)
	}
	for name := range sources {
		t.Fatalf(stale, name)
	}
	if want := slices.Sorted(maps.Keys(external)); !slices.Equal(known, want) {
		t.Errorf(stale, fmt.Sprintf("packages of other modules: %v, and now %v", known, want))
	}
	// What other modules need is held by the versions in go.mod.
	ours, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := openLibrary()
	if err != nil {
		t.Fatal(err)
	}
	for p, e := range lib.external {
		for _, r := range e.requires {
			if !strings.Contains(string(ours), "\t"+r+"\n") && !strings.Contains(string(ours), "\t"+r+" // indirect\n") {
				t.Errorf(stale, fmt.Sprintf("%s needs %s, which is not in go.mod", p, r))
			}
		}
	}
}

func TestTheLibraryCostsAtMostAMegabyte(t *testing.T) {
	if len(archive) > 1<<20 {
		t.Errorf("%d bytes", len(archive))
	}
}

// In a module of another name such a text would name nothing.
func TestTheLibraryNamesThisModuleInImportsAlone(t *testing.T) {
	sources, _ := librarySources(t)
	for name, text := range sources {
		if path.Ext(name) != ".go" {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if n.Kind == token.STRING && strings.Contains(n.Value, home+"/") {
					t.Errorf("%s: %s: ask reflect for the path of a package, or do without it", set.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
	}
}

// librarySources are the files of the library by their names in the archive, and the packages of other modules that they import.
func librarySources(t *testing.T) (sources map[string][]byte, external map[string]bool) {
	t.Helper()
	sources, external = map[string][]byte{}, map[string]bool{}
	ours, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(ours)) {
		if strings.HasPrefix(line, "go ") {
			sources[goFile] = []byte(line)
		}
	}
	chapters, err := filepath.Glob(repository + "/recipes/ch*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	next := slices.Clone(begin)
	follow := func(imports []string) {
		for _, imported := range imports {
			if folder, ok := folderOf(imported); ok {
				next = append(next, folder)
			} else if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
				external[imported] = true
			}
		}
	}
	for _, name := range chapters {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		follow(importsOf(t, name, text))
	}
	seen := map[string]bool{}
	for len(next) > 0 {
		folder := next[0]
		next = next[1:]
		if seen[folder] {
			continue
		}
		seen[folder] = true
		names, err := filepath.Glob(filepath.Join(repository, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 0 {
			t.Errorf("no Go files in %s", folder)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") || !inLibrary(t, name, text) {
				continue
			}
			sources[path.Join(folder, filepath.Base(name))] = text
			follow(importsOf(t, name, text))
		}
	}
	return sources, external
}

func importsOf(t *testing.T, name string, text []byte) (imports []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range tree.Imports {
		imports = append(imports, strings.Trim(spec.Path.Value, `"`))
	}
	return imports
}

// inLibrary reports whether a file can be built without the tags mpi and cuda, whose C libraries a module does not have.
func inLibrary(t *testing.T, name string, text []byte) bool {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		if !constraint.IsGoBuild(line) {
			if strings.HasPrefix(line, "package ") {
				break
			}
			continue
		}
		x, err := constraint.Parse(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		never := func(tag string) bool { return tag == "mpi" || tag == "cuda" }
		return x.Eval(func(tag string) bool { return !never(tag) }) || x.Eval(func(tag string) bool { return false }) || !mentions(x, never)
	}
	return true
}

func mentions(x constraint.Expr, is func(tag string) bool) (found bool) {
	x.Eval(func(tag string) bool { found = found || is(tag); return true })
	x.Eval(func(tag string) bool { found = found || is(tag); return false })
	return found
}

// pack makes an archive that depends on its files alone.
func pack(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// modules asks go mod tidy what a module needs that imports one package, for each of the packages, with the versions of ours.
func modules(t *testing.T, external map[string]bool) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range slices.Sorted(maps.Keys(external)) {
		dir := t.TempDir()
		for _, name := range []string{"go.mod", "go.sum"} {
			text, err := os.ReadFile(filepath.Join(repository, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte("package p\n\nimport _ \""+p+"\"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		goCommand(t, dir, "mod", "edit", "-droptool", "honnef.co/go/tools/cmd/staticcheck")
		goCommand(t, dir, "mod", "tidy")
		name := strings.TrimSpace(goCommand(t, dir, "list", "-find", "-e", "-f", "{{.Name}}", p))
		fmt.Fprintf(&b, "package %s %s\n", p, name)
		for line := range strings.Lines(goCommand(t, dir, "mod", "edit", "-print")) {
			words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
			if len(words) >= 2 && strings.HasPrefix(words[1], "v") {
				fmt.Fprintf(&b, "require %s %s\n", words[0], words[1])
			}
		}
		sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(sums)) {
			b.WriteString("sum " + line)
		}
	}
	return b.Bytes()
}

func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, err.(*exec.ExitError).Stderr)
	}
	return string(out)
}
