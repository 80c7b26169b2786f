package mpi

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/transcript"
)

// A program is what a rank does, by name.
type program func(ctx context.Context, c *Comm, arg []byte) (result []byte, err error)

var registry struct {
	sync.RWMutex
	programs map[string]program
	names    map[uintptr]string // by where the function's code begins
}

// Register makes f known under a name, so that it can be run by ranks, and returns it. It is called at package level, as
// [process.Register] is, with the same rules:
//
//	var hello = mpi.Register("hello", func(ctx context.Context, comm *mpi.Comm, arg string) (int, error) { … })
func Register[A, R any](name string, f func(ctx context.Context, comm *Comm, arg A) (R, error)) func(context.Context, *Comm, A) (R, error) {
	registry.Lock()
	defer registry.Unlock()
	code := reflect.ValueOf(f).Pointer()
	switch {
	case name == "" || code == 0:
		panic("mpi.Register: it takes a name and a function")
	case registry.programs[name] != nil:
		panic(fmt.Sprintf("mpi.Register: there are two functions of the name %q", name))
	case registry.names[code] != "":
		panic(fmt.Sprintf("mpi.Register: the function %q is registered already, as %q", name, registry.names[code]))
	}
	if registry.programs == nil {
		registry.programs, registry.names = map[string]program{}, map[uintptr]string{}
	}
	registry.names[code] = name
	registry.programs[name] = func(ctx context.Context, c *Comm, b []byte) ([]byte, error) {
		arg, err := decode[A](c, callFinalize, b)
		if err != nil {
			return nil, fmt.Errorf("the argument of %s: %w", name, err)
		}
		r, err := f(ctx, c, arg)
		if err != nil {
			return nil, err
		}
		b, err = encode(c, callFinalize, r)
		if err != nil {
			return nil, fmt.Errorf("the result of %s: %w", name, err)
		}
		return b, nil
	}
	return f
}

// find returns the program of that name, nil if there is none.
func find(name string) program {
	registry.RLock()
	defer registry.RUnlock()
	return registry.programs[name]
}

// MaxRanks is how many ranks the local engine can have.
const MaxRanks = 128

// job is what Run is asked to do.
type job struct {
	n       int
	name    string // of the program
	arg     []byte
	log     *transcript.Log // nil: nobody listens
	eager   int
	timeout time.Duration // 0: none
	bind    bool
}

// An Option is an option of [Run].
type Option func(*job)

// WithLog lets the ranks speak into a log; see [Log].
func WithLog(out *transcript.Log) Option { return func(j *job) { j.log = out } }

// WithEagerLimit sets the size in bytes up to which Send does not wait for the receiver (default 16 KiB). 0 makes every Send wait. An
// MPI library has a limit of its own: Open MPI's is 4 KiB between processes of one machine.
func WithEagerLimit(bytes int) Option { return func(j *job) { j.eager = max(bytes, 0) } }

// WithTimeout ends all ranks after d: the error is ErrTimeout.
func WithTimeout(d time.Duration) Option { return func(j *job) { j.timeout = d } }

// WithoutBinding lets the system move ranks from processor to processor. Else each has one for itself if there are enough, as mpirun
// does it: that makes messages fast, and a rank with many goroutines slow.
func WithoutBinding() Option { return func(j *job) { j.bind = false } }

// Run runs a registered function in n ranks, each a process of its own, and returns what they returned, by rank. It returns when
// all have ended, and ends them when ctx ends.
//
// The error is that of the rank that failed first: an *Error, wrapped with what was run.
func Run[A, R any](ctx context.Context, f func(ctx context.Context, comm *Comm, arg A) (R, error), n int, arg A, opts ...Option) ([]R, error) {
	registry.RLock()
	name := registry.names[reflect.ValueOf(f).Pointer()]
	registry.RUnlock()
	if name == "" {
		return nil, errors.New("run a function in ranks: it is not registered; write at package level: var f = mpi.Register(NAME, func…)")
	}
	j := &job{n: n, name: name, eager: defaultEager, bind: true}
	for _, opt := range opts {
		opt(j)
	}
	nobody := &Comm{t: outside{}, busy: new(atomic.Bool)}
	var err error
	if j.arg, err = encode(nobody, callFinalize, arg); err != nil {
		return nil, fmt.Errorf("the argument of %s: %w", name, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	all, err := engineOf(ctx).run(ctx, j)
	if err != nil {
		return nil, err
	}
	results := make([]R, len(all))
	for r, b := range all {
		if results[r], err = decode[R](nobody, callFinalize, b); err != nil {
			return nil, fmt.Errorf("the result of rank %d: %w", r, err)
		}
	}
	return results, nil
}

const defaultEager = 16 << 10

// outside is the transport of who is no rank: it only names itself in errors.
type outside struct{ transport }

func (outside) rank() int         { return -1 }
func (outside) worldRank(int) int { return -1 }

// An Engine is what runs ranks. The zero of engines is [Local].
type Engine interface {
	// Check returns why the engine cannot be used here, nil if it can. The error wraps ErrEngine and says what to do.
	Check(ctx context.Context) error
	run(ctx context.Context, j *job) (results [][]byte, err error)
}

type engineKey struct{}

// WithEngine returns a context in which [Run] uses that engine.
func WithEngine(ctx context.Context, e Engine) context.Context {
	return context.WithValue(ctx, engineKey{}, e)
}

// engineOf is the engine of a context.
func engineOf(ctx context.Context) Engine {
	if e, ok := ctx.Value(engineKey{}).(Engine); ok {
		return e
	}
	return Local{}
}

// EngineName is the name of the engine that [Run] uses in this context: "local", "mpi", or "by hand" where mpirun has started this
// process itself.
func EngineName(ctx context.Context) string {
	switch engineOf(ctx).(type) {
	case Local:
		return "local"
	case ByHand:
		return "by hand"
	}
	return "mpi"
}

// Local is the engine that needs nothing: ranks are processes of this program, which share memory. Linux only.
type Local struct{}

type logKey struct{}

// Log returns the log that was given by [WithLog], in the function of a rank. A line is recorded when the call returns, so the
// order of the calls is the order of the lines across all ranks. Without such a log nobody hears what is said.
func Log(ctx context.Context) *transcript.Log {
	if out, ok := ctx.Value(logKey{}).(*transcript.Log); ok && out != nil {
		return out
	}
	return transcript.New(transcript.Config{})
}
