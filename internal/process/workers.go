package process

import (
	"context"
	"iter"

	"cookbook/internal/process/pool"
	"cookbook/internal/process/worker"
)

// The types below are those of the packages worker and pool, where their methods are documented: go doc
// ./internal/process/pool Pool.

type (
	// A Worker is a child process that serves calls, one at a time. It has to be closed.
	Worker = worker.Worker
	// A Role is a main function beside main, for a child that needs its standard streams for itself.
	Role = worker.Role
	// A RemoteError says why a function in another process has come to no result.
	RemoteError = worker.RemoteError

	// A Pool is a number of workers that share out calls. It must be closed and joined, or terminated.
	Pool = pool.Pool
	// A PoolOption is an option of [NewPool].
	PoolOption = pool.Option
	// A CallOption is an option of a call that is made to a pool.
	CallOption = pool.CallOption
	// An AsyncResult is the result of a call that was made to a pool, once it is ready.
	AsyncResult[R any] = pool.AsyncResult[R]
	// An ItemError is what became of one item of a [Map] or [Imap] that came to no result.
	ItemError = pool.ItemError
	// A CallbackError is the error of a result whose callback has panicked.
	CallbackError = pool.CallbackError
	// A LostError is what a pool has given up, because a worker died each time it was tried.
	LostError = pool.LostError
)

// Main has to be the first line of main, and of TestMain. In a child it does what the child is for, and does not return.
// Otherwise it returns at once, having read one environment variable.
func Main() { worker.Main(live) }

// Early is [Main] for the time before main: a package calls it in its init function. There is a child as soon as the packages
// are initialised that this one imports. What they have registered it can do at once. When it is asked for anything else,
// Early returns, so that the rest of the program is initialised, and the child goes on when main calls Main: it has to.
func Early() { worker.Early(live) }

// Register makes f known under a name and returns it. It is called at package level, so that the function is known in the
// child as well. It panics if the name is empty or taken, or if f has a name. What a closure holds does not travel.
func Register[A, R any](name string, f func(context.Context, A) (R, error)) func(context.Context, A) (R, error) {
	return worker.Register(name, f)
}

// Name returns the name under which f is registered, or an error that wraps [ErrNotRegistered].
func Name[A, R any](f func(context.Context, A) (R, error)) (string, error) { return worker.Name(f) }

// RegisterRole makes a role known under a name. It is called at package level, as [Register] is.
func RegisterRole(name string, main func() error) Role { return worker.RegisterRole(name, main) }

// StartWorker starts a worker and does not wait until it is ready. When ctx ends, it is killed.
func StartWorker(ctx context.Context) (*Worker, error) { return worker.Start(ctx) }

// Do calls f in the worker's process and returns when it has ended there. Calls of several goroutines take turns. When ctx
// ends before f does, the worker is killed.
func Do[A, R any](ctx context.Context, w *Worker, f func(context.Context, A) (R, error), arg A) (R, error) {
	return worker.Do(ctx, w, f, arg)
}

// Call calls f in a process of its own.
func Call[A, R any](ctx context.Context, f func(context.Context, A) (R, error), arg A) (R, error) {
	return worker.Call(ctx, f, arg)
}

// NewPool starts a pool of that many workers; 0 stands for GOMAXPROCS. When ctx ends they are killed, and what is not done
// fails.
//
// Python: multiprocessing.Pool(n).
func NewPool(ctx context.Context, workers int, opts ...PoolOption) (*Pool, error) {
	return pool.New(ctx, workers, opts...)
}

// WithInitializer has every worker call f(arg) before anything else. If it fails, the pool is broken: see [ErrBroken].
func WithInitializer[A, R any](f func(context.Context, A) (R, error), arg A) PoolOption {
	return pool.WithInitializer(f, arg)
}

// WithMaxTasksPerChild replaces each worker by a fresh process after n tasks: maxtasksperchild. 0, the default, means that they go on.
func WithMaxTasksPerChild(n int) PoolOption { return pool.WithMaxTasksPerChild(n) }

// WithRetries says how many times what is lost with its worker is sent again; the default is once.
func WithRetries(n int) PoolOption { return pool.WithRetries(n) }

// WithChunkSize says how many items a worker gets at once.
func WithChunkSize(n int) CallOption { return pool.WithChunkSize(n) }

// WithCallback has f called with the result, before the result is ready. T is the type of the result.
func WithCallback[T any](f func(T)) CallOption { return pool.WithCallback(f) }

// WithErrorCallback has f called with the error, if there is one.
func WithErrorCallback(f func(error)) CallOption { return pool.WithErrorCallback(f) }

// Apply has a worker of the pool call f(arg) and waits for the result: Pool.apply.
func Apply[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), arg A) (R, error) {
	return pool.Apply(ctx, p, f, arg)
}

// ApplyAsync has a worker of the pool call f(arg) and does not wait: Pool.apply_async.
func ApplyAsync[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), arg A, opts ...CallOption) *AsyncResult[R] {
	return pool.ApplyAsync(ctx, p, f, arg, opts...)
}

// Map has the workers call f for each of args, in chunks, and waits for the results, in the order of args: Pool.map.
func Map[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args []A, opts ...CallOption) ([]R, error) {
	return pool.Map(ctx, p, f, args, opts...)
}

// MapAsync does what [Map] does and does not wait: Pool.map_async. Until the result is ready args must not be changed.
func MapAsync[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args []A, opts ...CallOption) *AsyncResult[[]R] {
	return pool.MapAsync(ctx, p, f, args, opts...)
}

// Imap has the workers call f for each of args and yields the results in the order of args, each as soon as it is there:
// Pool.imap. It draws args as they are needed, so they may have no end.
func Imap[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args iter.Seq[A], opts ...CallOption) iter.Seq2[R, error] {
	return pool.Imap(ctx, p, f, args, opts...)
}

// ImapUnordered does what [Imap] does and yields each result when it comes, in no order: Pool.imap_unordered.
func ImapUnordered[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args iter.Seq[A], opts ...CallOption) iter.Seq2[R, error] {
	return pool.ImapUnordered(ctx, p, f, args, opts...)
}
