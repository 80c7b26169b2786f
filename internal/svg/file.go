package svg

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CheckFile returns why Save could not write a file of this name, as far as can be told before the work that makes the
// picture. It makes a file in the folder and removes it. The error says what name to give instead.
func CheckFile(name string) error {
	if ext := filepath.Ext(name); !strings.EqualFold(ext, ".svg") {
		return fmt.Errorf("%q: pictures are SVG; name a .svg file, as in %s", name, example(name, ext))
	}
	return CheckPlace(name)
}

// CheckPlace returns why WriteFile could not write a file of this name, as CheckFile does, whatever its ending.
func CheckPlace(name string) error {
	folder := filepath.Dir(name)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%q: there is no folder %s; make it first, or name another", name, folder)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%q is there and is not a file; give another name", name)
	}
	if _, err := os.Lstat(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q is not a name that a file can have: %w", name, err)
	}
	file, err := create(folder)
	if err != nil {
		return fmt.Errorf("%q: no file can be made in %s, and a file is made beside its place first: %w", name, folder, err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// create makes a file of a name that is not in use.
func create(folder string) (*os.File, error) {
	name := filepath.Join(folder, ".cookbook-"+rand.Text())
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // os.CreateTemp would let only its owner read it
}

func example(name, ext string) string {
	if stem := strings.TrimSuffix(name, ext); stem != "" && !os.IsPathSeparator(stem[len(stem)-1]) {
		return stem + ".svg"
	}
	return name + "picture.svg"
}

// Save writes the picture into a file. An older picture of this name stays whole until the new one is: Save writes a file
// beside it, then gives that one the name. So if the name is a symbolic link, the link is replaced, and what it leads to
// stays as it is. If Save fails, nothing has changed. Names that CheckFile refuses are errors.
func (p *Picture) Save(name string) error {
	if err := CheckFile(name); err != nil {
		return err
	}
	text, err := p.Bytes()
	if err != nil {
		return err
	}
	return replace(name, text)
}

// WriteFile writes a file as Save does: whole or not at all, and in place of a symbolic link. Names that CheckPlace refuses are errors.
func WriteFile(name string, text []byte) error {
	if err := CheckPlace(name); err != nil {
		return err
	}
	return replace(name, text)
}

func replace(name string, text []byte) error {
	file, err := create(filepath.Dir(name))
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	_, err = file.Write(text)
	if old, e := os.Lstat(name); e == nil && old.Mode().IsRegular() {
		err = errors.Join(err, file.Chmod(old.Mode().Perm()))
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}
