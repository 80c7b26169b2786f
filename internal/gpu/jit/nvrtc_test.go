package jit_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/gpu/cuda"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/gpu/jit"
)

// TestNVRTCCompilesTheKernelsOfTheRecipes needs NVIDIA's compiler, which needs no device; see .ci/nvrtc.
func TestNVRTCCompilesTheKernelsOfTheRecipes(t *testing.T) {
	files, err := filepath.Glob("../../../recipes/ch6/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kernels := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, kernel := range kernelsOf(t, source) {
			if kernel == "words" { // which ch6.jit has to show a refusal
				continue
			}
			unit, err := jit.Read(filepath.Base(name), source, []string{kernel})
			if err != nil {
				t.Fatal(err)
			}
			kernels++
			text, _, err := unit.Source(driver.CUDAC)
			if err != nil {
				t.Fatal(err)
			}
			for _, arch := range []string{"compute_60", "compute_90"} {
				_, log, err := cuda.Compile(text, arch)
				if errors.Is(err, driver.ErrUnsupported) && !slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), "nvrtc") {
					t.Skip(err)
				}
				if err != nil {
					t.Errorf("%s, kernel %s, for %s: %v\n%s", filepath.Base(name), kernel, arch, err, log)
				}
			}
		}
	}
	if t.Logf("%d kernels", kernels); kernels == 0 {
		t.Error("no kernels found")
	}
}

// kernelsOf returns the names of a file's kernels: functions whose first parameter is a *gpu.Block.
func kernelsOf(t *testing.T, source []byte) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Type.Params.NumFields() == 0 {
			continue
		}
		if star, ok := f.Type.Params.List[0].Type.(*ast.StarExpr); ok {
			if s, ok := star.X.(*ast.SelectorExpr); ok && s.Sel.Name == "Block" {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
