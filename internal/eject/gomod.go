package eject

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// moduleFiles are go.mod and go.sum of a module that imports these packages of others, as go mod tidy would write them. go.sum is missing
// if nothing stands in it.
func (lib *library) moduleFiles(module string, imported []string) []File {
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
	fmt.Fprintf(&b, "module %s\n\n%s\n", module, lib.goLine)
	for _, block := range [][]string{direct, indirect} {
		switch len(block) {
		case 0:
		case 1:
			fmt.Fprintf(&b, "\nrequire %s\n", block[0])
		default:
			fmt.Fprintf(&b, "\nrequire (\n\t%s\n)\n", strings.Join(block, "\n\t"))
		}
	}
	files := []File{{"go.mod", b.Bytes()}}
	if len(sums) > 0 {
		files = append(files, File{"go.sum", []byte(strings.Join(sums, "\n") + "\n")})
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

// IsStandard reports whether Go looks for the packages of a module of that path in its standard library.
func IsStandard(module string) bool {
	first, _, _ := strings.Cut(module, "/")
	return slices.Contains(strings.Fields(`
		archive bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash
		html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings structs
		sync syscall testing text time unicode unique unsafe vendor weak`), first)
}
