package ch3

import (
	"context"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// One process gets a name, the other one keeps its default name.

// sayName is what both processes run. Its context says which of the two it is.
var sayName = process.Register("ch3.name", func(ctx context.Context, _ struct{}) (string, error) {
	self, out := process.Current(ctx), process.Log(ctx)
	out.Actor(self.Name()).Printf("Starting %s", self.Name())
	if err := out.Sleep(ctx, 3*time.Second); err != nil {
		return "", err
	}
	out.Actor(self.Name()).Printf("Exiting %s", self.Name())
	return self.Name(), nil
})

func startNamed(ctx context.Context, out *transcript.Log, named string, daemon bool) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	options := []process.Option{process.WithName(named)}
	if daemon {
		options = append(options, process.WithDaemon())
	}
	out.Note("The first process has the name that it was given, if any. The other has the default name: Process-2, the second.")
	withName := process.New(g, sayName, struct{}{}, options...)
	withDefault := process.New(g, sayName, struct{}{})
	for _, p := range []*process.Process{withName, withDefault} {
		if err := p.Start(); err != nil {
			return err
		}
	}

	// This is what Python does at the end of the main program: it ends the daemons and joins the others.
	if err := g.Join(ctx); err != nil {
		return err
	}
	out.Check("the default name", withDefault.Name(), "Process-2")
	if daemon {
		out.Note("The main program had nothing more to do. So its daemon was ended, unless it had ended by itself.")
		return withDefault.Err()
	}
	for _, p := range []*process.Process{withName, withDefault} {
		self, err := process.Result[string](p)
		if err != nil {
			return err
		}
		out.Check(p.Name()+" knows its own name", self == p.Name(), true)
	}
	return nil
}

var name = catalog.Recipe{
	ID: "ch3.name", Section: "3.3", Title: "Give a process a name",
	Python: "multiprocessing.current_process().name", Go: "process.WithName, process.Current",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		named := f.String("name", "foo_process", "name of the first process, which gets the default name if it is empty")
		daemon := f.Bool("daemon", false, "make the first process a daemon, as the book's listing does")
		return func(ctx context.Context, out *transcript.Log) error { return startNamed(ctx, out, *named, *daemon) }
	},
}
