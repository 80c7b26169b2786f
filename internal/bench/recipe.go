package bench

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
	"cookbook/internal/terminal"
)

// Conditions are under what a recipe and its twin run.
type Conditions struct {
	Exe     string   // the program whose command run is the Go side
	On      []string // flags of that side alone, such as --device opencl
	OnWhat  string   // what that is, for people: ", on opencl:0"
	Python  string   // the path of the interpreter; "": python3 or python on PATH
	Speed   string
	Timeout time.Duration // of one run
	Args    []string      // that both sides get
}

// MissingError is something that a measurement needs and this machine lacks.
type MissingError struct {
	What string // that cannot be measured
	Need catalog.Need
	Err  error // why it is missing, and how to get it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s needs %s: %v; see: cookbook doctor", e.What, e.Need, e.Err)
}

// Unwrap returns Err.
func (e *MissingError) Unwrap() error { return e.Err }

// Missing says that this machine lacks something.
func (e *MissingError) Missing() bool { return true }

// NewContest prepares the contest of a recipe with its twin. The error is a *[MissingError] if the twin needs what is not here, a
// *[catalog.UsageError], or the cause of ctx.
func NewContest(ctx context.Context, e catalog.Entry, on Conditions) (*Contest, error) {
	twin, err := e.File(catalog.Twin)
	if err != nil {
		return nil, err
	}
	who := "the Python twin of " + e.ID
	if program, err := machine.MissingProgram(machine.Programs(twin)); err != nil {
		return nil, &MissingError{who, catalog.Need(program), err}
	}
	modules := machine.Requires(twin)
	found, err := findPython(ctx, who, on.Python, modules)
	if err != nil {
		return nil, err
	}
	empty, typed := emptyProgram(modules)
	pace := []string{"--speed", on.Speed}
	c := &Contest{Entry: e, Args: on.Args, OtherWork: twinSays(twin, noRatio), moreWork: moreToDo(e, twin, on.Args), timeout: on.Timeout}
	c.Python = &Side{
		Name: "python", who: who,
		Path: found.Path, Version: found.Version, Kind: terminal.Safe(terminal.OneLine("Python " + found.String())),
		Empty: filepath.Base(found.Path) + " -c " + typed, startup: []string{found.Path, "-c", empty},
		argv:    slices.Concat(twinProgram(found.Path, e, twin), pace, on.Args),
		timeout: on.Timeout,
	}
	if e.Engine == string(catalog.MPI) {
		c.OtherWork = "mpirun starts Python's ranks, which talk through its library; cookbook starts Go's, which talk through memory"
		if err := c.Python.underMpirun(ctx, e, twin, pace, on.Args); err != nil {
			return nil, err
		}
	}
	// The recipe knows its own --timeout and says who waits for what; the grace is for that.
	c.Go = &Side{
		Name: "go", who: "the Go recipe " + e.ID,
		Path: on.Exe, Version: runtime.Version(), Kind: "Go " + strings.TrimPrefix(runtime.Version(), "go") + on.OnWhat,
		Empty: "cookbook version", startup: []string{on.Exe, "version"},
		argv:    slices.Concat([]string{on.Exe, "run", e.ID, "--plain", "--timeout", on.Timeout.String()}, on.On, pace, on.Args),
		timeout: on.Timeout + command.Grace,
	}
	return c, nil
}

// findPython returns an interpreter that has all modules; the errors say how to get what is missing.
func findPython(ctx context.Context, who, path string, modules []string) (*machine.Python, error) {
	found, err := machine.FindPython(ctx, path, modules)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, &MissingError{who, machine.PythonNeeded, fmt.Errorf("%w; get it (%s) or name one with --python", err, machine.HowToGetPython)}
	}
	for _, m := range modules {
		if !found.Has[m] {
			err := fmt.Errorf("%s has no such module; get it (%s) or name another interpreter with --python", found.Path, machine.HowToInstall(m, found.Path))
			return nil, &MissingError{who, catalog.Need(m), err}
		}
	}
	return found, nil
}

// underMpirun has mpirun start the twin, in as many processes as the recipe has ranks. A twin learns their number from MPI.
func (s *Side) underMpirun(ctx context.Context, e catalog.Entry, twin []byte, pace, args []string) error {
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
		return catalog.Usagef("%s: %v\nwhat it takes: cookbook run %s --help", e.ID, err, e.ID)
	}
	ranks, err := flags.GetInt("ranks")
	if err != nil {
		return fmt.Errorf("%s says nothing about its ranks: %w", e.ID, err)
	}
	n := max(ranks, 1) // the recipe itself complains
	python := s.Path
	s.argv, s.env, err = mpi.Mpirun(ctx, n, slices.Concat(twinProgram(python, e, twin), pace, own)...)
	if err != nil {
		return &MissingError{s.who, catalog.MPI, err}
	}
	s.startup, _, _ = mpi.Mpirun(ctx, n, s.startup...)
	s.Empty = fmt.Sprintf("mpirun -n %d %s", n, s.Empty)
	return nil
}
