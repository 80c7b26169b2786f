package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
)

// startTwin is a Python program that runs another one. Its arguments are the name of that program, its text and its own
// arguments. Python looks for modules in the current folder first if a program comes by -c: a file queue.py there would be taken for
// the module queue. So it is told not to. A twin that is told to end takes the processes that it has forked along: it is told so even if
// this process was killed, and they are not. What the loader needs stays in a function, so that the twin has all names to itself.
const startTwin = `def load():
    import os, sys
    if sys.path[:1] == [""]:
        del sys.path[0]
    if hasattr(os, "register_at_fork"):
        from _signal import SIG_BLOCK, SIG_DFL, SIG_UNBLOCK, SIGKILL, SIGTERM, pthread_sigmask, signal
        def forked():
            signal(SIGTERM, SIG_DFL)
            pthread_sigmask(SIG_UNBLOCK, [SIGTERM])
        signal(SIGTERM, lambda *_: os.kill(0, SIGKILL))
        os.register_at_fork(
            before=lambda: pthread_sigmask(SIG_BLOCK, [SIGTERM]), after_in_child=forked,
            after_in_parent=lambda: pthread_sigmask(SIG_UNBLOCK, [SIGTERM]))
    del sys.argv[0]
    return compile(sys.argv.pop(1), sys.argv[0], "exec")
exec(load())`

// twinProgram is the command that starts the twin. The text of the twin is an argument, so there is no file to remove: not even if
// this process is killed.
func twinProgram(python string, e catalog.Entry, twin []byte) []string {
	return []string{python, "-c", startTwin, fmt.Sprintf("ch%d_%s", e.Chapter.Number, e.FileName(catalog.Twin)), string(twin)}
}

// emptyProgram is a Python program that only loads the modules which a twin requires, and as one types it. To load them is part of the
// start-up: mpi4py makes the ranks known to each other meanwhile.
func emptyProgram(modules []string) (program, typed string) {
	if len(modules) == 0 {
		return "pass", "pass"
	}
	var loads []string
	for _, m := range modules {
		if m == "mpi4py" {
			loads = append(loads, "from mpi4py import MPI")
		} else {
			loads = append(loads, "import "+m)
		}
	}
	program = strings.Join(loads, "; ")
	return program, "'" + program + "'"
}

// What a twin may say to compare in a comment among its first lines, as in "# compare: no ratio: Go has no such thing".
const (
	noRatio  = "no ratio"  // why the two sides do not do the same work
	moreWork = "more work" // arguments with which the work takes longer than the start-up
)

// twinSays reads what a twin says to compare.
func twinSays(twin []byte, key string) string {
	const firstLines = 30
	for i, line := range strings.SplitN(string(twin), "\n", firstLines+1) {
		if text, ok := strings.CutPrefix(line, "# compare: "+key+":"); ok && i < firstLines {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// moreToDo says what to type so that both sides have more to do, "" if the twin does not tell.
func moreToDo(e catalog.Entry, twin []byte, args []string) string {
	more := twinSays(twin, moreWork)
	if more == "" || len(args) > 0 {
		return more
	}
	return fmt.Sprintf("cookbook compare %s -- %s", e.ID, more)
}

// underMpirun has mpirun start the twin, in as many processes as the recipe has ranks. A twin learns their number from MPI.
func (s *contestant) underMpirun(ctx context.Context, e catalog.Entry, twin []byte, pace, args []string) error {
	flags := pflag.NewFlagSet(e.ID, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	e.New(flags)
	var own []string // of the twin
	err := flags.ParseAll(args, func(f *pflag.Flag, value string) error {
		if f.Name != "ranks" {
			own = append(own, "--"+f.Name+"="+value)
			return nil
		}
		return f.Value.Set(value)
	})
	if err != nil {
		return usagef("%s: %w\nwhat it takes: cookbook run %s --help", e.ID, err, e.ID)
	}
	ranks, err := flags.GetInt("ranks")
	if err != nil {
		return fmt.Errorf("%s says nothing about its ranks: %w", e.ID, err)
	}
	n := max(ranks, 1) // the recipe itself complains
	python := s.path
	s.argv, s.env, err = mpi.Mpirun(ctx, n, slices.Concat(twinProgram(python, e, twin), pace, own)...)
	if err != nil {
		return missingError{s.who, catalog.MPI, err}
	}
	s.startup, _, _ = mpi.Mpirun(ctx, n, s.startup...)
	s.empty = fmt.Sprintf("mpirun -n %d %s", n, s.empty)
	return nil
}

// findPython returns an interpreter that has all modules; the errors say how to get what is missing.
func (o *compareOptions) findPython(ctx context.Context, e catalog.Entry, modules []string) (*machine.Python, error) {
	found, err := machine.FindPython(ctx, o.python, modules)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	what := "the Python twin of " + e.ID
	if err != nil {
		return nil, missingError{what, machine.PythonNeeded, fmt.Errorf("%w; get it (%s) or name one with --python", err, machine.HowToGetPython)}
	}
	for _, m := range modules {
		if !found.Has[m] {
			err := fmt.Errorf("%s has no such module; get it (%s) or name another interpreter with --python", found.Path, machine.HowToInstall(m, found.Path))
			return nil, missingError{what, catalog.Need(m), err}
		}
	}
	return found, nil
}
