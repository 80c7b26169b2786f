package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/catalog"
)

// PythonNeeded is what the twins are written for.
const PythonNeeded = "Python 3.9 or newer"

// HowToGetPython says what to type where there is no Python.
const HowToGetPython = "Debian: apt install python3 · macOS: brew install python"

// askTimeout bounds questions to other programs.
const askTimeout = 10 * time.Second

// Python is an interpreter that answered.
type Python struct {
	Path    string          `json:"path"` // the program itself, not a wrapper around it
	Version string          `json:"version"`
	Major   int             `json:"major"`
	Minor   int             `json:"minor"`
	GIL     bool            `json:"gil"`
	Has     map[string]bool `json:"has"` // by module asked for
}

// String is the interpreter's version and kind.
func (p *Python) String() string {
	if !p.GIL {
		return p.Version + ", free-threaded"
	}
	return p.Version + ", with GIL"
}

// askPython runs in any Python from 2.6 on. It leaves the current folder out of the search, so that a file numpy.py there
// is not taken for numpy.
const askPython = `
import sys
if sys.path[:1] == ['']:
    del sys.path[0]
import json
try:
    from importlib.util import find_spec
except ImportError:
    find_spec = lambda name: None
def has(name):
    try:
        return find_spec(name) is not None
    except Exception:
        return False
print("")
print(json.dumps({
    "path": sys.executable, "version": sys.version.split()[0], "major": sys.version_info[0], "minor": sys.version_info[1],
    "gil": getattr(sys, "_is_gil_enabled", lambda: True)(), "has": dict((name, has(name)) for name in sys.argv[1:]),
}))
`

// FindPython returns the interpreter at path, if one is given, else the first of python3 and python that is new enough, and
// which of the modules it has.
func FindPython(ctx context.Context, path string, modules []string) (*Python, error) {
	if path != "" {
		return askInterpreter(ctx, path, modules)
	}
	var first error
	for _, name := range []string{"python3", "python"} {
		p, err := askInterpreter(ctx, name, modules)
		switch {
		case err == nil:
			return p, nil
		case ctx.Err() != nil:
			return nil, err
		case first == nil && !errors.Is(err, exec.ErrNotFound):
			first = err
		}
	}
	if first == nil {
		first = errors.New("neither python3 nor python is on PATH")
	}
	return nil, first
}

func askInterpreter(ctx context.Context, name string, modules []string) (*Python, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	answer, _, err := RunChild(ctx, path, askTimeout, nil, append([]string{path, "-c", askPython}, modules...)...)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var late *ChildTimeoutError
	if errors.As(err, &late) {
		return nil, fmt.Errorf("%s gave no answer within %v", path, askTimeout)
	}
	if err != nil {
		return nil, err
	}
	answer = strings.TrimSpace(answer)
	p := &Python{}
	if err := json.Unmarshal([]byte(answer[strings.LastIndexByte(answer, '\n')+1:]), p); err != nil || p.Version == "" {
		return nil, fmt.Errorf("%s does not answer as Python does", path)
	}
	if p.Major != 3 || p.Minor < 9 {
		return nil, fmt.Errorf("%s is Python %s", path, p.Version)
	}
	if real, err := exec.LookPath(p.Path); err != nil || p.Path == "" {
		p.Path = path
	} else {
		p.Path = real
	}
	return p, nil
}

// pythonLibrary is a module that twins may need and how to get it.
type pythonLibrary struct {
	module   string
	chapters []int // of the book
	pip      string
	debian   string
}

var pythonLibraries = []pythonLibrary{
	{"numpy", []int{3, 6}, "numpy", "python3-numpy"},
	{"mpi4py", []int{3}, "mpi4py", "python3-mpi4py"},
	{"celery", []int{5}, "celery", "python3-celery"},
	{"redis", []int{5}, "redis", "python3-redis"},
	{"Pyro4", []int{5}, "Pyro4", "python3-pyro4"},
	{"rpyc", []int{5}, "rpyc", "python3-rpyc"},
	{"scoop", []int{5}, "scoop", ""},
	{"numba", []int{6}, "numba", "python3-numba"},
	{"pycuda", []int{6}, "pycuda", ""},
	{"pyopencl", []int{6}, "pyopencl", "python3-pyopencl"},
}

// HowToInstall says what to type to get a Python module for the interpreter at python.
func HowToInstall(module, python string) string { return libraryFor(module).install(python) }

// libraryFor returns what is known about a module.
func libraryFor(module string) pythonLibrary {
	for _, l := range pythonLibraries {
		if l.module == module {
			return l
		}
	}
	return pythonLibrary{module: module, pip: module}
}

func (l pythonLibrary) install(python string) string {
	how := fmt.Sprintf("%s -m pip install %s", python, l.pip)
	if l.debian != "" {
		how += " · Debian: apt install " + l.debian + ", for /usr/bin/python3"
	}
	return how
}

// Requires reads which modules a twin declares in a comment among its first lines: "# requires: numpy, mpi4py".
func Requires(twin []byte) (modules []string) {
	for _, name := range declared(twin, "requires:") {
		name, _, _ = strings.Cut(name, ".") // to look for a part, Python would import the whole
		modules = append(modules, name)
	}
	return modules
}

// Programs reads which other programs a twin declares in the same way: "# programs: redis-server".
func Programs(twin []byte) []string { return declared(twin, "programs:") }

// MissingProgram returns why the first of some programs that is not there cannot be started, and how to get it; nil if all
// are there.
func MissingProgram(programs []string) (name string, err error) {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return name, fmt.Errorf("there is no program %s on PATH; Debian: apt install %[1]s", name)
		}
	}
	return "", nil
}

// declared reads the list behind a key in the comments among a twin's first lines.
func declared(twin []byte, key string) (names []string) {
	const firstLines = 30
	for i, line := range strings.Split(string(twin), "\n") {
		comment, isComment := strings.CutPrefix(line, "#")
		if i == firstLines {
			break
		}
		if !isComment {
			continue
		}
		list, ok := strings.CutPrefix(strings.TrimSpace(comment), key)
		if !ok {
			continue
		}
		names = append(names, strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })...)
	}
	return names
}

// requiredModules returns, for each module that twins in the catalog declare, the chapters that need it.
func requiredModules(c *catalog.Catalog) map[string][]int {
	chapters := map[string][]int{}
	for _, e := range c.Entries() {
		twin, err := e.File(catalog.Twin)
		if err != nil {
			continue
		}
		for _, m := range Requires(twin) {
			if in := chapters[m]; len(in) == 0 || in[len(in)-1] != e.Chapter.Number {
				chapters[m] = append(in, e.Chapter.Number)
			}
		}
	}
	return chapters
}
