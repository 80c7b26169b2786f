package practice

import (
	"bufio"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"

	"cookbook/internal/catalog"
	"cookbook/internal/eject"
	"cookbook/internal/folder"
)

// Expected is the file of an exercise's module that holds the promise.
const Expected = "exercise.txt"

// moduleName is that of all exercises, so that what was built for one serves for the others.
const moduleName = "example.com/practice"

// mark is the first line of the go.mod of an exercise's module, with its name.
const mark = "// exercise %s of cookbook practice"

// id is the exercise's as a recipe.
func (x *Exercise) id() string { return x.Name + ".exercise" }

// Module returns the files of an exercise as a module of its own, by their paths: exercise.go as it is given, and what runs and judges it.
func (x *Exercise) Module() (map[string][]byte, error) {
	const recipe = "exercise" + catalog.WrongSource // whose place eject gives to a second file of a recipe
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		Given: x.Files[Given], recipe: x.recipeFile(), Expected: x.Files[Promise], "exercise" + catalog.Explanation: "# " + x.Title + "\n", "exercise" + catalog.Twin: "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	e := catalog.Entry{Recipe: &catalog.Recipe{ID: x.id(), Title: x.Title}, Chapter: &catalog.Chapter{Files: files}}
	keep, err := x.libraries()
	if err != nil {
		return nil, err
	}
	made, err := eject.Module(e, eject.Options{Module: moduleName, Keep: keep})
	if err != nil {
		return nil, fmt.Errorf("make the module of %s: %w", x.Name, err)
	}
	all := map[string][]byte{}
	for _, f := range made {
		all[f.Path] = f.Text
	}
	all["recipe.go"] = all[recipe]
	delete(all, recipe)
	delete(all, "exercise"+catalog.Twin)
	all["README.md"] = []byte(x.readme())
	all["go.mod"] = append(fmt.Appendf(nil, mark+"\n", x.Name), all["go.mod"]...)
	main := strings.Replace(string(all["main.go"]), "Files: files", "Files: files, Search: apart.Answers", 1)
	main = strings.Replace(main, "is a recipe of cookbook, "+x.id()+":", "is an exercise of cookbook, "+x.Name+":", 1)
	all["main.go"] = []byte(strings.Replace(main, `/internal/alone"`, `/internal/alone"`+"\n\t\""+moduleName+`/internal/explore/apart"`, 1))
	return all, nil
}

// recipeFile is what makes a recipe of the function in exercise.go.
func (x *Exercise) recipeFile() string {
	return fmt.Sprintf(`package main

import (
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/explore/apart"
)

// exercise is the recipe that main.go runs. The program is in exercise.go, what it should say in exercise.txt.
var exercise = catalog.Recipe{
	ID: %q, Section: %q, Title: %q,
	Python: %q, Go: %q,
	New: func(*pflag.FlagSet) catalog.Run { return run },
}

// The judge, cookbook practice check, starts this program and asks it for its orders.
var _ = apart.Answers
`, x.id(), x.Of.Section, x.Title, x.Of.Python, x.Of.Go)
}

// libraries are the packages of the library that a program of the exercise imports, as folders.
func (x *Exercise) libraries() ([]string, error) {
	folders := map[string]bool{}
	for name, text := range x.Files {
		if filepath.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range file.Imports {
			if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
				if folder, ours := strings.CutPrefix(imported, "cookbook/"); ours {
					folders[folder] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(folders)), nil
}

// readme is the README.md of the module.
func (x *Exercise) readme() string {
	return fmt.Sprintf(`# %s

%s

%s is wrong or unfinished in one place: mend it. What it should print stands in %s. The other files are there to run it;
the judge looks at %[3]s alone.

    go run .                   # run it once
    cookbook practice check    # have it judged
    cookbook practice watch    # have it judged on each save
    cookbook practice hint     # the first hint, and when it is typed again, the second
    cookbook practice reset    # put %[3]s back as it was given
`, x.Title, x.Task, "`"+Given+"`", "`"+Expected+"`")
}

// write writes the module into a new folder, with that exercise.go.
func (x *Exercise) write(dir string, source []byte) error {
	files, err := x.Module()
	if err != nil {
		return err
	}
	files[Given] = source
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Solved is the solution as exercise.go of the module would have it, with the module's imports.
func (x *Exercise) Solved() []byte {
	return []byte(strings.ReplaceAll(x.Files[Solution], `"cookbook/`, `"`+moduleName+`/`))
}

// given is exercise.go as the module has it.
func (x *Exercise) given() ([]byte, error) {
	files, err := x.Module()
	return files[Given], err
}

// ErrNotEmpty is that a folder holds something, so that no module is made there.
var ErrNotEmpty = errors.New("the folder is not empty")

// Make makes the module of an exercise in a folder, which is empty or not yet there: whole or not at all.
func (x *Exercise) Make(dir string) error {
	all, err := x.Module()
	if err != nil {
		return err
	}
	var files []folder.File
	for name, text := range all {
		files = append(files, folder.File{Path: name, Text: text})
	}
	err = folder.Write(dir, files, false)
	if errors.As(err, new(*folder.NotEmptyError)) {
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return err
}

// Reset puts exercise.go in a folder back as it was given. What was there is kept in the file whose name is returned; "": it was that.
func (x *Exercise) Reset(dir string) (kept string, err error) {
	source, err := x.given()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, Given)
	was, err := os.ReadFile(file)
	switch {
	case err == nil && string(was) == string(source):
		return "", nil
	case err == nil:
		for n := 1; ; n++ {
			kept = Given + ".old"
			if n > 1 {
				kept += strconv.Itoa(n)
			}
			if err = os.Link(file, filepath.Join(dir, kept)); !errors.Is(err, fs.ErrExist) {
				break
			}
		}
		if err != nil {
			err = os.Rename(file, filepath.Join(dir, kept))
		}
		if err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	next := file + ".new"
	if err := os.WriteFile(next, source, 0o666); err != nil {
		os.Remove(next)
		return "", err
	}
	return kept, os.Rename(next, file)
}

// Marked returns the exercise whose module dir is, or is in, and the module's folder; "" if it is in none.
func Marked(dir string) (name, module string) {
	for {
		if f, err := os.Open(filepath.Join(dir, "go.mod")); err == nil {
			defer f.Close()
			lines := bufio.NewScanner(f)
			if lines.Scan() {
				fmt.Sscanf(lines.Text(), mark, &name)
			}
			if name != "" {
				return name, dir
			}
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", ""
		}
		dir = above
	}
}
