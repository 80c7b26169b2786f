// Package cudatest has stand-ins for the libraries of CUDA, which run on the processor, so that package cuda can be tested where there
// is no such device: the driver is strict where the real one is, NVRTC lets g++ compile the kernels.
//
// A process uses them if the environment variable LD_LIBRARY_PATH names their folder from its start; see [Build] and [Run].
package cudatest

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/gpu/dl"
)

//go:embed testdata
var sources embed.FS

// Variable names the folder of the stand-ins to a process that [Run] has started.
const Variable = "COOKBOOK_CUDA_STANDIN"

// libraries are what is built, in this order: a file of C, and the libraries that it becomes.
var libraries = [...]struct {
	source string
	names  []string
}{
	{"cuda.c", []string{"libcuda.so.1"}},
	{"nvrtc.c", []string{"libnvrtc.so.12"}},
	{"libraries.c", []string{"libcublas.so.12", "libcufft.so.11", "libcurand.so.10"}},
}

// Build makes the stand-ins in a folder, but for those that without names. It takes a second or two, and gcc; kernels take g++.
func Build(folder string, without ...string) error {
	if err := os.CopyFS(folder, sources); err != nil {
		return err
	}
	files := filepath.Join(folder, "testdata")
	if err := os.Rename(filepath.Join(files, "kernel.h"), filepath.Join(folder, "kernel.h")); err != nil {
		return err
	}
	for _, l := range libraries {
		for _, name := range l.names {
			if slices.Contains(without, name) {
				continue
			}
			args := []string{"-std=gnu11", "-O3", "-shared", "-fPIC", "-pthread", "-Wl,-soname," + name, filepath.Join(files, l.source), "-o", filepath.Join(folder, name)}
			if l.source == "libraries.c" {
				args = append(args, "-L"+folder, "-l:libcuda.so.1", "-lm")
			}
			if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
				return fmt.Errorf("gcc %s: %w\n%s", l.source, err, out)
			}
		}
	}
	return nil
}

// Run runs those tests of the same binary whose names match the pattern with the stand-ins, but for some libraries, and fails if one
// of them does or skips itself. Where gcc or g++ is missing the test is skipped, or fails if COOKBOOK_TEST_REQUIRE names cuda-fake.
func Run(t *testing.T, pattern string, without ...string) {
	t.Helper()
	if _, err := dl.Open(dl.Self); errors.Is(err, dl.ErrNone) {
		t.Skip(err)
	}
	for _, compiler := range []string{"gcc", "g++"} {
		if _, err := exec.LookPath(compiler); err != nil {
			if slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), "cuda-fake") {
				t.Fatalf("COOKBOOK_TEST_REQUIRE names cuda-fake, but %v", err)
			}
			t.Skip(err)
		}
	}
	folder := t.TempDir()
	if err := Build(folder, without...); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+pattern, "-test.v", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+folder, Variable+"="+folder, "COOKBOOK_NVRTC=", "CUDA_HOME=", "CUDA_PATH=")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: ") || strings.Contains(string(out), "--- SKIP: ") {
		t.Fatalf("with the stand-ins: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}
