package site

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cookbook/internal/folder"
)

// marker is the file by which a folder is known as a site. It names the site's files.
const marker = "cookbook-site.txt"

// OtherFilesError is a folder that is not empty and not a site, or that holds files beside those of the site.
type OtherFilesError struct {
	Dir   string
	First string // one of the files
	Site  bool   // it is a site
}

func (e *OtherFilesError) Error() string {
	if e.Site {
		return fmt.Sprintf("%s is a site, and holds other files: there is %s", e.Dir, e.First)
	}
	return fmt.Sprintf("%s is not empty, and not a site: there is %s", e.Dir, e.First)
}

// Written says what Write has written.
type Written struct {
	Files, Recipes int
	Bytes          int64
}

// Write writes a site into a folder, which is new, empty, or has an older site. All files are written beside their places first, and then
// renamed; what the older site alone had is removed. If ctx ends before that, nothing has changed. Other files in the folder are an
// *[OtherFilesError]; with force they stay, and the site's files take the place of those with the same names.
func Write(ctx context.Context, dir string, o Options, force bool) (Written, error) {
	older, err := check(dir, force)
	if err != nil {
		return Written{}, err
	}
	files, err := o.files()
	if err != nil {
		return Written{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return Written{}, err
	}
	written := Written{Files: len(files), Recipes: len(o.Catalog.Entries())}
	var names strings.Builder
	for _, f := range files {
		written.Bytes += int64(len(f.Text))
		fmt.Fprintln(&names, f.Path)
		older = slices.DeleteFunc(older, func(name string) bool { return name == f.Path })
	}
	files = append(files, folder.File{Path: marker, Text: []byte(names.String())})
	if err := folder.Write(dir, files, true); err != nil {
		return Written{}, err
	}
	for _, name := range older {
		path := filepath.Join(dir, filepath.FromSlash(name))
		os.Remove(path)
		os.Remove(filepath.Dir(path)) // if nothing else is in it
	}
	return written, nil
}

// check looks at what is in a folder, and returns the files of the site that it has.
func check(dir string, force bool) (older []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile(filepath.Join(dir, marker))
	isSite := err == nil
	own := map[string]bool{marker: true} // files and folders
	for name := range strings.FieldsSeq(string(list)) {
		if filepath.IsLocal(filepath.FromSlash(name)) {
			older = append(older, name)
			for at := filepath.FromSlash(name); at != "."; at = filepath.Dir(at) {
				own[at] = true
			}
		}
	}
	if force {
		return older, nil
	}
	for _, e := range entries {
		if !isSite {
			return nil, &OtherFilesError{dir, e.Name(), false}
		}
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && name != "." && !own[name] {
			return &OtherFilesError{dir, name, true}
		}
		return err
	})
	return older, err
}
