package ch3

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A process is told to end, or killed, and its exit code says how it ended.

// # As in the book

func terminate(ctx context.Context, out *transcript.Log) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()

	out.Note("A process is told to end as soon as it has been started.")
	p := process.New(g, waitForEnd, struct{}{})
	out.Printf("Process before execution: %v %t", p, p.IsAlive())
	out.Check("before its start it is not alive", p.IsAlive(), false)
	if err := p.Start(); err != nil {
		return err
	}
	out.Printf("Process running: %v %t", p, p.IsAlive())
	out.Check("after its start it is alive", p.IsAlive(), true)
	if err := p.Terminate(); err != nil {
		return err
	}
	out.Printf("Process terminated: %v %t", p, p.IsAlive())
	out.Note("The signal was sent. Whether the process has ended by now is a race. After Join it certainly has.")
	if err := p.Join(ctx); err != nil {
		return err
	}
	out.Printf("Process joined: %v %t", p, p.IsAlive())
	out.Check("after the join it is not alive", p.IsAlive(), false)
	code, _ := p.ExitCode()
	out.Printf("Process exit code: %d", code)
	out.Check("the exit code is that of signal 15", code, -15)
	return nil
}

// waitForEnd is the book's foo, but it reaches its last line only when its context ends.
var waitForEnd = process.Register("ch3.killFoo", func(ctx context.Context, _ struct{}) (struct{}, error) {
	out := process.Log(ctx).Actor(process.Current(ctx).Name())
	out.Printf("Starting function")
	<-ctx.Done()
	out.Printf("Finished function")
	return struct{}{}, context.Cause(ctx)
})

// # What an exit code says

// compareExitCodes shows four ways to end.
func compareExitCodes(ctx context.Context, out *transcript.Log, status int) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()

	out.Note("The exit code of a process: 0 is success, above 0 the process chose it, below 0 a signal ended it.")
	killed := process.New(g, waitForEnd, struct{}{}, process.WithName("killed"))
	children := []*process.Process{
		process.New(g, exitWith, 0, process.WithName("well")),
		process.New(g, exitWith, status, process.WithName("exits")),
		process.New(g, failAlways, struct{}{}, process.WithName("fails")),
		killed,
	}
	for _, p := range children {
		if err := p.Start(); err != nil {
			return err
		}
	}
	var codes []int
	for _, p := range children {
		if p == killed { // the others end by themselves
			if err := p.Kill(); err != nil {
				return err
			}
		}
		if err := p.Join(ctx); err != nil {
			return err
		}
		code, _ := p.ExitCode()
		codes = append(codes, code)
		out.Printf("%-6s  exit code %3d  error: %v", p.Name(), code, p.Err())
	}
	out.Check("the exit codes", codes, []int{0, status, 1, -9})
	return nil
}

// exitWith ends its process with an exit status: 0 by returning, others by os.Exit.
var exitWith = process.Register("ch3.killExit", func(_ context.Context, status int) (struct{}, error) {
	if status != 0 {
		os.Exit(status)
	}
	return struct{}{}, nil
})

// failAlways returns an error, which is exit status 1.
var failAlways = process.Register("ch3.killFail", func(context.Context, struct{}) (struct{}, error) {
	return struct{}{}, errors.New("out of luck")
})

var kill = catalog.Recipe{
	ID: "ch3.kill", Section: "3.5", Title: "Kill a process and read its exit code",
	Python: "terminate, is_alive, exitcode", Go: "Process.Terminate, IsAlive, ExitCode",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		status := catalog.Int(f, "status", 3, 1, 255, "exit status that one of the children asks for")
		return func(ctx context.Context, out *transcript.Log) error {
			if err := terminate(ctx, out); err != nil {
				return err
			}
			return compareExitCodes(ctx, out, *status)
		}
	},
}
