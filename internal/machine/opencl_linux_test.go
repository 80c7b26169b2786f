package machine

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// With real folders: links are followed, a path may begin at the current folder, and a pipe that nobody writes to is not waited for.
func TestOpenCLPlatformsInRealFolders(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("vendors", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"mine.so": "/proc/self/exe", "vendors/mine.icd": "../elsewhere"} {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, pipe := range []string{"pipe", "pipe.icd", "pipe.so"} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("loader", ocl)
	write("elsewhere", "mine.so\n")
	write("piped.icd", "./pipe.so\n")
	for where, want := range map[string]string{
		"vendors":                   "mine |",
		folder + "/vendors":         "mine |",
		"vendors/mine.icd":          "mine |",
		folder + "/vendors/no.icd":  " | no " + folder + "/vendors/no.icd",
		"pipe":                      " | OCL_ICD_VENDORS names pipe, which is not there",
		"./pipe":                    " | OCL_ICD_VENDORS names ./pipe, which cannot be read",
		"pipe.icd":                  " | pipe.icd cannot be read",
		"piped.icd":                 " | piped names ./pipe.so, which cannot be read",
		strings.Repeat("long", 999): " | OCL_ICD_VENDORS names " + strings.Repeat("long", 999) + ", which is not there",
	} {
		env := map[string]string{"OCL_ICD_VENDORS": where, "LD_LIBRARY_PATH": folder}
		if where == "pipe" {
			env["LD_LIBRARY_PATH"] = ""
		}
		found, broken := New(func(name string) string { return env[name] }).platforms(filepath.Join(folder, "loader"))
		got := strings.TrimSpace(strings.Join(found, ", ") + " | " + strings.Join(broken, "; "))
		if got != strings.TrimSpace(want) {
			t.Errorf("%s: got %q, want %q", where, got, want)
		}
	}
}
