// Package page holds what a page needs to run a recipe: scripts, a style sheet and, if it has been built, the program, which is Go as
// WebAssembly.
//
//	run.js            takes over the section that live.Form writes
//	worker.js         runs the program, in a thread of its own, or asks the server that the page is from
//	live.css          the look of a transcript, of the form and of what belongs to them
//	cookbook.wasm.gz  the program, of cmd/page; make build makes it
//	wasm_exec.js      what Go's programs need in a page; of the Go that has built the program
package page

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"sync"

	"cookbook/internal/catalog"
	"cookbook/internal/site/live"
)

//go:embed run.js worker.js live.css program
var files embed.FS

// Names of the files.
const (
	Program = "cookbook.wasm.gz"
	Runtime = "wasm_exec.js"
)

// Built reports whether this binary holds the program.
var Built = sync.OnceValue(func() bool {
	_, err := fs.Stat(files, "program/"+Program)
	return err == nil
})

// Files returns the files of the assets, by their names in the folder of a site.
func Files() (map[string][]byte, error) {
	all := map[string][]byte{}
	names := []string{"run.js", "worker.js", "live.css"}
	if Built() {
		names = append(names, "program/"+Program, "program/"+Runtime)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all[path.Base(name)] = text
	}
	return all, nil
}

// Chapters are those whose recipes the program has.
func Chapters() []int { return []int{1, 2, 4, 6} }

// Where says where a recipe of a page runs: at the server, if there is one; else in the page, if this binary holds the program, and the
// recipe needs nothing that a page has not.
func Where(e catalog.Entry, served bool) live.Where {
	switch {
	case served:
		return live.AtServe
	case Built() && e.Needs == nil && slices.Contains(Chapters(), e.Chapter.Number):
		return live.InPage
	}
	return live.Nowhere
}
