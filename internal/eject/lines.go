package eject

import "path"

// Lines is the number of lines of the Go files: of the recipe with its main and test, and of the library.
func Lines(files []File) (own, library int) {
	for _, f := range files {
		if path.Ext(f.Path) != ".go" {
			continue
		}
		n := 0
		for _, c := range f.Text {
			if c == '\n' {
				n++
			}
		}
		if path.Dir(f.Path) == "." {
			own += n
		} else {
			library += n
		}
	}
	return own, library
}
