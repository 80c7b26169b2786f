package distributed

import (
	"context"
	"errors"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A Run is what a program of several processes stands on: an engine, a group of processes, and a connection of this process
// to the engine. It has to be closed.
type Run struct {
	Engine *engine.Engine
	Group  *process.Group
	Conn   *engine.Conn
}

// An Option is an option of [Open].
type Option func(*options)

type options struct {
	store   string
	workers int
}

// WithStore keeps what the engine has in a folder, for a later run; see [engine.OpenDir]. An empty name is no store.
func WithStore(dir string) Option { return func(o *options) { o.store = dir } }

// WithWorkers says how many workers the program will start: the flag --workers of a recipe. A program that starts no workers uses
// those that have joined with cookbook worker, and needs an engine elsewhere; without one the error is a usage error.
func WithWorkers(n int) Option { return func(o *options) { o.workers = n } }

// Open opens the engine that ctx names, or one in this process, makes a group of processes that speak into out, and connects.
// Errors are those of [engine.Open] and [engine.Connect].
func Open(ctx context.Context, out *transcript.Log, opts ...Option) (r *Run, err error) {
	o := options{workers: 1}
	for _, option := range opts {
		option(&o)
	}
	r = &Run{}
	switch {
	case o.workers == 0:
		if r.Engine, err = engine.OpenShared(ctx); errors.Is(err, engine.ErrAlone) {
			err = catalog.Usagef("--workers 0: %v", err)
		}
	case o.store != "":
		r.Engine, err = engine.OpenDir(ctx, o.store)
	default:
		r.Engine, err = engine.Open(ctx)
	}
	if err != nil {
		return nil, err
	}
	if r.Group, err = process.NewGroup(ctx, process.WithLog(out)); err == nil {
		r.Conn, err = r.Engine.Connect(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Address is how the processes of the run reach the engine.
func (r *Run) Address() engine.Address { return r.Engine.Address() }

// Close ends the processes, then the connection, then the engine.
func (r *Run) Close() (err error) {
	if r.Group != nil {
		err = r.Group.Close()
	}
	if r.Conn != nil {
		r.Conn.Close()
	}
	return errors.Join(err, r.Engine.Close())
}

// Start starts a process of the run under a name. It calls f, which has to be registered with process.Register, with arg.
func Start[A, R any](r *Run, name string, f func(context.Context, A) (R, error), arg A) (*process.Process, error) {
	p := process.New(r.Group, f, arg, process.WithName(name))
	if err := p.Start(); err != nil {
		return nil, err
	}
	return p, nil
}
