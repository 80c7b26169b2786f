package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// An ItemError is what became of one item of a [Map] or [Imap], if not a result.
type ItemError struct {
	Item int   // its index
	Err  error // a *RemoteError if the function failed, a *LostError if its workers died
}

func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Item, e.Err) }
func (e *ItemError) Unwrap() error { return e.Err }

// A LostError is what a pool has given up, because a worker died each time it was tried. It wraps [failure.ErrDied].
type LostError struct {
	First, Last int   // the items that were sent together
	Tries       int   // how many times it was sent
	Err         error // how the last of the workers died
}

func (e *LostError) Error() string {
	what := fmt.Sprintf("items %d to %d were", e.First, e.Last)
	if e.First == e.Last {
		what = "it was"
	}
	times := fmt.Sprintf("%d times", e.Tries)
	if e.Tries == 1 {
		times = "once"
	}
	return fmt.Sprintf("%s sent %s and lost: %v", what, times, e.Err)
}

// Unwrap makes a loss a death, even where a worker was killed because it talked nonsense.
func (e *LostError) Unwrap() []error { return []error{failure.ErrDied, e.Err} }

// A chunk is a task: consecutive items that a worker gets in one call.
type chunk[A, R any] struct {
	ctx       context.Context
	abandoned func() bool // reports that the caller does not want it any more
	name      string      // of the function
	first     int         // index of the first item
	alone     bool        // one item as such, and not a slice of one
	args      []A
	results   []R     // with room for each
	errs      []error // nil, or of each
	tries     int
	onDone    func(*chunk[A, R]) // called once, when there is a result or an error for each
}

// errAbandoned is that the caller has gone away and will not see it.
var errAbandoned = errors.New("the caller has left")

func (c *chunk[A, R]) stale() error {
	switch {
	case c.ctx.Err() != nil:
		return context.Cause(c.ctx)
	case c.abandoned != nil && c.abandoned():
		return errAbandoned
	}
	return nil
}

func (c *chunk[A, R]) fail(err error) {
	c.errs = make([]error, len(c.args))
	for i := range c.errs {
		c.errs[i] = err
	}
	c.onDone(c)
}

// failEach fails the items for a reason that lies in them.
func (c *chunk[A, R]) failEach(err error) {
	c.errs = make([]error, len(c.args))
	for i := range c.errs {
		c.errs[i] = c.item(i, err)
	}
	c.onDone(c)
}

// item is what came of one item of the chunk.
func (c *chunk[A, R]) item(i int, err error) error {
	if c.alone {
		return err
	}
	return &ItemError{c.first + i, err}
}

func (c *chunk[A, R]) lost(died error, tries int) (again bool) {
	if c.tries++; c.tries < tries {
		return true
	}
	c.failEach(&LostError{c.first, c.first + len(c.args) - 1, c.tries, died})
	return false
}

func (c *chunk[A, R]) run(w *worker.Worker) (instead []task, died error) {
	var err error
	if c.alone {
		err = worker.DoNamed(c.ctx, w, c.name, &c.args[0], &c.results[0])
	} else {
		err = worker.DoEach(c.ctx, w, c.name, c.args, c.results, c.failItem)
	}
	var remote *worker.RemoteError
	switch {
	case err == nil:
		c.onDone(c)
	case errors.As(err, &remote):
		c.failEach(err)
	case c.ctx.Err() != nil:
		c.fail(context.Cause(c.ctx))
	case w.Err() != nil:
		return nil, w.Err()
	case errors.Is(err, wire.ErrTooLarge) && len(c.args) > 1: // nothing was sent
		return c.halves(), nil
	default:
		c.failEach(err)
	}
	return nil, nil
}

// failItem notes what has become of one item.
func (c *chunk[A, R]) failItem(i int, err *worker.RemoteError) {
	if c.errs == nil {
		c.errs = make([]error, len(c.args))
	}
	c.errs[i] = c.item(i, err)
}

// halves returns two chunks in this one's place.
func (c *chunk[A, R]) halves() []task {
	var (
		mu      sync.Mutex
		middle  = len(c.args) / 2
		missing = 2
		parts   []task
	)
	c.errs = make([]error, len(c.args))
	for _, r := range [][2]int{{0, middle}, {middle, len(c.args)}} {
		half := *c
		half.first, half.errs = c.first+r[0], nil
		half.args, half.results = c.args[r[0]:r[1]:r[1]], c.results[r[0]:r[1]:r[1]]
		half.onDone = func(half *chunk[A, R]) {
			mu.Lock()
			copy(c.errs[r[0]:], half.errs)
			missing--
			done := missing == 0
			mu.Unlock()
			if done {
				c.onDone(c)
			}
		}
		parts = append(parts, &half)
	}
	return parts
}
