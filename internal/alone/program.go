// Package alone makes a recipe a program of its own, as cookbook eject writes it: a main package whose main function calls
// [Program.Main]. What it prints is what cookbook run prints, and its flags and exit codes are the same.
//
//	//go:embed lock.txt
//	var files embed.FS
//
//	func main() { os.Exit(program.Main(os.Args[1:])) }
//
//	var program = alone.Program{Recipe: &lock, Files: files}
//
// A recipe that starts processes calls process.Main first. Package alonetest holds the promise in a test.
package alone

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/transcript"
	"cookbook/internal/watch"
)

// Program is a recipe that is a program.
type Program struct {
	Recipe *catalog.Recipe
	Files  fs.FS  // holds the promise, such as lock.txt of ch2.lock
	Wrong  string // what --wrong is if it is not given; "": the recipe itself

	// Device returns a context in which a recipe with [catalog.Recipe.Device] computes on what --device names, or an error if there can
	// be no such device. It is gpu.Named; without it there is no --device.
	Device func(ctx context.Context, name string) (context.Context, error)

	// Search reports whether a search of cookbook has started this process, and if so, makes it and returns the exit code. It is
	// apart.Answers, of package internal/explore/apart; without it the program cannot be searched.
	Search func(prepare func(args ...string) (catalog.Run, *transcript.Promise, error)) (code int, asked bool)
}

// readme is the file that explains a recipe beside it.
const readme = "README.md"

// typed is how the program is started by people.
const typed = "go run ."

// Main runs one command line (without the program's name) and returns its exit code, which is that of cookbook run: 0, or 1 if the
// recipe failed or a promise broke, 2 for a command line that makes no sense, 3 if there is no such device, 124 if --timeout ran out, 130
// after Ctrl-C. It waits for all that it started.
func (p Program) Main(args []string) int {
	if p.Search != nil {
		if code, asked := p.Search(p.Prepare); asked {
			return code
		}
	}
	return p.main(args, command.System())
}

func (p Program) main(args []string, s command.Streams) int {
	out := command.NewOutput(s.Out)
	s.Out = out
	complain := func(err error) { s.Complain(p.Recipe.Stem(), err) }
	err := out.Settle(p.do(args, s), complain)
	if err != nil {
		complain(err)
	}
	return command.ExitCode(err)
}

// line is a command line: what its flags say.
type line struct {
	own    *pflag.FlagSet // flags of the recipe
	all    *pflag.FlagSet // and those that every recipe has
	run    catalog.Run
	view   command.View
	device string
	watch  bool
	help   bool
}

// declare makes the flags.
func (p Program) declare() *line {
	l := &line{own: pflag.NewFlagSet(p.Recipe.ID, pflag.ContinueOnError)}
	l.all = l.own
	l.run = p.Recipe.Declare(l.all)
	if f := l.all.Lookup("wrong"); f != nil {
		f.DefValue = p.Wrong
	}
	if p.Device != nil {
		command.DeviceFlag(l.all, &l.device, "")
	}
	l.all.BoolVarP(&l.help, "help", "h", false, "help for "+p.Recipe.ID)
	l.own = pflag.NewFlagSet(p.Recipe.ID, pflag.ContinueOnError)
	l.own.AddFlagSet(l.all)
	l.view.Add(l.all)
	l.all.BoolVar(&l.watch, "watch", false, "run again whenever a file is saved, and show which promise broke")
	return l
}

// parse reads a command line. Without --wrong and --bare it is p.Wrong that runs.
func (p Program) parse(l *line, args []string) error {
	if err := l.all.Parse(args); err != nil || p.Wrong == "" || l.all.Changed("wrong") || l.all.Changed("bare") {
		return err
	}
	f := l.all.Lookup("wrong")
	if f == nil {
		return catalog.Usagef("Wrong: %q in main.go: %s has no wrong programs", p.Wrong, p.Recipe.ID)
	}
	if err := f.Value.Set(p.Wrong); err != nil {
		return catalog.Usagef("Wrong: %q in main.go: %v", p.Wrong, err)
	}
	return nil
}

// Prepare returns the program as it runs with the given arguments, and what it then promises, as [catalog.Entry.Prepare] does.
func (p Program) Prepare(args ...string) (catalog.Run, *transcript.Promise, error) {
	l := p.declare()
	if err := p.parse(l, args); err != nil {
		return nil, nil, err
	}
	promise, err := p.Recipe.PromiseIn(p.Files, "", l.all)
	return l.run, promise, err
}

func (p Program) do(args []string, s command.Streams) error {
	l := p.declare()
	switch err := p.parse(l, args); {
	case err != nil:
		return command.FlagError(err, typed+" --help")
	case l.help:
		p.printHelp(s, l)
		return nil
	case p.Recipe.Args == "" && l.all.NArg() > 0:
		return catalog.Usagef("%s takes no argument, got %q; see: %s --help", typed, l.all.Arg(0), typed)
	}
	if err := l.view.Check(); err != nil {
		return err
	}
	if l.watch && (l.view.Plain || l.view.JSON) {
		return catalog.Usagef("--watch shows each run beside its promise: leave out --plain and --json")
	}
	ctx, stop := command.OnInterrupt(context.Background(), s.Out)
	defer stop()
	if l.watch {
		return keepRunning(ctx, s, l, args)
	}
	return p.execute(ctx, s, l)
}

// execute runs what the command line says.
func (p Program) execute(ctx context.Context, s command.Streams, l *line) (err error) {
	r, on := p.Recipe, ""
	if l.all.Changed(command.Device) {
		if ctx, err = p.Device(ctx, l.device); err != nil {
			return catalog.Usagef("--%s %s: %v; see: %s --help", command.Device, command.Shown(l.device), err, typed)
		}
		on = ", on " + l.device
	}
	promise, err := r.PromiseIn(p.Files, "", l.all)
	if err != nil {
		return err
	}
	cfg := transcript.Config{Recipe: r.ID, Promise: promise, Speed: l.view.Speed, Seed: l.view.Seed}
	cfg.Sink = l.view.Sink(s, func() transcript.Heading {
		return transcript.Heading{
			ID: r.ID, Title: r.Title, Section: r.Section, Python: r.Python, Go: r.Go + on, Actors: promise.Actors(), Why: readme,
		}
	})
	return command.Supervise(s.WithTerminal(ctx), l.view.Timeout, l.run, cfg)
}

// keepRunning builds the program and runs it, and again whenever a file in this folder is saved, until Ctrl-C.
func keepRunning(ctx context.Context, s command.Streams, l *line, args []string) error {
	if _, err := os.Stat("go.mod"); err != nil {
		return catalog.Usagef("--watch looks at the files in the folder that it is started in, and here is no go.mod: change to the program's folder")
	}
	err := watch.Loop(ctx, watch.Options{Dir: ".", Args: withoutWatch(args), Timeout: l.view.Timeout, Out: s.Out, Size: s.Size(), Color: s.Color})
	if ctx.Err() != nil {
		return command.EndedAsTold(ctx)
	}
	return err
}

// withoutWatch are the arguments of one run.
func withoutWatch(args []string) []string {
	flags := len(args)
	if i := slices.Index(args, "--"); i >= 0 {
		flags = i
	}
	once := slices.DeleteFunc(slices.Clone(args[:flags]), func(arg string) bool { return arg == "--watch" || strings.HasPrefix(arg, "--watch=") })
	return append(once, args[flags:]...)
}

// printHelp prints what the recipe is, and its flags.
func (p Program) printHelp(s command.Streams, l *line) {
	r, page := p.Recipe, command.NewPage(s.Style())
	page.Paragraphs(fmt.Sprintf("%s (book §%s)\n%s → %s\n\nWhy it works: %s\n\nThe mark before a line says how firmly its place is promised:\n%s",
		r.Title, r.Section, r.Python, r.Go, readme, command.Legend()))
	usage := typed
	if r.Args != "" {
		usage += " " + r.Args
	}
	fmt.Fprintf(page, "\nUsage:\n")
	page.Item("  ", usage+" [flags]", "", 0)
	page.Flags("Flags", l.own)
	if r.Wrong != nil {
		page.Wrong(r.Wrong)
	}
	common := pflag.NewFlagSet("", pflag.ContinueOnError)
	l.all.VisitAll(func(f *pflag.Flag) {
		if l.own.Lookup(f.Name) == nil {
			common.AddFlag(f)
		}
	})
	page.Flags("Flags of every recipe", common)
	fmt.Fprint(s.Out, page.String())
}
