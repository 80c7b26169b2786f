package mpi

import (
	"context"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/mpi/local"
)

// An Engine is what runs ranks. It is one package below this one, with a type that implements engine.Engine and uses nothing
// of the other engines. This file is where a new one is added: an alias for its type, and its place in engines, by which the
// conformance suite takes it. What the command calls it is in internal/cli/engine.go.
type Engine = engine.Engine

// Local is the engine that needs nothing: ranks are processes of this program, which share memory. Linux only.
type Local = local.Engine

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

// EngineName is the name of the engine that [Run] uses in this context: "local", "mpi", or "by hand" where mpirun has started this
// process itself.
func EngineName(ctx context.Context) string { return engineOf(ctx).Name() }
