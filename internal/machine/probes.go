package machine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/terminal"
)

// probe is one row of the table before the machine was looked at.
type probe struct {
	name     string
	chapters []int  // that it matters for; nil: all
	unused   string // what to add if nothing in this binary uses it
	cost     string // of not having it
	install  string
	look     func(context.Context) (found bool, detail string)
	examine  func(context.Context) (found bool, detail, install string) // in place of look and install, where only the answer tells these
}

// probes is the table of what doctor looks for.
func probes(c *catalog.Catalog, m Machine) []probe {
	required := requiredModules(c)
	libraries := slices.Clone(pythonLibraries)
	for _, module := range slices.Sorted(maps.Keys(required)) {
		if !slices.ContainsFunc(libraries, func(l pythonLibrary) bool { return l.module == module }) {
			libraries = append(libraries, libraryFor(module))
		}
	}
	var modules []string
	for _, l := range libraries {
		modules = append(modules, l.module)
	}
	python := oncePython(modules)

	all := []probe{{
		name: "processors",
		cost: "threads and processes take turns: nothing gets faster by running in parallel",
		look: m.processors,
	}, {
		name: "Python",
		cost: "cookbook compare has nothing to compare with; recipes need no Python", install: HowToGetPython,
		look: m.starts(func(ctx context.Context) (bool, string) {
			p, err := python(ctx)
			if err != nil {
				return false, terminal.OneLine(err.Error())
			}
			return true, p.Path + ", " + p.String()
		}),
	}}
	for _, l := range libraries {
		all = append(all, l.probe(c, required[l.module], python))
	}
	all = append(all, probe{
		name: "child processes", chapters: merge([]int{3}, chaptersThatNeed(c, catalog.Processes)), unused: unusedNeed(c, catalog.Processes),
		cost:    "recipes that start processes are skipped",
		install: "let this program find its own file: on Linux that takes /proc",
		look:    need(catalog.Processes, "starts itself again"),
	}, probe{
		name: "shared memory", chapters: merge([]int{3}, chaptersThatNeed(c, catalog.SharedMemory)), unused: unusedNeed(c, catalog.SharedMemory),
		cost:    "recipes with locks and queues between processes are skipped, and those of MPI run with --engine mpi only",
		install: "Linux",
		look:    need(catalog.SharedMemory, "processes share memory and wait in it"),
	}, probe{
		name: "exec", chapters: merge(nil, chaptersThatNeed(c, catalog.Exec)), unused: unusedNeed(c, catalog.Exec),
		cost:    "ch1.process is skipped",
		install: "a system on which a process can be replaced: Linux or macOS",
		look:    need(catalog.Exec, "goes on as another program"),
	}, probe{
		name: "built with MPI", chapters: merge([]int{3}, chaptersOnEngine(c, catalog.MPI)), unused: unusedEngine(c, catalog.MPI),
		cost:    "--engine mpi is refused: ranks run on this machine only, in processes of this program",
		install: "in a clone of cookbook, with mpirun and mpicc: make build-mpi, or go build -tags mpi ./cmd/cookbook",
		look: func(context.Context) (bool, string) {
			if mpi.Built() {
				return true, "--engine mpi is part of this binary"
			}
			return false, "this binary has no MPI library in it"
		},
	}, probe{
		name: "mpirun", chapters: merge([]int{3}, chaptersOnEngine(c, catalog.MPI)), unused: unusedEngine(c, catalog.MPI),
		cost:    "--engine mpi cannot start ranks: they run on this machine only, in processes of this program",
		install: "Debian: apt install openmpi-bin · macOS: brew install open-mpi",
		look:    m.starts(mpirun),
	}, probe{
		name: "mpicc", chapters: merge([]int{3}, chaptersOnEngine(c, catalog.MPI)), unused: unusedEngine(c, catalog.MPI),
		cost:    "a cookbook with MPI cannot be built here; one that was built elsewhere runs",
		install: "Debian: apt install libopenmpi-dev gcc pkg-config · macOS: brew install open-mpi pkg-config",
		look:    m.starts(mpiForC),
	}, probe{
		name: "loopback network", chapters: merge([]int{5}, chaptersThatNeed(c, catalog.Network)), unused: unusedNeed(c, catalog.Network),
		cost:    "recipes that talk over sockets are skipped",
		install: "bring the interface lo up, or leave the sandbox that forbids it",
		look:    need(catalog.Network, m.loopback()),
	})
	all = append(all, m.engines(c)...)
	all = append(all, m.gpus(c)...)
	return all
}

func (l pythonLibrary) probe(c *catalog.Catalog, usedBy []int, python func(context.Context) (*Python, error)) probe {
	p := probe{
		name: "python: " + l.module, chapters: merge(l.chapters, usedBy),
		cost:    "twins that need it are skipped by cookbook compare",
		install: l.install("python3"),
		look: func(ctx context.Context) (bool, string) {
			found, err := python(ctx)
			switch {
			case err != nil:
				return false, "no Python"
			case !found.Has[l.module]:
				return false, "not installed"
			}
			return true, "installed"
		},
	}
	if len(usedBy) == 0 {
		p.unused = "unused by this binary's twins"
		if len(l.chapters) == 1 && !hasRecipes(c, l.chapters[0]) {
			p.unused = noRecipes(l.chapters[0])
		}
	}
	return p
}

// need looks whether this machine has what a recipe may need.
func need(n catalog.Need, found string) func(context.Context) (bool, string) {
	return func(ctx context.Context) (bool, string) {
		if err := Check(ctx, n); err != nil {
			return false, terminal.OneLine(err.Error())
		}
		return true, found
	}
}

// starts is a look that starts other programs, which a program in a page cannot do.
func (m Machine) starts(look func(context.Context) (bool, string)) func(context.Context) (bool, string) {
	if m.os != "js" {
		return look
	}
	return func(context.Context) (bool, string) { return false, "a program in a page cannot start others" }
}

// loopback says what the loopback network of this machine is.
func (m Machine) loopback() string {
	if m.os == "js" {
		return "listens on 127.0.0.1, heard within this program only"
	}
	return "listens on 127.0.0.1"
}

// oncePython asks for an interpreter and its modules once, for all probes.
func oncePython(modules []string) func(context.Context) (*Python, error) {
	var (
		once  sync.Once
		found *Python
		err   error
	)
	return func(ctx context.Context) (*Python, error) {
		once.Do(func() { found, err = FindPython(ctx, "", modules) })
		return found, err
	}
}

// unused says so if the binary holds no recipe of a chapter.
func unused(c *catalog.Catalog, chapter int) string {
	if hasRecipes(c, chapter) {
		return ""
	}
	return noRecipes(chapter)
}

func noRecipes(chapter int) string {
	return fmt.Sprintf("for chapter %d, which has no recipes yet", chapter)
}

func hasRecipes(c *catalog.Catalog, chapter int) bool {
	return slices.ContainsFunc(c.Chapters, func(ch *catalog.Chapter) bool { return ch.Number == chapter && len(ch.Recipes) > 0 })
}

func chaptersThatNeed(c *catalog.Catalog, n catalog.Need) []int {
	var chapters []int
	for _, e := range c.Entries() {
		if slices.Contains(e.Needs, n) {
			chapters = append(chapters, e.Chapter.Number)
		}
	}
	return chapters
}

func chaptersOnEngine(c *catalog.Catalog, engine catalog.Need) []int {
	var chapters []int
	for _, e := range c.Entries() {
		if e.Engine == string(engine) {
			chapters = append(chapters, e.Chapter.Number)
		}
	}
	return chapters
}

func unusedEngine(c *catalog.Catalog, engine catalog.Need) string {
	if len(chaptersOnEngine(c, engine)) > 0 {
		return ""
	}
	return "unused by this binary"
}

func unusedNeed(c *catalog.Catalog, n catalog.Need) string {
	if len(chaptersThatNeed(c, n)) > 0 {
		return ""
	}
	return "unused by this binary"
}

// merge returns the numbers of both lists, sorted, each once.
func merge(a, b []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}
