package mpi

import (
	"context"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
	"cookbook/internal/mpi/openmpi"
)

// An Engine is what runs ranks. It is one package below this one, with a type that implements engine.Engine and uses nothing
// of the other engines. This file is where a new one is added: an alias for its type, and its place in engines, by which the
// conformance suite takes it. What the command calls it is in internal/cli/engine.go.
type Engine = engine.Engine

// Local is the engine that needs nothing: ranks are processes of this program, which share memory. Linux only.
type Local = local.Engine

// OpenMPI is the engine of a real MPI library: each [Run] starts mpirun, which starts this program once for each rank, here
// or on other machines. It needs a program that was built with -tags mpi, and Open MPI's mpirun. See go doc of
// openmpi.Engine.
type OpenMPI = openmpi.Engine

// ByHand is the engine of a command that mpirun has started, as [Joined] tells. Each of its processes makes the same calls
// of [Run] and is one rank in each. Before the process ends it has to call [Leave].
type ByHand = openmpi.ByHand

// Built reports whether this program was built with MPI: with -tags mpi.
func Built() bool { return openmpi.Built() }

// Joined reports whether mpirun has started this process, and as which of how many ranks.
func Joined() (rank, size int, ok bool) { return openmpi.Joined() }

// Leave ends MPI in a process that mpirun has started: MPI_Finalize. It waits until all ranks do so. After a Run that has
// failed it does nothing: then the process has to end with another exit code than 0, by which mpirun ends those that still
// wait.
func Leave() error { return openmpi.Leave() }

// Mpirun returns what starts any program of MPI, in Python for example, in n processes on this machine: the command line,
// and what its environment needs beside that of this process. The error wraps ErrEngine if there is no mpirun of Open MPI.
func Mpirun(ctx context.Context, n int, program ...string) (argv, env []string, err error) {
	return openmpi.Mpirun(ctx, n, program...)
}

// MaxRanks is how many ranks the local engine can have.
const MaxRanks = local.MaxRanks

// engines is one of each that has to do the same as the others.
var engines = []Engine{Local{}, OpenMPI{}}

type engineKey struct{}

// WithEngine returns a context in which [Run] uses that engine.
func WithEngine(ctx context.Context, e Engine) context.Context {
	return context.WithValue(ctx, engineKey{}, e)
}

// engineOf is the engine of a context, [Local] if it has none.
func engineOf(ctx context.Context) Engine {
	if e, ok := ctx.Value(engineKey{}).(Engine); ok {
		return e
	}
	return Local{}
}

// EngineName is the name of the engine that [Run] uses in this context: "local", "mpi", or "by hand" where mpirun has
// started this process itself.
func EngineName(ctx context.Context) string { return engineOf(ctx).Name() }
