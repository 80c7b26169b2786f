package ch3

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Two processes run the same function. The one in the background, a daemon, is ended when the main program has nothing
// more to do. Main waits for the other one.

func endWithMain(ctx context.Context, out *transcript.Log, join bool) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()

	daemon := process.New(g, workInBackground, !join, process.WithName("background_process"), process.WithDaemon())
	other := process.New(g, workInBackground, false, process.WithName("NO_background_process"))
	for _, p := range []*process.Process{daemon, other} {
		if err := p.Start(); err != nil {
			return err
		}
	}
	if join {
		out.Note("The daemon is joined, so it has time to say its second line.")
		if err := daemon.Join(ctx); err != nil {
			return err
		}
	} else {
		out.Note("The main program has nothing more to do. It ends its daemon at once, and waits for the other process.")
	}
	if err := g.Join(ctx); err != nil { // what Python does at the end of the main program
		return err
	}
	out.Printf("main program: %s is over, %s too", other.Name(), daemon.Name())
	out.Check("neither of them is alive", other.IsAlive() || daemon.IsAlive(), false)
	code, _ := other.ExitCode()
	out.Check("the exit code of the process that was waited for", code, 0)
	code, _ = daemon.ExitCode()
	if join {
		out.Check("the exit code of the daemon, which was waited for", code, 0)
	} else {
		out.Check("the daemon has not ended by itself", code < 0, true) // a signal has ended it
	}

	out.Note("A daemon is told to end when its parent ends. In Python its own children would be left over, so it may have none.")
	sterile := process.New(g, haveChild, struct{}{}, process.WithName("sterile"), process.WithDaemon())
	if err := sterile.Start(); err != nil {
		return err
	}
	if err := sterile.Join(ctx); err != nil {
		return err
	}
	out.Check("a daemon may not start a process", sterile.Err() == nil, true)
	return nil
}

// workInBackground is the book's foo: it works for three seconds, or without end if it is told to.
var workInBackground = process.Register("ch3.background", func(ctx context.Context, forEver bool) (struct{}, error) {
	self, out := process.Current(ctx), process.Log(ctx)
	out.Actor(self.Name()).Printf("Starting %s", self.Name())
	if forEver {
		<-ctx.Done() // a pause would guarantee nothing
		return struct{}{}, context.Cause(ctx)
	}
	if err := out.Sleep(ctx, 3*time.Second); err != nil {
		return struct{}{}, err
	}
	out.Actor(self.Name()).Printf("Exiting %s", self.Name())
	return struct{}{}, nil
})

// haveChild tries to have a child.
var haveChild = process.Register("ch3.parent", func(ctx context.Context, _ struct{}) (struct{}, error) {
	child := process.New(process.CurrentGroup(ctx), workInBackground, false, process.WithName("child"))
	err := child.Start()
	process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("%v", err)
	if errors.Is(err, process.ErrDaemon) {
		return struct{}{}, nil
	}
	return struct{}{}, errors.New("a daemon has started a process")
})

var background = catalog.Recipe{
	ID: "ch3.background", Section: "3.4", Title: "Run a process in the background",
	Python: "process.daemon = True", Go: "process.WithDaemon, Group.Join",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		join := f.Bool("join", false, "join the daemon as well before the main program ends")
		return func(ctx context.Context, out *transcript.Log) error { return endWithMain(ctx, out, *join) }
	},
	Wrong: backgroundWrong,
}
