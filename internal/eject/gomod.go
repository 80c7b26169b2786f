package eject

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// moduleFiles are go.mod and go.sum of a module that imports these packages of others, as go mod tidy would write them. go.sum is missing
// if nothing stands in it.
func (lib *library) moduleFiles(name string, imported []string) []File {
	var requires, sums []string
	for _, p := range imported {
		requires = append(requires, lib.external[p].requires...)
		sums = append(sums, lib.external[p].sums...)
	}
	slices.Sort(requires)
	slices.Sort(sums)
	requires, sums = slices.Compact(requires), slices.Compact(sums)
	var direct, indirect []string
	for _, r := range requires {
		at, _, _ := strings.Cut(r, " ")
		if slices.ContainsFunc(imported, func(p string) bool { return moduleOf(p, requires) == at }) {
			direct = append(direct, r)
		} else {
			indirect = append(indirect, r+" // indirect")
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "module %s\n\n%s\n", name, lib.goLine)
	for _, block := range [][]string{direct, indirect} {
		switch len(block) {
		case 0:
		case 1:
			fmt.Fprintf(&b, "\nrequire %s\n", block[0])
		default:
			fmt.Fprintf(&b, "\nrequire (\n\t%s\n)\n", strings.Join(block, "\n\t"))
		}
	}
	files := []File{{Path: "go.mod", Text: b.Bytes()}}
	if len(sums) > 0 {
		files = append(files, File{Path: "go.sum", Text: []byte(strings.Join(sums, "\n") + "\n")})
	}
	return files
}

// moduleOf is the module that a package belongs to: the longest one whose path its own begins with.
func moduleOf(imported string, requires []string) (module string) {
	for _, r := range requires {
		at, _, _ := strings.Cut(r, " ")
		if (imported == at || strings.HasPrefix(imported, at+"/")) && len(at) > len(module) {
			module = at
		}
	}
	return module
}

// CheckModule returns why no module can have a path; nil: it can.
func CheckModule(at string) error {
	invalid := new(module.InvalidPathError)
	switch err := module.CheckImportPath(at); {
	case errors.As(err, &invalid):
		return invalid.Err
	case err != nil:
		return err
	case strings.Contains(at, "~"):
		return errors.New("it has a ~")
	case strings.Contains("/"+at+"/", "/vendor/"):
		return errors.New("a part of it is vendor")
	}
	first, _, _ := strings.Cut(at, "/")
	// Names of folders of the standard library, and words that go.mod and the go command give a meaning.
	if slices.Contains(strings.Fields(`
		archive bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash
		html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings structs
		sync syscall testing text time unicode unique unsafe vendor weak all std toolchain tool main C`), first) {
		return fmt.Errorf("for Go %s is something else", first)
	}
	lib, err := openLibrary()
	if err != nil {
		return err
	}
	for _, e := range lib.external {
		for _, r := range e.requires {
			if needed, _, _ := strings.Cut(r, " "); at == needed || strings.HasPrefix(needed, at+"/") || strings.HasPrefix(at, needed+"/") {
				return fmt.Errorf("recipes use another module, %s", needed)
			}
		}
	}
	return nil
}
