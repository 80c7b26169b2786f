package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Files are the files of a folder and below, by path with slashes, as one look has found them.
type Files map[string]stamp

// stamp is what changes when a file is saved.
type stamp struct {
	size int64
	time time.Time
}

// Look finds the .go, .txt and .mod files of a folder and below, without those that are hidden, temporary, an editor's backups, or in a
// folder testdata. A file that goes meanwhile is not found.
func Look(dir string) (Files, error) {
	all := Files{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return fmt.Errorf("%s cannot be watched: %w", dir, err)
		case err != nil:
			return nil // it has just gone, or cannot be read, which the build will say
		case d.IsDir() && name != "." && (passed(d.Name()) || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || passed(d.Name()) || !slices.Contains([]string{".go", ".txt", ".mod"}, path.Ext(name)):
			return nil
		}
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))) // of what a link leads to
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && info.Mode().IsRegular() {
			all[name] = stamp{info.Size(), info.ModTime()}
		}
		return nil
	})
	return all, err
}

// passed reports whether a name is that of something hidden, temporary, or a backup.
func passed(name string) bool {
	return strings.ContainsAny(name[:1], "._#~") || strings.HasSuffix(name, "~")
}

func (s stamp) equal(other stamp) bool { return s.size == other.size && s.time.Equal(other.time) }

func (f Files) equal(other Files) bool { return maps.EqualFunc(f, other, stamp.equal) }

// Newest is the file that was saved last of those that are meant, "" if there is none. Of files of one time it is the first by name.
func (f Files) Newest(meant func(name string) bool) string {
	last := ""
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if meant(name) && (last == "" || f[name].time.After(f[last].time)) {
			last = name
		}
	}
	return last
}

// since is the file that was saved last since an earlier look, or one that has gone; "" if nothing has changed.
func (f Files) since(before Files) string {
	last := f.Newest(func(name string) bool {
		was, ok := before[name]
		return !ok || !was.equal(f[name])
	})
	if last == "" {
		last = before.Newest(func(name string) bool { _, ok := f[name]; return !ok })
	}
	return last
}
