// Package catalog holds the recipes and finds them.
//
// A [Recipe] is one value in Go and four files with one stem: the code (.go), the explanation (.md), the Python twin (.py)
// and the promise (.txt). A [Chapter] is a package of recipes with its files embedded; a [Catalog] is all chapters.
package catalog

import (
	"context"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/transcript"
)

// Run is a recipe ready to run: its flags are parsed. It writes all it has to say to out, returns when everything it
// started has ended, and returns early, with context.Cause(ctx), when ctx ends.
type Run func(ctx context.Context, out *transcript.Log) error

// Recipe is one row of the cookbook.
type Recipe struct {
	ID      string // chapter and stem: ch2.lock
	Section string // of the book: 2.6
	Title   string
	Python  string // what the book uses
	Go      string // what stands for it here
	Needs   []Need // what the machine must have; nil: nothing
	Args    string // usage of its positional arguments, read with FlagSet.Arg; "": it takes none
	Engine  string // the engine it runs on as well if --engine says so, which is a Need's name: mpi; "": none

	// Measures says that it compares times: where the clock stands still, its run would mean nothing.
	Measures bool

	// New declares the recipe's own flags and returns the function that runs it once they are parsed.
	New func(*pflag.FlagSet) Run
}

// Chapter is one chapter's recipes, in the order of the book.
type Chapter struct {
	Number  int
	Title   string
	Files   fs.FS // the four files of each recipe
	Recipes []*Recipe
}

// Entry is a recipe in its chapter.
type Entry struct {
	*Recipe
	Chapter *Chapter
}

// Catalog is all chapters.
type Catalog struct {
	Chapters []*Chapter
}

// Entries returns every recipe, in the order of the book.
func (c *Catalog) Entries() []Entry {
	var all []Entry
	for _, ch := range c.Chapters {
		for _, r := range ch.Recipes {
			all = append(all, Entry{r, ch})
		}
	}
	return all
}

// Stem is the recipe's name inside its chapter: lock of ch2.lock.
func (e Entry) Stem() string {
	_, stem, _ := strings.Cut(e.ID, ".")
	return stem
}

// The four files of a recipe, by their endings.
const (
	Source      = ".go"
	Explanation = ".md"
	Twin        = ".py"
	Promise     = ".txt"
)

// File returns one of the recipe's four files.
func (e Entry) File(ending string) ([]byte, error) {
	return fs.ReadFile(e.Chapter.Files, e.FileName(ending))
}

// FileName is the name of one of the recipe's four files in its chapter's folder.
func (e Entry) FileName(ending string) string { return e.Stem() + ending }

// Promise parses the recipe's promise file.
func (e Entry) Promise() (*transcript.Promise, error) {
	text, err := e.File(Promise)
	if err != nil {
		return nil, fmt.Errorf("%s lacks its promise, recipes/ch%d/%s (an empty file will do to begin with): %w",
			e.ID, e.Chapter.Number, e.FileName(Promise), err)
	}
	return transcript.ParsePromise(fmt.Sprintf("recipes/ch%d/%s", e.Chapter.Number, e.FileName(Promise)), string(text))
}

// NeedsOn returns what the recipe needs on an engine: that engine, and not the ranks' own needs here, which are processes that
// share memory. On the engine "", which is here, its needs are Needs.
func (e Entry) NeedsOn(engine string) []Need {
	if engine == "" {
		return e.Needs
	}
	needs := []Need{Need(engine)}
	for _, n := range e.Needs {
		if n != Processes && n != SharedMemory {
			needs = append(needs, n)
		}
	}
	return needs
}

// Start runs a prepared recipe in a log of its own and returns what came of it, as [transcript.Log.End] does. A panic in run
// becomes an error; an error after ctx has ended becomes context.Cause(ctx).
func Start(ctx context.Context, run Run, cfg transcript.Config) error {
	out := transcript.New(cfg)
	err := protect(ctx, run, out)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return out.End(err)
}

func protect(ctx context.Context, run Run, out *transcript.Log) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: stackOfPanic()}
		}
	}()
	return run(ctx, out)
}

// PanicError is a recipe that panicked.
type PanicError struct {
	Value any
	Stack string // the calls of the recipe, from the one that panicked on, as package runtime prints them
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("the recipe panicked: %v\n%s", e.Value, e.Stack)
}

// stackOfPanic is the stack of the panic that is being recovered: the calls of the recipe, and not those around it.
func stackOfPanic() string {
	stack := string(debug.Stack())
	const panicking = "\npanic("
	if i := strings.Index(stack, panicking); i >= 0 {
		_, stack, _ = strings.Cut(stack[i+1:], "\n")
		_, stack, _ = strings.Cut(stack, "\n") // the line of the file that panic is in
	}
	stack, _, _ = strings.Cut(stack, "\ncookbook/internal/catalog.protect(")
	return strings.TrimRight(stack, "\n")
}

// Default returns the recipe as it runs without any argument, which is the run that its promise speaks of.
func (e Entry) Default() (Run, error) {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	run := e.New(flags)
	return run, flags.Parse(nil)
}

// UnknownError is a term that names no recipe.
type UnknownError struct {
	Term        string
	Suggestions []string
}

func (e *UnknownError) Error() string {
	if len(e.Suggestions) == 0 {
		return fmt.Sprintf("no recipe %q; see: cookbook list", e.Term)
	}
	return fmt.Sprintf("no recipe %q; did you mean %s?", e.Term, either(e.Suggestions))
}

// AmbiguousError is a term that names several recipes.
type AmbiguousError struct {
	Term       string
	Candidates []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q names %d recipes: say %s", e.Term, len(e.Candidates), either(e.Candidates))
}

func either(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// Find returns the recipe that term names: an id (ch2.lock), a stem (lock), a section that has one recipe (2.7), or a part
// of one id only (rloc). The error is an *[UnknownError] or an *[AmbiguousError].
func (c *Catalog) Find(term string) (Entry, error) {
	all := c.Entries()
	wanted := strings.ToLower(strings.TrimPrefix(term, "§"))
	for _, names := range []func(Entry) bool{
		func(e Entry) bool { return e.ID == wanted },
		func(e Entry) bool { return e.Section == wanted },
		func(e Entry) bool { return e.Stem() == wanted },
		func(e Entry) bool { return wanted != "" && strings.Contains(e.ID, wanted) },
	} {
		var found []Entry
		for _, e := range all {
			if names(e) {
				found = append(found, e)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return Entry{}, &AmbiguousError{term, ids(found)}
	}
	return Entry{}, &UnknownError{term, suggest(wanted, all)}
}

// FindAllOn returns the recipes that any of the terms names: a chapter (ch2 or 2), or what Find takes. Without terms it returns all.
// The order is the catalog's. Only recipes that run on the engine count; on "", which is here, all do. A chapter's others are left
// out; one that is named and does not run there is an *[EngineError], and so are terms that leave nothing.
func (c *Catalog) FindAllOn(engine string, terms []string) ([]Entry, error) {
	has := func(r *Recipe) bool { return engine == "" || r.Engine == engine }
	wanted := map[string]bool{}
	for _, term := range terms {
		number := strings.TrimPrefix(strings.ToLower(term), "ch")
		chapter := slices.IndexFunc(c.Chapters, func(ch *Chapter) bool { return fmt.Sprint(ch.Number) == number })
		if chapter >= 0 {
			for _, r := range c.Chapters[chapter].Recipes {
				wanted[r.ID] = true
			}
			continue
		}
		e, err := c.Find(term)
		switch {
		case err != nil:
			return nil, err
		case !has(e.Recipe):
			return nil, &EngineError{Engine: engine, Recipe: e.ID}
		}
		wanted[e.ID] = true
	}
	found := slices.DeleteFunc(c.Entries(), func(e Entry) bool { return len(terms) > 0 && !wanted[e.ID] || !has(e.Recipe) })
	if len(found) == 0 && engine != "" {
		return nil, &EngineError{Engine: engine, Terms: terms}
	}
	return found, nil
}

// EngineError is an engine that what was named does not run on.
type EngineError struct {
	Engine string
	Recipe string   // the one that was named; "": the terms leave nothing
	Terms  []string // none: of all recipes
}

func (e *EngineError) Error() string {
	switch {
	case e.Recipe != "":
		return fmt.Sprintf("%s does not run on --engine %s; leave it out, or see what does: cookbook list engine %s", e.Recipe, e.Engine, e.Engine)
	case len(e.Terms) > 0:
		return fmt.Sprintf("no recipe of %s runs on --engine %s; see what does: cookbook list engine %s", strings.Join(e.Terms, " "), e.Engine, e.Engine)
	}
	return fmt.Sprintf("no recipe runs on --engine %s", e.Engine)
}

// Search returns the recipes that every term occurs in: in the id, the section, the title, the names on either side, or
// "engine" and its engine's name.
func (c *Catalog) Search(terms []string) []Entry {
	return slices.DeleteFunc(c.Entries(), func(e Entry) bool {
		parts := []string{e.ID, "§" + e.Section, e.Title, e.Python, e.Go}
		if e.Engine != "" {
			parts = append(parts, "engine "+e.Engine)
		}
		text := strings.ToLower(strings.Join(parts, "\n"))
		for _, term := range terms {
			if !strings.Contains(text, strings.ToLower(term)) {
				return true
			}
		}
		return false
	})
}

func ids(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

// suggest returns up to three ids within a third of the term's length of edits, nearest first.
func suggest(term string, all []Entry) []string {
	type near struct {
		id       string
		distance int
	}
	var found []near
	for _, e := range all {
		d := min(distance(term, e.ID), distance(term, e.Stem()))
		if d <= max(1, len(term)/3) {
			found = append(found, near{e.ID, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	var names []string
	for _, n := range found[:min(3, len(found))] {
		names = append(names, n.id)
	}
	return names
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// UsageError is an argument that a recipe cannot use.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// Usagef returns a *[UsageError]. Run returns it before it prints anything.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }
