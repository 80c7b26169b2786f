package machine

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// library returns where the dynamic linker would look and find a library that is given by its name, "" if nowhere. It is not loaded:
// a broken driver may take the process with it. So what the library needs itself is not known, nor whether the linker's cache is fresh.
func (m Machine) library(name string) string {
	var files []string
	if list := m.env("LD_LIBRARY_PATH"); list != "" {
		for _, folder := range strings.Split(strings.ReplaceAll(list, ";", ":"), ":") {
			files = append(files, inRoot(m.absolute(path.Join(folder, name))))
		}
	}
	lists, _ := fs.Glob(m.root, "etc/ld.so.conf.d/*.conf")
	for _, list := range append(lists, "etc/ld.so.conf") {
		text, _ := fs.ReadFile(m.root, list)
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "/") {
				files = append(files, inRoot(path.Join(line, name)))
			}
		}
	}
	for _, tree := range []string{"lib", "usr/lib"} {
		folders, _ := fs.Glob(m.root, tree+"/*-linux-gnu")
		for _, folder := range append(folders, tree+"64", tree) {
			files = append(files, path.Join(folder, name))
		}
	}
	for _, file := range append(files, path.Join("usr/local/lib", name)) {
		if m.notALibrary(file) == "" {
			return "/" + file
		}
	}
	return ""
}

// notLoaded returns why the dynamic linker would not load a library, given by its path or its name, as far as its file tells; "" if
// nothing is against it.
func (m Machine) notLoaded(library string) string {
	if strings.Contains(library, "/") {
		return m.notALibrary(inRoot(m.absolute(library)))
	}
	if m.library(library) == "" {
		return "is not there"
	}
	return ""
}

// notALibrary returns why a file cannot be a library for a program such as this one, "" if it can. It reads the file's first bytes:
// what kind of file it is, and for which processor.
func (m Machine) notALibrary(file string) string {
	const size, class, processor = 20, 4, 18 // bytes of ELF's header: how much is read, and where these two begin, of 2 bytes each
	head, err := m.read(file, size)
	switch own, _ := m.read("proc/self/exe", size); {
	case errors.Is(err, fs.ErrNotExist):
		return "is not there"
	case err != nil:
		return "cannot be read"
	case len(head) < size || !bytes.HasPrefix(head, []byte("\x7fELF")):
		return "is no library"
	case len(own) == size && (!bytes.Equal(head[class:class+2], own[class:class+2]) || !bytes.Equal(head[processor:], own[processor:])):
		return "is made for another processor"
	}
	return ""
}

// read returns the first bytes of a file, most of them at most. What is no file, such as a pipe, on which a read may wait, is an error.
func (m Machine) read(name string, most int64) ([]byte, error) {
	info, err := fs.Stat(m.root, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("no file")
	}
	f, err := m.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// absolute is a path from the root; one that is not begins at the current folder.
func (m Machine) absolute(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join("/", m.dir, name)
}

// inRoot is an absolute path as a file system from / has it.
func inRoot(name string) string { return orElse(strings.TrimPrefix(path.Clean("/"+name), "/"), ".") }
