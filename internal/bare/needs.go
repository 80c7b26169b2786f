package bare

import (
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"cookbook/internal/catalog"
)

// NeedsError says which library a recipe needs, and why Go's own means do not do.
type NeedsError struct {
	ID, Library, Why string
}

func (e *NeedsError) Error() string {
	return e.ID + " has no bare form: it needs " + e.Library + ", since " + e.Why
}

// lacks are the libraries without which recipes cannot be shown, those that say most first.
var lacks = []struct{ library, why string }{
	{"internal/mpi", "Go has no ranks that pass messages and call collective operations"},
	{"internal/gpu", "Go compiles nothing for a graphics processor, and has no arrays there"},
	{"internal/distributed", "Go has no broker, and no values that travel between machines; net and encoding/gob are far below that"},
	{"internal/process", "Go starts programs, and its processes share no memory, locks or queues"},
}

// own reports whether a bare program has something else for a package.
func own(name string) bool {
	switch name {
	case "internal/catalog", "internal/transcript", "internal/measure":
		return true
	}
	return false
}

// Needs returns nil if [Main] can write the recipe, else a *[NeedsError], or the error of a file that cannot be read.
func Needs(e catalog.Entry) error {
	if e.Bare != nil {
		return nil
	}
	text, err := e.File(catalog.Source)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), e.FileName(catalog.Source), text, parser.ImportsOnly)
	if err != nil {
		return err
	}
	var foreign []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		name, ours := strings.CutPrefix(path, "cookbook/")
		if first, _, _ := strings.Cut(path, "/"); own(name) || !ours && !strings.Contains(first, ".") || path == flags || within(path, xsync) {
			continue
		}
		foreign = append(foreign, name)
	}
	if foreign == nil {
		return nil
	}
	for _, l := range lacks {
		for _, path := range foreign {
			if within(path, l.library) {
				return &NeedsError{e.ID, l.library, l.why}
			}
		}
	}
	return &NeedsError{e.ID, foreign[0], "the standard library does not have what it does"}
}

const (
	flags = "github.com/spf13/pflag"
	xsync = "golang.org/x/sync"
)

func within(path, library string) bool {
	return path == library || strings.HasPrefix(path, library+"/")
}
