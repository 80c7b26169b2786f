package live

import (
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/transcript"
)

// MaxTimeout is how long a run on a page may take at most.
const MaxTimeout = time.Minute

// Run is a run as a page asks for it.
type Run struct {
	Entry   catalog.Entry
	Run     catalog.Run
	Promise *transcript.Promise
	Speed   transcript.Speed
	Seed    uint64
	Timeout time.Duration
	Args    []string // the same on a command line, behind its id: each flag that was given as one word, --name=value; then -- and arguments
}

// declared is what a page may say of a run.
type declared struct {
	Run
	own *pflag.FlagSet // flags of the recipe
	all *pflag.FlagSet // and those that every recipe has
}

// declare makes the flags of a recipe. Those that name files have no place on a page: they are left out, and so unknown.
func declare(e catalog.Entry) *declared {
	d := &declared{Run: Run{Entry: e, Speed: transcript.DefaultSpeed}}
	all := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	all.Usage = func() {} // pflag would print it for --help
	d.Run.Run = e.Declare(all)
	d.own, d.all = pflag.NewFlagSet(e.ID, pflag.ContinueOnError), all
	all.VisitAll(func(f *pflag.Flag) {
		if !catalog.NamesFile(f) {
			d.own.AddFlag(f)
		}
	})
	command.SpeedFlag(all, &d.Speed)
	command.SeedFlag(all, &d.Seed, "repeat the random numbers of another run; 0 makes new ones")
	catalog.DurationVar(all, &d.Timeout, "timeout", time.Minute, time.Millisecond, MaxTimeout, "give up after this long")
	return d
}

// Parse reads what the form of a recipe sends: its own flags, as in --count=5, except those that name files; --speed, --seed and
// --timeout; then arguments, if the recipe takes any. The error is a *[catalog.UsageError] that begins with the name of the flag.
func Parse(e catalog.Entry, args []string) (*Run, error) {
	d := declare(e)
	if err := d.all.Parse(args); err != nil {
		return nil, command.FlagError(err, "")
	}
	var err error
	d.all.VisitAll(func(f *pflag.Flag) {
		if f.Changed && catalog.NamesFile(f) {
			err = catalog.Usagef("--%s names a file, which a page cannot: leave it out", f.Name)
		}
	})
	if err == nil && e.Args == "" && d.all.NArg() > 0 {
		err = catalog.Usagef("%s takes no argument, got %s", e.ID, command.Shown(d.all.Arg(0)))
	}
	if err != nil {
		return nil, err
	}
	d.Args = d.again()
	d.Promise, err = e.Promise(d.all)
	return &d.Run, err
}

// Heading is that of the transcript of the run.
func (r *Run) Heading() transcript.Heading { return Heading(r.Entry, r.Promise) }

// Heading is that of the transcript of a recipe on a page.
func Heading(e catalog.Entry, p *transcript.Promise) transcript.Heading {
	return transcript.Heading{
		ID: e.ID, Title: e.Title, Section: e.Section, Python: e.Python, Go: e.Go, Actors: p.Actors(), Legend: true,
	}
}

// Config is how the run is recorded. Where no seed is given it is made up.
func (r *Run) Config(sink transcript.Sink) transcript.Config {
	return transcript.Config{Recipe: r.Entry.ID, Promise: r.Promise, Speed: r.Speed, Seed: r.Seed, Sink: sink}
}

// again makes the words of a command line anew from what was parsed.
func (d *declared) again() (words []string) {
	d.all.Visit(func(f *pflag.Flag) { words = append(words, "--"+f.Name+"="+f.Value.String()) })
	if d.all.NArg() > 0 {
		words = append(append(words, "--"), d.all.Args()...)
	}
	return words
}
