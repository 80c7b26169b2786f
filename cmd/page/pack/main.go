// Program pack builds the program of package page, cmd/page, and puts it where that package embeds it: packed, with the file of Go's
// that starts it. The same sources and the same Go make the same bytes.
//
//	go run ./cmd/page/pack
//
// Recipes that need what a page lacks are left out, with all that only they import, and so are the sources and explanations of the
// others: an overlay of the build says so, and no source has to know of it.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// folder is where package page embeds what is built.
const folder = "internal/site/live/page/program"

func main() {
	size, packed, err := pack(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
	fmt.Printf("%s/cookbook.wasm.gz: %.1f MB, unpacked %.1f MB\n", folder, float64(packed)/1e6, float64(size)/1e6)
}

// pack builds the program into dir, and returns its size in bytes, before and after it is packed.
func pack(dir string) (size, packed int, err error) {
	tmp, err := os.MkdirTemp("", "cookbook-page-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(tmp)
	list, err := overlay(tmp)
	if err != nil {
		return 0, 0, err
	}
	program, err := build(tmp, list)
	if err != nil {
		return 0, 0, err
	}
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails only for a level that there is not
	if _, err := w.Write(program); err != nil {
		return 0, 0, err
	}
	if err := w.Close(); err != nil {
		return 0, 0, err
	}
	start, err := starter()
	if err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "wasm_exec.js"), start, 0o644); err != nil {
		return 0, 0, err
	}
	return len(program), out.Len(), os.WriteFile(filepath.Join(dir, "cookbook.wasm.gz"), out.Bytes(), 0o644)
}

// build builds the program with an overlay, and returns it.
func build(tmp string, replace map[string]string) ([]byte, error) {
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file, program := filepath.Join(tmp, "overlay.json"), filepath.Join(tmp, "cookbook.wasm")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-buildvcs=false", "-overlay", file, "-o", program, "./cmd/page")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return os.ReadFile(program)
}

// starter is the file that starts Go's programs in a page, of the Go that builds them.
func starter() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
}
