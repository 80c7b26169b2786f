// Package folder writes files into a folder, whole or not at all.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that is to be written.
type File struct {
	Path string // with slashes, below the folder
	Text []byte
}

// NotEmptyError says that there are files already where others are to be written.
type NotEmptyError struct {
	Dir   string
	First string // one of them
}

func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("%s is not empty: there is %s", e.Dir, e.First)
}

// Write makes the folder dir, and those above it, with the files in it. It writes them into a folder beside dir, which it renames at
// the end, so that dir is there whole or not at all; if it fails, nothing is left of what it wrote. A dir that is there and empty stays
// the folder that it is, perhaps behind a link or with a shell that stands in it: the files are written into a folder in it, and moved up.
//
// A dir with something in it is a *[NotEmptyError], and stays as it is. With force the files are put into it, in the place of those with
// the same names; others stay. Each of them is renamed, but not all at the same moment.
func Write(dir string, files []File, force bool) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	entries, err := os.ReadDir(dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	switch {
	case isNew:
	case err != nil:
		return err
	case len(entries) > 0 && !force:
		return &NotEmptyError{dir, entries[0].Name()}
	}
	within := dir
	if isNew {
		within = filepath.Dir(dir)
		undo, failed := makeParents(within)
		if failed != nil {
			undo()
			return failed
		}
		defer func() {
			if err != nil {
				undo()
			}
		}()
	}
	next, err := os.MkdirTemp(within, "."+filepath.Base(dir)+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(next)
	if err := os.Chmod(next, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(next, filepath.FromSlash(f.Path)), f.Text); err != nil {
			return err
		}
	}
	switch {
	case isNew:
		return os.Rename(next, dir)
	case len(entries) > 0:
		return moveInto(dir, next, files)
	}
	return moveAll(dir, next)
}

// moveAll renames all that is in a folder into another one, which is empty, or leaves that empty.
func moveAll(dir, from string) (err error) {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			for _, moved := range entries[:i] {
				os.RemoveAll(filepath.Join(dir, moved.Name()))
			}
			return err
		}
	}
	return nil
}

// makeParents makes a folder and those above it. undo removes those that it has made and that are empty.
func makeParents(dir string) (undo func(), err error) {
	var made []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	return func() {
		for _, at := range made {
			os.Remove(at)
		}
	}, os.MkdirAll(dir, 0o755)
}

func writeFile(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// moveInto renames each file to its place in dir, unless there is a folder in the place of one of them.
func moveInto(dir, from string, files []File) error {
	for _, f := range files {
		to := filepath.Join(dir, filepath.FromSlash(f.Path))
		if info, err := os.Lstat(to); err == nil && info.IsDir() {
			return &fs.PathError{Op: "replace", Path: to, Err: errors.New("it is a folder, and a file is to be there")}
		}
	}
	for _, f := range files {
		to := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(from, filepath.FromSlash(f.Path)), to); err != nil {
			return err
		}
	}
	return nil
}
