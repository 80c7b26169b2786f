package svg

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// files returns the names in a folder.
func files(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestSaveReplacesAnOlderPicture(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "a.svg")
	for _, title := range []string{"first", "second"} {
		if err := New(10, 10, title, "").Save(name); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), title) {
			t.Errorf("%v: got %s", err, b)
		}
	}
	if got := files(t, folder); got != "a.svg" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestASaveThatFailsChangesNothing(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "a.svg")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := New(10, 10, "bad", "")
	bad.Begin("", "")
	if err := bad.Save(name); err == nil {
		t.Error("half a picture was saved")
	}
	if b, _ := os.ReadFile(name); string(b) != "old" {
		t.Errorf("the older picture is now %q", b)
	}

	// The new file is written, and cannot get the name: a folder has taken it since CheckFile looked.
	if err := os.MkdirAll(filepath.Join(folder, "b.svg", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := replace(filepath.Join(folder, "b.svg"), []byte("new")); err == nil {
		t.Error("a picture has replaced a folder")
	}
	if got := files(t, folder); got != "a.svg b.svg" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestSaveReplacesALinkAndNotItsTarget(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "precious"), filepath.Join(folder, "a.svg")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := New(10, 10, "a", "").Save(link); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(target); string(b) != "old" {
		t.Errorf("what the link led to is now %q", b)
	}
	if info, err := os.Lstat(link); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the name is now %v, %v", info.Mode(), err)
	}
}

func TestABadNameIsAnsweredByAGoodOne(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "x.svg"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"":        "name a .svg file, as in picture.svg",
		"x":       "name a .svg file, as in x.svg",
		"a/x.png": "name a .svg file, as in a/x.svg",
		"a/":      "name a .svg file, as in a/picture.svg",
		filepath.Join(folder, "nowhere", "x.svg"): "there is no folder " + filepath.Join(folder, "nowhere"),
		filepath.Join(folder, "x.svg"):            "is not a file",
	} {
		if err := CheckFile(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
		if err := New(10, 10, "a", "").Save(name); err == nil {
			t.Errorf("%q: saved", name)
		}
	}
	if err := CheckFile(filepath.Join(folder, "X.SVG")); err != nil {
		t.Error(err)
	}
}

func TestANameThatCannotBeWrittenIsToldBeforeTheWork(t *testing.T) {
	folder := t.TempDir()
	if err := os.Symlink(folder, filepath.Join(folder, "link.svg")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"link.svg", strings.Repeat("n", 300) + ".svg", "a\x00b.svg"} {
		if err := CheckFile(filepath.Join(folder, name)); err == nil {
			t.Errorf("%.20q is taken", name)
		}
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("CheckFile left %v behind", left)
	}
}

func TestAPictureKeepsTheModeOfTheOneBefore(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	name := filepath.Join(t.TempDir(), "a.svg")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(10, 10, "t", "a").Save(name); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}
