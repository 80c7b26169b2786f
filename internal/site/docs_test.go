package site

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is said to be documented at pkg.go.dev is a name of that package.
func TestTheNamesOfGoAreThere(t *testing.T) {
	names := map[string][]string{} // by package
	for key, url := range readDocs() {
		place, ok := strings.CutPrefix(url, "https://pkg.go.dev/")
		if (key[0] == inGo) != ok {
			t.Errorf("%s of %s is documented at %s", key[1], key[0], url)
		}
		if pkg, name, found := strings.Cut(place, "#"); ok && found {
			names[pkg] = append(names[pkg], name)
		} else if ok {
			names[pkg] = append(names[pkg], "")
		}
	}
	args := []string{"list", "-f", "{{.ImportPath}} {{.Dir}}"}
	for pkg := range names {
		args = append(args, pkg)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := 0
	for line := range strings.Lines(string(out)) {
		pkg, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		declared := declarations(t, dir)
		found++
		for _, name := range names[pkg] {
			if name != "" && !declared[name] {
				t.Errorf("%s has no %s", pkg, name)
			}
		}
	}
	if found != len(names) {
		t.Errorf("go list knows %d of %d packages", found, len(names))
	}
}

// declarations are the names at package level, methods and fields as Type.Name.
func declarations(t *testing.T, dir string) map[string]bool {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				name := n.Name.Name
				if n.Recv != nil {
					of := n.Recv.List[0].Type
					if star, ok := of.(*ast.StarExpr); ok {
						of = star.X
					}
					if id, ok := of.(*ast.Ident); ok {
						name = id.Name + "." + name
					}
				}
				all[name] = true
				return false
			case *ast.TypeSpec:
				all[n.Name.Name] = true
				if s, ok := n.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						for _, id := range f.Names {
							all[n.Name.Name+"."+id.Name] = true
						}
					}
				}
			case *ast.ValueSpec:
				for _, id := range n.Names {
					all[id.Name] = true
				}
			}
			return true
		})
	}
	return all
}

func TestANameLeadsToItsDocumentation(t *testing.T) {
	d := readDocs()
	for _, tt := range []struct{ code, side, want string }{
		{"threading.Lock", inPython, "https://docs.python.org/3/library/threading.html#threading.Lock"},
		{"threading.Lock(timeout=1)", inPython, "https://docs.python.org/3/library/threading.html#threading.Lock"},
		{"threading.Lock", inGo, ""},     // a package here
		{"threading.Lock", "", ""},       // it may be either
		{"threading.Lock", "remark", ""}, // and so here
		{"sync.Mutex", inGo, "https://pkg.go.dev/sync#Mutex"},
		{"sync.Mutex", "", "https://pkg.go.dev/sync#Mutex"},
		{"sync.Mutex", inPython, ""},
		{"sync.WaitGroup.Go", inGo, "https://pkg.go.dev/sync#WaitGroup.Go"},
		{"asyncio.gather(f(), g())", inPython, ""}, // more than the name
		{"time.Sleep(time.Second)", inGo, "https://pkg.go.dev/time#Sleep"},
		{"multiprocessing.Pool", inPython, "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool"},
		{"no such name", "", ""},
	} {
		if got := d.of(tt.code, tt.side); got != tt.want {
			t.Errorf("%s of %q: got %q, want %q", tt.code, tt.side, got, tt.want)
		}
	}
}
