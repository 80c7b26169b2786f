// Package temp makes folders that are removed even if the process that has made them is killed: the next one that makes a folder does it.
package temp

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	prefix   = "cookbook-"
	lockName = ".lock"
)

// A Folder belongs to this process: nobody else can read it, and its lock is held. It has to be removed.
type Folder struct {
	Path string
	lock *os.File
}

// Make makes an empty folder, but for a file whose name begins with a dot, among the temporary files of the system, and removes those of
// processes that were killed more than a minute ago. The kind is part of its name. The error says what to do.
func Make(kind string) (*Folder, error) {
	removeAbandoned()
	path, err := os.MkdirTemp("", prefix+kind+"-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("make a folder for temporary files: %w; let TMPDIR name one that can be written", err)
	}
	f, err := os.OpenFile(filepath.Join(path, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("make a folder for temporary files: %w", err)
	}
	_, _ = Lock(f) // a file system without locks has none that are free, so nobody takes the folder for abandoned
	return &Folder{path, f}, nil
}

// Remove removes the folder with all that is in it, the lock last: if this process is killed meanwhile, the rest is still known to be
// nobody's. More removing changes nothing.
func (f *Folder) Remove() error {
	entries, err := os.ReadDir(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.Name() != lockName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(f.Path, e.Name())))
		}
	}
	f.lock.Close() // Windows removes no file that is open
	return errors.Join(err, os.RemoveAll(f.Path))
}

// removeAbandoned removes the folders of processes that were killed: their locks are free, or gone if the process was removing the
// folder. A new one is left alone, because its process may not have locked it yet.
func removeAbandoned() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*-*[0-9]"))
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && isAbandoned(dir, info.ModTime()) {
			os.RemoveAll(dir)
		}
	}
}

func isAbandoned(dir string, changed time.Time) bool {
	const old = time.Minute
	path := filepath.Join(dir, lockName)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(dir)
		return err == nil && len(entries) == 0 && time.Since(changed) > old // one that is not empty may be anybody's
	}
	if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < old {
		return false
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // not made: its owner may be about to remove the folder
	if err != nil {
		return false
	}
	defer f.Close()
	free, err := Lock(f)
	return err == nil && free
}
