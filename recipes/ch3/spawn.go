package ch3

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A process runs a function of this program, found by its name. Processes run one after another if each is joined before
// the next is started. Otherwise they run side by side.

func startAndJoin(ctx context.Context, out *transcript.Log, count int) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	out.Printf("this is process %d", os.Getpid())

	out.Note("As in the book, each process is joined before the next is started. So they never run at once.")
	var started, pids []int
	for i := range count {
		p := process.New(g, foo, i)
		if err := p.Start(); err != nil {
			return err
		}
		if err := p.Join(ctx); err != nil {
			return err
		}
		pid, err := process.Result[int](p)
		if err != nil {
			return err
		}
		started, pids = append(started, p.Pid()), append(pids, pid)
	}

	out.Note("Now all are started first and joined afterwards. They run side by side, in any order.")
	var together []*process.Process
	for i := range count {
		p := process.New(g, foo, i)
		if err := p.Start(); err != nil {
			return err
		}
		together = append(together, p)
	}
	for _, p := range together {
		if err := p.Join(ctx); err != nil {
			return err
		}
		pid, err := process.Result[int](p)
		if err != nil {
			return err
		}
		started, pids = append(started, p.Pid()), append(pids, pid)
	}
	out.Check("the functions ran in the processes that were started", slices.Equal(pids, started), true)
	out.Check("no function ran in this process", slices.Contains(pids, os.Getpid()), false)

	out.Note("A process is this program, started again. It can run a function that is registered under a name.")
	err = process.New(g, stranger, 0).Start()
	out.Printf("%v", err)
	out.Check("a function that is not registered is not started", errors.Is(err, process.ErrNotRegistered), true)
	return nil
}

// foo is the book's. A process finds it by the name under which it is registered here, before main begins.
var foo = process.Register("ch3.foo", func(ctx context.Context, i int) (int, error) {
	out := process.Log(ctx).Actor(fmt.Sprintf("process %d", i))
	pid := os.Getpid()
	out.Printf("called function in process: %d (pid %d)", i, pid)
	return pid, nil
})

// stranger is not registered, so no other process could know it.
func stranger(context.Context, int) (int, error) { return 0, nil }

var spawn = catalog.Recipe{
	ID: "ch3.spawn", Section: "3.2", Title: "Start a process and wait for its end",
	Python: "multiprocessing.Process", Go: "process.New, a registered function",
	Needs: []catalog.Need{catalog.Processes},
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 5, 1, 100, "processes to start in each of two ways")
		return func(ctx context.Context, out *transcript.Log) error { return startAndJoin(ctx, out, *count) }
	},
}
