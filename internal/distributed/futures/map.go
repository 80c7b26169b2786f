package futures

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/wire"
)

// An Option is an option of [Map], [MapAsCompleted] and [MapReduce].
type Option func(*options)

type options struct {
	chunk int
	seed  uint64
	wait  time.Duration
}

// WithChunk says how many inputs travel together. Without it there are about 64 chunks, of 4,096 inputs at most. For
// [MapReduce] it also decides in which groups values are folded.
func WithChunk(n int) Option { return func(o *options) { o.chunk = n } }

// WithSeed says from which seed [Rand] draws. Without it the seed is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// WithWait says how long a call waits while no worker is there, 10 s without it. A worker that works is there.
func WithWait(d time.Duration) Option { return func(o *options) { o.wait = d } }

const (
	usualChunks = 64
	mostInChunk = 4096
	inFlight    = 8 // chunks that are put into the queue at the same time
)

// A Result is what became of one input.
type Result[R any] struct {
	Item  int // the index of the input
	Value R
}

// Map calls f for each input and returns the results in the order of the inputs. The first input that fails ends it, with an
// *[ItemError]. If no worker is there for 10 s, it is [ErrNoWorkers], or [engine.ErrNoServer] if the engine is not there.
//
// SCOOP: futures.map.
func Map[A, R any](ctx context.Context, s *Session, f Function[A, R], inputs []A, opts ...Option) ([]R, error) {
	results := make([]R, len(inputs))
	for r, err := range MapAsCompleted(ctx, s, f, inputs, opts...) {
		if err != nil {
			return nil, err
		}
		results[r.Item] = r.Value
	}
	return results, nil
}

// MapAsCompleted calls f for each input and gives the results as they come. An error is the last that it gives. Leaving
// the loop before its end cancels what is left.
//
// SCOOP: futures.map_as_completed.
func MapAsCompleted[A, R any](ctx context.Context, s *Session, f Function[A, R], inputs []A, opts ...Option) iter.Seq2[Result[R], error] {
	return func(yield func(Result[R], error) bool) {
		seen := make([]bool, len(inputs))
		err := run(ctx, s, chunk{function: f.name}, inputs, opts, func(a answer) (fresh int, more bool, err error) {
			var values []R
			if err := wire.ReadSlice(a.body, &values); err != nil || len(values) != a.count || a.first+a.count > len(inputs) {
				return 0, false, fmt.Errorf("results of %s cannot be read: %w", f.name, errMessage)
			}
			for i, v := range values {
				item := a.first + i
				if seen[item] { // its chunk has run twice
					continue
				}
				seen[item] = true
				fresh++
				if !yield(Result[R]{item, v}, nil) {
					return fresh, false, nil
				}
			}
			return fresh, true, nil
		})
		if err != nil {
			yield(Result[R]{Item: -1}, err)
		}
	}
}

// MapReduce calls f for each input and folds the results by reduce: those of a chunk at its worker, then the chunks here,
// both in the order of the inputs. Without inputs the result is the zero value.
//
// SCOOP: futures.mapReduce.
func MapReduce[A, R any](ctx context.Context, s *Session, f Function[A, R], reduce Reducer[R], inputs []A, opts ...Option) (total R, err error) {
	type part struct {
		count int
		value R
	}
	parts := map[int]part{}
	err = run(ctx, s, chunk{function: f.name, reducer: reduce.name}, inputs, opts, func(a answer) (int, bool, error) {
		var values []R
		if err := wire.ReadSlice(a.body, &values); err != nil || len(values) != 1 || a.count == 0 || a.first+a.count > len(inputs) {
			return 0, false, fmt.Errorf("results of %s cannot be read: %w", f.name, errMessage)
		}
		if _, ok := parts[a.first]; ok {
			return 0, true, nil
		}
		parts[a.first] = part{a.count, values[0]}
		return a.count, true, nil
	})
	if err != nil {
		return total, err
	}
	for first := 0; first < len(inputs); first += parts[first].count {
		p, ok := parts[first]
		switch {
		case !ok:
			return total, fmt.Errorf("%s: there is no result that begins with input %d: %w", f.name, first, errMessage)
		case first == 0:
			total = p.value
		default:
			if total, err = reduce.call(total, p.value); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// run sends inputs out in chunks and hands what comes back to take, until all inputs have a result. Take returns how many
// inputs have one now that had none, and whether it wants more.
func run[A any](ctx context.Context, s *Session, c chunk, inputs []A, opts []Option, take func(answer) (fresh int, more bool, err error)) (err error) {
	o := options{seed: 1, wait: workersLimit}
	for _, option := range opts {
		option(&o)
	}
	if len(inputs) == 0 {
		return nil
	}
	if o.chunk <= 0 {
		o.chunk = min(mostInChunk, (len(inputs)+usualChunks-1)/usualChunks)
	}
	j := s.begin()
	left := len(inputs)
	defer func() { s.end(j, left == 0) }()
	c.job, c.reply, c.seed = j.id, s.reply+"."+j.id, o.seed

	sending, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- sendAll(sending, s, j, c, inputs, o.chunk) }()
	defer func() {
		if cancel(); sent != nil {
			<-sent
		}
	}()

	alone := time.Now() // since when no worker has been seen
	look := time.NewTicker(workersLook)
	defer look.Stop()
	for left > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s of %d inputs, %d without a result: %w", c.function, len(inputs), left, context.Cause(ctx))
		case <-s.conn.Done():
			return fmt.Errorf("%s of %d inputs, %d without a result: %w", c.function, len(inputs), left, nats.ErrConnectionClosed)
		case <-s.closed:
			return fmt.Errorf("%s of %d inputs, %d without a result: %w", c.function, len(inputs), left, ErrClosed)
		case err := <-sent:
			if err != nil {
				sent = nil
				return err
			}
			sent = nil
		case <-j.wake:
			for _, a := range j.take() {
				if a.err != nil {
					return a.err
				}
				fresh, more, err := take(a)
				left -= fresh
				if err != nil || !more {
					return err
				}
			}
			alone = time.Now()
		case <-look.C:
			if s.workers(ctx) {
				alone = time.Now()
			} else if time.Since(alone) >= o.wait {
				if !s.conn.NC.IsConnected() {
					return fmt.Errorf("%s of %d inputs, %d without a result: the engine at %s has gone: %w",
						c.function, len(inputs), left, s.conn.Address().Where(), engine.ErrNoServer)
				}
				return fmt.Errorf("%s: %w", c.function, ErrNoWorkers)
			}
			if sent == nil && s.forgotten(ctx, j) && len(j.wake) == 0 {
				return fmt.Errorf("%s of %d inputs: %d have no result, and the engine has lost them: %w", c.function, len(inputs), left, ErrLost)
			}
		}
	}
	return nil
}

// sendAll puts all chunks into the queue.
func sendAll[A any](ctx context.Context, s *Session, j *job, c chunk, inputs []A, size int) error {
	limit := int(s.conn.NC.MaxPayload()) - headerMargin
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	var put func(first int, inputs []A) error
	put = func(first int, inputs []A) error {
		body, err := wire.AppendSlice(nil, inputs)
		switch {
		case err != nil:
			return fmt.Errorf("%s: inputs %d to %d cannot be sent: %w", c.function, first, first+len(inputs)-1, err)
		case len(body) > limit && len(inputs) == 1:
			return &ItemError{first, fmt.Errorf("an input of %d bytes, where %d fit: %w", len(body), limit, engine.ErrTooLarge)}
		case len(body) > limit:
			half := len(inputs) / 2
			if err := put(first, inputs[:half]); err != nil {
				return err
			}
			return put(first+half, inputs[half:])
		}
		one := c
		one.first, one.count, one.body = first, len(inputs), body
		g.Go(func() error { return s.send(ctx, j, one) })
		return nil
	}
	for first := 0; first < len(inputs); first += size {
		if err := put(first, inputs[first:min(first+size, len(inputs))]); err != nil {
			g.Wait()
			return err
		}
	}
	return g.Wait()
}
