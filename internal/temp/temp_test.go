package temp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func mustMake(t *testing.T) *Folder {
	t.Helper()
	f, err := Make("test")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAFolderIsPrivateAndIsRemovedWithAllThatIsInIt(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f := mustMake(t)
	if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != 0o700 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.MkdirAll(filepath.Join(f.Path, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Remove(); err != nil || isThere(f.Path) {
			t.Errorf("error %v; it is there: %v", err, isThere(f.Path))
		}
	}
}

// A process that was killed leaves its folder. A later one removes it, but not that of one that goes on or has just begun, and nothing
// that only has such a name.
func TestFoldersOfKilledProcessesAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	long := time.Now().Add(-time.Hour)
	aged := func(f *Folder) *Folder {
		if err := os.Chtimes(filepath.Join(f.Path, lockName), long, long); err != nil {
			t.Fatal(err)
		}
		return f
	}
	running, killed, young, unlocked, foreign := aged(mustMake(t)), aged(mustMake(t)), mustMake(t), mustMake(t), mustMake(t)
	for _, f := range []*Folder{killed, young, unlocked, foreign} {
		f.lock.Close() // as the end of its process does
	}
	for _, f := range []*Folder{unlocked, foreign} {
		if err := os.Remove(f.lock.Name()); err != nil {
			t.Fatal(err)
		}
	}
	mine := filepath.Join(foreign.Path, "thesis.txt")
	if err := errors.Join(os.WriteFile(filepath.Join(killed.Path, "left"), nil, 0o600), os.WriteFile(mine, nil, 0o600),
		os.Chtimes(foreign.Path, long, long), os.Chtimes(unlocked.Path, long, long)); err != nil {
		t.Fatal(err)
	}
	mustMake(t)
	for name, is := range map[string]struct {
		path string
		want bool
	}{
		"of a process that runs": {running.Path, true}, "of a killed one": {killed.Path, false}, "a new one": {young.Path, true},
		"an empty one without a lock": {unlocked.Path, false}, "what another has put there": {mine, true},
	} {
		if isThere(is.path) != is.want {
			t.Errorf("%s is there: %v, want %v", name, !is.want, is.want)
		}
	}
	if err := running.Remove(); err != nil {
		t.Error(err)
	}
}

func TestWithoutATemporaryFolderTheErrorSaysWhatToDo(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	if _, err := Make("test"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Error(err)
	}
}
