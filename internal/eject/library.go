package eject

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"path"
	"strings"
)

// archive is the source of the cookbook's library, as make sources has packed it. It is a string that nothing touches until a recipe
// is ejected.
//
//go:embed library.zip
var archive string

// What the archive holds beside the packages of the library.
const (
	modulesFile = "modules.txt" // what each imported package of another module needs
	goFile      = "go.txt"      // the line of go.mod with the version of the language
)

// home is the module that the library belongs to, before it is ejected.
const home = "cookbook"

// library is the source of the cookbook's packages, and what they need of other modules.
type library struct {
	folders  map[string][]*zip.File // by the folder of a package: internal/threading
	external map[string]*external   // by import path
	goLine   string
}

// external is an imported package of another module.
type external struct {
	name     string   // in its package clause
	requires []string // module and version, as in go.mod
	sums     []string // lines of go.sum
}

func openLibrary() (*library, error) {
	r, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("the library in this program: %w", err)
	}
	lib := &library{folders: map[string][]*zip.File{}}
	for _, f := range r.File {
		switch f.Name {
		case modulesFile, goFile:
			text, err := readFile(f)
			if err != nil {
				return nil, err
			}
			if f.Name == goFile {
				lib.goLine = strings.TrimSpace(string(text))
			} else {
				lib.external = parseModules(string(text))
			}
		default:
			folder := path.Dir(f.Name)
			lib.folders[folder] = append(lib.folders[folder], f)
		}
	}
	return lib, nil
}

func readFile(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s in this program: %w", f.Name, err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s in this program: %w", f.Name, err)
	}
	return text, nil
}

// parseModules reads blocks of lines: the import path of a package and its name, then what it requires, and the lines of go.sum.
func parseModules(text string) map[string]*external {
	all := map[string]*external{}
	var e *external
	for line := range strings.Lines(text) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "package":
			importPath, name, _ := strings.Cut(rest, " ")
			e = &external{name: name}
			all[importPath] = e
		case "require":
			e.requires = append(e.requires, rest)
		case "sum":
			e.sums = append(e.sums, rest)
		}
	}
	return all
}
