// Package practice holds exercises: small programs that are wrong or unfinished in one place, each with a promise that says when it is
// mended.
//
// An [Exercise] is one file of exercises/, a txtar archive. What stands above its files is the header, a field a line, what belongs to
// the field above it further in:
//
//	recipe: ch2.lock
//	title: Lose no update
//	task: One thread adds 1 to a number and another subtracts 1, so that it should be 0 in the end.
//	      In some orders it is 1 or -1.
//	      Look at what each thread knows when it writes.
//	hint: where to look: the mechanism
//	hint: nearly the line
//
// Its name is that of the file. The task has three sentences: what the program should do, what happens instead, and where to look. The
// files are exercise.go, the program as it is given; promise.txt, what it should say; solution.go; and three programs that look like
// solutions and are none, wrong1.go to wrong3.go, each with a comment that begins with "Wrong:" and says why. Each of these programs is
// of package main and has the function
//
//	func run(ctx context.Context, out *transcript.Log) error
//
// and may import the cookbook's library by its paths here, cookbook/internal/threading.
package practice

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"cookbook/internal/catalog"
)

// The files of an exercise.
const (
	Given    = "exercise.go" // the one that is to be mended
	Promise  = "promise.txt"
	Solution = "solution.go"
)

// Wrong are programs that look like solutions and are none.
func Wrong() []string { return []string{"wrong1.go", "wrong2.go", "wrong3.go"} }

// Exercise is a program to be mended.
type Exercise struct {
	Name   string // lost-update
	Recipe string // whose subject it is: ch2.lock
	Title  string
	Task   string // three sentences
	Hints  []string

	Files map[string]string // by the names above

	Of catalog.Entry // the recipe
}

//go:embed exercises/*.txtar
var archives embed.FS

const exercisesFolder = "exercises"

// order is the one in which exercises are listed: by what they need to know. Those it does not name stand behind, by their names.
func order() []string {
	return []string{
		"lost-update", "never-released", "if-around-wait", "lost-pulse", "endless-consumer", "empty-too-early", "two-locks",
		"wrong-count", "recv-before-send", "forgotten-await", "swallowed-cancellation", "unread-error",
	}
}

// All returns the exercises for the recipes of a catalog, the easiest first. The error is one of a file, which a test rules out.
func All(c *catalog.Catalog) ([]*Exercise, error) {
	files, err := archives.ReadDir(exercisesFolder)
	if err != nil {
		return nil, err
	}
	var all []*Exercise
	for _, f := range files {
		text, err := archives.ReadFile(path.Join(exercisesFolder, f.Name()))
		if err != nil {
			return nil, err
		}
		x, err := parse(strings.TrimSuffix(f.Name(), path.Ext(f.Name())), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		if x.Of, err = c.Find(x.Recipe); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all = append(all, x)
	}
	place := func(x *Exercise) int {
		if i := slices.Index(order(), x.Name); i >= 0 {
			return i
		}
		return len(order())
	}
	slices.SortStableFunc(all, func(a, b *Exercise) int { return place(a) - place(b) })
	return all, nil
}

// parse reads an exercise.
func parse(name string, text []byte) (*Exercise, error) {
	archive := txtar.Parse(text)
	x := &Exercise{Name: name, Files: map[string]string{}}
	for _, f := range archive.Files {
		if x.Files[f.Name] != "" {
			return nil, fmt.Errorf("%s is in it twice", f.Name)
		}
		x.Files[f.Name] = string(f.Data)
	}
	var field *string
	for line := range strings.Lines(string(archive.Comment)) {
		words := strings.TrimSpace(line)
		if words == "" {
			field = nil
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if field == nil {
				return nil, fmt.Errorf("%q belongs to no field", words)
			}
			*field += " " + words
			continue
		}
		key, value, _ := strings.Cut(words, ":")
		switch key {
		case "recipe":
			field = &x.Recipe
		case "title":
			field = &x.Title
		case "task":
			field = &x.Task
		case "hint":
			x.Hints = append(x.Hints, "")
			field = &x.Hints[len(x.Hints)-1]
		default:
			return nil, fmt.Errorf("no field %q; there are: recipe, title, task, hint", key)
		}
		if *field != "" {
			return nil, fmt.Errorf("%s is in it twice", key)
		}
		*field = strings.TrimSpace(value)
	}
	return x, x.check()
}

// check reports what an exercise lacks.
func (x *Exercise) check() error {
	for what, text := range map[string]string{"recipe": x.Recipe, "title": x.Title, "task": x.Task} {
		if text == "" {
			return fmt.Errorf("it has no %s", what)
		}
	}
	if len(x.Hints) != 2 {
		return fmt.Errorf("it has %d hints, and not 2", len(x.Hints))
	}
	names := append([]string{Given, Promise, Solution}, Wrong()...)
	for _, name := range names {
		if x.Files[name] == "" {
			return fmt.Errorf("it has no %s", name)
		}
	}
	for name := range x.Files {
		if !slices.Contains(names, name) {
			return fmt.Errorf("no file of an exercise has the name %s", name)
		}
	}
	return nil
}
