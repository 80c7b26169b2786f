// Package machinetest makes programs that stand for others in tests: an interpreter, mpirun, another cookbook. Only tests import it.
package machinetest

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Script writes a program for /bin/sh and returns its path.
func Script(t *testing.T, name, body string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fake programs are shell scripts")
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// Python writes an interpreter that says that it is of that version and has those modules ("numpy":true); run is what it does
// with a script.
func Python(t *testing.T, version, has, run string) string {
	t.Helper()
	major, minor, _ := strings.Cut(version, ".")
	minor, _, _ = strings.Cut(minor, ".")
	return Script(t, "python3", `case "$2" in
pass) exit 0;;
*sys.executable*) echo noise; echo '{"path":"","version":"`+version+`","major":`+major+`,"minor":`+minor+`,"gil":false,"has":{`+has+`}}'; exit 0;;
esac
`+run)
}
