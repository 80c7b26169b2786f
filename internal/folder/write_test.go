package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var small = []File{{"go.mod", []byte("module m\n")}, {"internal/a/a.go", []byte("package a\n")}}

// names are the entries of a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteMakesTheFolderAndThoseAbove(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "a", "b", "m")
	if err := Write(dir, small, false); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "internal", "a", "a.go")); err != nil || string(got) != "package a\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := names(t, filepath.Dir(dir)); !slices.Equal(got, []string{"m"}) {
		t.Errorf("beside it: %q", got)
	}
}

// It is still the same folder: a shell may stand in it, or a link lead to it.
func TestWriteFillsAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(link, small, false); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(dir); err != nil || !os.SameFile(before, after) {
		t.Errorf("another folder is in its place: %v", err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"go.mod", "internal"}) {
		t.Errorf("got %q", got)
	}
	if got, err := os.Readlink(link); err != nil || got != dir {
		t.Errorf("the link leads to %s, %v", got, err)
	}
}

func TestWriteLeavesAFolderThatIsNotEmpty(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "m")
	mine := []File{{"go.mod", []byte("mine")}, {"notes.txt", []byte("mine")}}
	if err := Write(dir, mine, false); err != nil {
		t.Fatal(err)
	}
	var full *NotEmptyError
	if err := Write(dir, small, false); !errors.As(err, &full) || full.First != "go.mod" {
		t.Fatalf("got %v", err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"go.mod", "notes.txt"}) {
		t.Errorf("got %q", got)
	}
	if err := Write(dir, small, true); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"go.mod", "internal", "notes.txt"}) {
		t.Errorf("with force: %q", got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || string(got) != "module m\n" {
		t.Errorf("with force: %q, %v", got, err)
	}
}

// A file cannot be written below another file, as it cannot on a disk that is full.
func TestWriteThatFailsLeavesNothing(t *testing.T) {
	top := t.TempDir()
	bad := append(slices.Clone(small), File{"go.mod/x", nil})
	if err := Write(filepath.Join(top, "new", "m"), bad, false); err == nil {
		t.Error("no error")
	}
	if got := names(t, top); got != nil {
		t.Errorf("left: %q", got)
	}
	if err := os.WriteFile(filepath.Join(top, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"file", "file/m"} {
		if err := Write(filepath.Join(top, dir), small, false); err == nil {
			t.Errorf("%s: no error", dir)
		}
	}
	if got := names(t, top); !slices.Equal(got, []string{"file"}) {
		t.Errorf("left: %q", got)
	}
}

// What is overwritten is overwritten as a whole, or not at all.
func TestWriteOverAFolderChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, []File{{"go.mod", []byte("mine")}, {"internal/a/a.go/deep", nil}}, false); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, small, true); err == nil {
		t.Error("a file was put in the place of a folder")
	}
	if got, err := os.ReadFile(filepath.Join(dir, "go.mod")); err != nil || string(got) != "mine" {
		t.Errorf("go.mod holds %q, %v", got, err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"go.mod", "internal"}) {
		t.Errorf("left: %q", got)
	}
}

// It needs no right to write beside the folder.
func TestWriteFillsAFolderOfItsOwnInOneThatIsNot(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("root may write anywhere, and Windows has no such rights")
	}
	above := t.TempDir()
	dir := filepath.Join(above, "mine")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(above, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(above, 0o700)
	if err := Write(dir, small, false); err != nil {
		t.Error(err)
	}
}
