package ch3

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A new kind of process is a type with a method Run, and a registered function that calls it.

// myProcess is what a process of this kind needs to know. It is copied to the other process, so the fields are exported.
type myProcess struct {
	Number int
	Called int // number of calls of Run
}

// Run is what such a process does. It gets a copy of the value, and returns the changed copy.
func (m myProcess) Run(ctx context.Context) (myProcess, error) {
	self := process.Current(ctx)
	process.Log(ctx).Actor(self.Name()).Printf("called run method in process: %s", self.Name())
	m.Called++
	return m, nil
}

// runMyProcess calls the method of the value that came to this process.
var runMyProcess = process.Register("ch3.myProcess", func(ctx context.Context, m myProcess) (myProcess, error) {
	return m.Run(ctx)
})

func startMyProcesses(ctx context.Context, out *transcript.Log, count int) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()

	out.Note("Each process gets a value of one type and calls its method Run. Each is joined before the next starts.")
	var here, there, untouched, once []myProcess
	for i := range count {
		m := myProcess{Number: i + 1}
		p := process.New(g, runMyProcess, m, process.WithName(fmt.Sprintf("MyProcess-%d", m.Number)))
		if err := p.Start(); err != nil {
			return err
		}
		if err := p.Join(ctx); err != nil {
			return err
		}
		result, err := process.Result[myProcess](p)
		if err != nil {
			return err
		}
		here, there = append(here, m), append(there, result)
		untouched, once = append(untouched, myProcess{i + 1, 0}), append(once, myProcess{i + 1, 1})
	}
	out.Check("number and calls of Run in the values that came back", there, once)
	out.Note("Run changes the copy in its own process. The value that stayed here is as it was.")
	out.Check("number and calls of Run in the values that stayed here", here, untouched)
	return nil
}

var subclass = catalog.Recipe{
	ID: "ch3.subclass", Section: "3.6", Title: "Make a kind of process of your own",
	Python: "class MyProcess(Process)", Go: "a type with Run, process.Register",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 5, 1, 100, "processes to start")
		return func(ctx context.Context, out *transcript.Log) error { return startMyProcesses(ctx, out, *count) }
	},
}
