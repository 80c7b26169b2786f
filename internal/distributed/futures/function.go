package futures

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"

	"cookbook/internal/distributed/registry"
	"cookbook/internal/wire"
)

// A Function is one that workers know by its name. The zero value is none.
type Function[A, R any] struct {
	name string
	call func(ctx context.Context, arg A) (R, error)
}

// Name is the name under which it is registered.
func (f Function[A, R]) Name() string { return f.name }

// Call calls the function in this process, as a worker would for the input of that index in a map with that seed: [Rand]
// draws the same numbers.
func (f Function[A, R]) Call(ctx context.Context, seed uint64, item int, arg A) (R, error) {
	return f.call(withRand(ctx, seed, item), arg)
}

// functions are what a worker of this program can do.
var functions = registry.New[chunkCaller]("function")

// A chunkCaller calls a function for a chunk of inputs. Arguments and results are bytes.
type chunkCaller func(ctx context.Context, c chunk) results

// Names are the names of all functions that this program has registered, sorted.
func Names() []string { return functions.Names() }

// Register makes f known to workers under a name. It is called at package level. It panics if the name is empty or taken.
func Register[A, R any](name string, f func(ctx context.Context, arg A) (R, error)) Function[A, R] {
	functions.Add(name, func(ctx context.Context, c chunk) (rs results) {
		defer recoverAs(c, &rs)
		return callAll(ctx, c, f)
	})
	return Function[A, R]{name, f}
}

// RegisterReducer makes a function known that folds two values into one, for [MapReduce]. It is called at package level.
func RegisterReducer[R any](name string, f func(a, b R) R) Reducer[R] {
	functions.Add(name, func(_ context.Context, c chunk) (rs results) {
		defer recoverAs(c, &rs)
		return foldAll(c, f)
	})
	return Reducer[R]{name, f}
}

// A Reducer folds two values into one. It should be associative: values are folded in chunks.
type Reducer[R any] struct {
	name string
	fold func(a, b R) R
}

// results is what a worker has come to for a chunk.
type results struct {
	body  [][]byte // the results, one after the other, in parts that fit into a message; each as wire has a slice of them
	count []int    // how many results each part holds
	bad   int      // index of the input that has failed; -1: none
	err   string   // why
}

func failed(index int, format string, args ...any) results {
	return results{bad: index, err: fmt.Sprintf(format, args...)}
}

func panicked(function string, value any) error {
	return fmt.Errorf("%s panicked: %v\n%s", function, value, debug.Stack())
}

// recoverAs is deferred: a panic outside of a call, as of a value that is to be sent, is an error of the chunk.
func recoverAs(c chunk, rs *results) {
	if p := recover(); p != nil {
		*rs = failed(c.first, "%v", panicked(c.function, p))
	}
}

// callAll calls f for each input of a chunk, and stops at the first one that fails.
func callAll[A, R any](ctx context.Context, c chunk, f func(ctx context.Context, arg A) (R, error)) results {
	var args []A
	if err := wire.ReadSlice(c.body, &args); err != nil || len(args) != c.count {
		return failed(c.first, "its arguments cannot be read: %v", err)
	}
	values := make([]R, len(args))
	for i, arg := range args {
		var err error
		if values[i], err = callOne(ctx, c, c.first+i, arg, f); err != nil {
			return failed(c.first+i, "%v", err)
		}
		if ctx.Err() != nil {
			return failed(c.first+i, "%v", context.Cause(ctx))
		}
	}
	if c.reducer != "" {
		return fold(c, values)
	}
	return pack(c, values)
}

// callOne calls f once. A panic is an error.
func callOne[A, R any](ctx context.Context, c chunk, index int, arg A, f func(ctx context.Context, arg A) (R, error)) (r R, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(c.function, p)
		}
	}()
	return f(withRand(ctx, c.seed, index), arg)
}

// fold hands the values of a chunk to its reducer, which gives one.
func fold[R any](c chunk, values []R) results {
	reduce, err := functions.Find(c.reducer)
	if err != nil {
		return failed(c.first, "%v", err)
	}
	body, err := wire.AppendSlice(nil, values)
	if err != nil {
		return failed(c.first, "its result cannot be sent: %v", err)
	}
	c.function, c.reducer, c.body, c.count = c.reducer, "", body, len(values)
	return reduce(context.Background(), c)
}

// call folds here. A panic is an error.
func (r Reducer[R]) call(a, b R) (total R, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(r.name, p)
		}
	}()
	return r.fold(a, b), nil
}

func foldAll[R any](c chunk, f func(a, b R) R) results {
	var values []R
	if err := wire.ReadSlice(c.body, &values); err != nil || len(values) == 0 || len(values) != c.count {
		return failed(c.first, "what is to be reduced cannot be read: %v", err)
	}
	total := values[0]
	for _, v := range values[1:] {
		total = f(total, v)
	}
	return pack(c, []R{total})
}

// pack puts values into parts that fit into messages of c.limit bytes.
func pack[R any](c chunk, values []R) (rs results) {
	rs.bad = -1
	first := 0
	var put func(values []R) results
	put = func(values []R) results {
		body, err := wire.AppendSlice(nil, values)
		switch {
		case err != nil:
			return failed(c.first+first, "its result cannot be sent: %v", err)
		case len(body) <= c.limit:
			rs.body, rs.count = append(rs.body, body), append(rs.count, len(values))
			first += len(values)
			return results{bad: -1}
		case len(values) == 1:
			return failed(c.first+first, "its result has %d bytes, where %d fit into a message", len(body), c.limit)
		}
		half := len(values) / 2
		if bad := put(values[:half]); bad.bad >= 0 {
			return bad
		}
		return put(values[half:])
	}
	if bad := put(values); bad.bad >= 0 {
		return bad
	}
	return rs
}

type randKey struct{}

func withRand(ctx context.Context, seed uint64, index int) context.Context {
	return context.WithValue(ctx, randKey{}, rand.New(rand.NewPCG(seed, uint64(index))))
}

// Rand is the source of random numbers of the call that ctx belongs to: of its own for each input, the same in each run with the same
// seed, whichever worker it is. Outside of a call it panics.
func Rand(ctx context.Context) *rand.Rand {
	r, ok := ctx.Value(randKey{}).(*rand.Rand)
	if !ok {
		panic("futures.Rand: this context is not that of a call of futures")
	}
	return r
}
