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
// picture. The error says what name to give instead.
func CheckFile(name string) error {
	if ext := filepath.Ext(name); !strings.EqualFold(ext, ".svg") {
		return fmt.Errorf("%q: pictures are SVG; name a .svg file, as in %s", name, example(name, ext))
	}
	folder := filepath.Dir(name)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%q: there is no folder %s; make it first, or name another", name, folder)
	}
	if info, err := os.Lstat(name); err == nil && info.Mode().Type()&^fs.ModeSymlink != 0 {
		return fmt.Errorf("%q is there and is not a file; give another name", name)
	}
	return nil
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

func replace(name string, text []byte) error {
	beside := filepath.Join(filepath.Dir(name), ".cookbook-"+rand.Text()+".svg")
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // os.CreateTemp would let only its owner read it
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(beside, name)
	}
	if err != nil {
		os.Remove(beside)
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}
