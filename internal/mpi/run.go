package mpi

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
)

// Register makes f known under a name, so that it can be run by ranks, and returns it. It is called at package level, as
// [process.Register] is, with the same rules:
//
//	var hello = mpi.Register("hello", func(ctx context.Context, comm *mpi.Comm, arg string) (int, error) { … })
func Register[A, R any](name string, f func(ctx context.Context, comm *Comm, arg A) (R, error)) func(context.Context, *Comm, A) (R, error) {
	engine.Register(name, reflect.ValueOf(f).Pointer(), func(ctx context.Context, t engine.Transport, b []byte, finish func() error) ([]byte, error) {
		c := NewComm(t)
		arg, err := decode[A](c, engine.CallFinalize, b)
		if err != nil {
			return nil, fmt.Errorf("the argument of %s: %w", name, err)
		}
		r, err := f(ctx, c, arg)
		if err != nil {
			return nil, err
		}
		if b, err = encode(c, engine.CallFinalize, r); err != nil {
			return nil, fmt.Errorf("the result of %s: %w", name, err)
		}
		return b, c.finish(finish)
	})
	return f
}

// An Option is an option of [Run].
type Option func(*engine.Job)

// WithLog lets the ranks speak into a log; see [Log].
func WithLog(out *transcript.Log) Option { return func(j *engine.Job) { j.Log = out } }

// WithEagerLimit sets the size in bytes up to which Send does not wait for the receiver (default 16 KiB). 0 makes every Send
// wait. It is for the local engine: an MPI library has limits of its own, which [Send] tells.
func WithEagerLimit(bytes int) Option { return func(j *engine.Job) { j.Eager = max(bytes, 0) } }

// WithTimeout ends all ranks after d: the error is ErrTimeout.
func WithTimeout(d time.Duration) Option { return func(j *engine.Job) { j.Timeout = d } }

// Run runs a registered function in n ranks, each a process of its own, and returns what they returned, by rank. It returns
// when all have ended, and ends them when ctx ends.
//
// The error is that of the rank that failed first: an *Error, wrapped with what was run.
func Run[A, R any](ctx context.Context, f func(ctx context.Context, comm *Comm, arg A) (R, error), n int, arg A, opts ...Option) ([]R, error) {
	name := engine.NameOf(reflect.ValueOf(f).Pointer())
	if name == "" {
		return nil, errors.New("run a function in ranks: it is not registered; write at package level: var f = mpi.Register(NAME, func…)")
	}
	j := &engine.Job{Ranks: n, Program: name, Eager: engine.DefaultEager}
	for _, opt := range opts {
		opt(j)
	}
	noRank := NewComm(outside{})
	var err error
	if j.Arg, err = encode(noRank, engine.CallFinalize, arg); err != nil {
		return nil, fmt.Errorf("the argument of %s: %w", name, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	all, err := engineOf(ctx).Run(ctx, j)
	if err != nil {
		return nil, err
	}
	results := make([]R, len(all))
	for r, b := range all {
		if results[r], err = decode[R](noRank, engine.CallFinalize, b); err != nil {
			return nil, fmt.Errorf("the result of rank %d: %w", r, err)
		}
	}
	return results, nil
}

// outside stands in for a transport where there is no rank. Only its number, −1, is used, in errors.
type outside struct{ engine.Transport }

func (outside) Rank() int         { return -1 }
func (outside) WorldRank(int) int { return -1 }

// Log returns the log that was given by [WithLog], in the function of a rank. A line is recorded when the call returns, so
// the order of the calls is the order of the lines across all ranks. Without such a log the lines are dropped.
func Log(ctx context.Context) *transcript.Log { return engine.Log(ctx) }
