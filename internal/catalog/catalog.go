// Package catalog holds the recipes and finds them.
//
// A [Recipe] is one value in Go and four files with one stem: the code (.go), the explanation (.md), the Python twin (.py)
// and the promise (.txt). A [Chapter] is a package of recipes with its files embedded, and one page more, its introduction; a
// [Catalog] is all chapters.
package catalog

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

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
	Engine  string // the engine it runs on as well if --engine says so, which is a Need's name: mpi, nats; "": none
	Device  bool   // it computes on the device that --device names, else on the cpu

	// Measures says that it compares times: where the clock stands still, its run would mean nothing.
	Measures bool

	// New declares the recipe's own flags and returns the function that runs it once they are parsed. Declare calls it.
	New func(*pflag.FlagSet) Run

	Wrong []Wrong // what --wrong runs in place of it

	// Bare shows the same with Go's own means, the standard library and golang.org/x/sync, where the recipe itself needs more. It takes
	// no flags. --bare runs it in place of the recipe.
	Bare Run
}

// Chapter is one chapter's recipes, in the order of the book. One that has no recipes yet has its introduction only.
type Chapter struct {
	Number  int
	Title   string
	Files   fs.FS // the introduction, ch2.md, and the four files of each recipe
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
func (r *Recipe) Stem() string {
	_, stem, _ := strings.Cut(r.ID, ".")
	return stem
}

// The four files of a recipe, by their endings.
const (
	Source      = ".go"
	Explanation = ".md"
	Twin        = ".py"
	Promise     = ".txt"
)

// File returns one of the recipe's files.
func (e Entry) File(ending string) ([]byte, error) {
	text, err := fs.ReadFile(e.Chapter.Files, e.FileName(ending))
	if err != nil {
		return nil, fmt.Errorf("%s lacks its file %s: %w", e.ID, e.Path(ending), err)
	}
	return text, nil
}

// Path is where a reader finds one of the recipe's files in the source tree.
func (e Entry) Path(ending string) string {
	return path.Join("recipes", e.Chapter.ID(), e.FileName(ending))
}

// FileName is the name of one of the recipe's four files in its chapter's folder.
func (r *Recipe) FileName(ending string) string { return r.Stem() + ending }

// Promise parses the recipe's promise file for a run with the given flags, which Declare has declared and which have been parsed.
func (e Entry) Promise(flags *pflag.FlagSet) (*transcript.Promise, error) {
	return e.PromiseIn(e.Chapter.Files, fmt.Sprintf("recipes/ch%d", e.Chapter.Number), flags)
}

// PromiseIn is [Entry.Promise] for a recipe whose promise file is in files. Folder is where errors say that they are.
func (r *Recipe) PromiseIn(files fs.FS, folder string, flags *pflag.FlagSet) (*transcript.Promise, error) {
	name := path.Join(folder, r.FileName(Promise))
	text, err := fs.ReadFile(files, r.FileName(Promise))
	if err != nil {
		return nil, fmt.Errorf("%s lacks its promise, %s (an empty file will do to begin with): %w", r.ID, name, err)
	}
	return transcript.ParsePromiseFor(name, string(text), values(flags))
}

// values are the flags and arguments of a command line as a promise knows them.
func values(flags *pflag.FlagSet) transcript.Values {
	all := transcript.Values{"$#": flags.NArg()}
	for i, arg := range flags.Args() {
		all[fmt.Sprintf("$%d", i+1)] = value(arg, "int")
	}
	flags.VisitAll(func(f *pflag.Flag) { all["--"+f.Name] = value(f.Value.String(), f.Value.Type()) })
	return all
}

// value is a flag's text as a value of its type; one that is no number is a text.
func value(text, kind string) any {
	var v any
	var err error
	switch kind {
	case "int", "uint64":
		v, err = parseInt(text)
	case "bool":
		v, err = strconv.ParseBool(text)
	case "duration":
		v, err = time.ParseDuration(text)
	default:
		return text
	}
	if err != nil {
		return text
	}
	return v
}

// NeedsAt returns what the recipe needs at a place: the engine and the device, and on MPI not the ranks' own needs here, which are
// processes that share memory. At the place that is here, its needs are Needs.
func (e Entry) NeedsAt(p Place) (needs []Need) {
	if p.Engine != "" {
		needs = append(needs, Need(p.Engine))
	}
	if n := p.DeviceNeed(); n != "" {
		needs = append(needs, n)
	}
	for _, n := range e.Needs {
		if Need(p.Engine) != MPI || n != Processes && n != SharedMemory {
			needs = append(needs, n)
		}
	}
	return needs
}

// Start runs a prepared recipe in a log of its own and returns what came of it, as [transcript.Log.End] does. A panic in run
// becomes an error; an error after ctx has ended becomes context.Cause(ctx).
func Start(ctx context.Context, run Run, cfg transcript.Config) error {
	out := transcript.New(cfg)
	err := protect(out.Context(ctx), run, out)
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
	here := reflect.TypeFor[PanicError]().PkgPath() // the path of this package is another one where eject has put it
	stack, _, _ = strings.Cut(stack, "\n"+here+".protect(")
	return strings.TrimRight(stack, "\n")
}

// Prepare returns the recipe as it runs with the given arguments, and what it then promises. The errors are those of its flags.
func (e Entry) Prepare(args ...string) (Run, *transcript.Promise, error) {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	run := e.Declare(flags)
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	p, err := e.Promise(flags)
	return run, p, err
}

// UsageError is an argument that a recipe cannot use.
type UsageError struct{ Msg string }

func (e *UsageError) Error() string { return e.Msg }

// Usagef returns a *[UsageError]. Run returns it before it prints anything.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }
