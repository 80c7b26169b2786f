package pool

import (
	"context"
	"errors"
	"iter"
	"runtime/trace"
	"sync/atomic"

	"cookbook/internal/waitfor"
)

// Imap has the workers call f for each of args and yields the results in the order of args, each as soon as it is there:
// Pool.imap. What failed is yielded as an error, an *[ItemError] as [Map] returns it, and the rest comes after it.
//
// Unlike Python, which draws all items at once, Imap draws them as they are needed, so that args may be long or have no end:
// it is at most four chunks for each worker ahead of what it yields. So it begins when it is ranged over, and the pool must
// not be closed before. What has not begun when the caller stops is not done.
// If ctx ends, or the pool, the last thing that is yielded says so.
func Imap[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args iter.Seq[A], opts ...CallOption) iter.Seq2[R, error] {
	return imap(ctx, p, f, args, opts, true)
}

// ImapUnordered does what [Imap] does and yields each result when it comes, in no order: Pool.imap_unordered.
func ImapUnordered[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args iter.Seq[A], opts ...CallOption) iter.Seq2[R, error] {
	return imap(ctx, p, f, args, opts, false)
}

func imap[A, R any](ctx context.Context, p *Pool, f func(context.Context, A) (R, error), args iter.Seq[A], opts []CallOption, ordered bool) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		o, name, err := prepare[R](ctx, f, opts)
		if err != nil {
			yield(none, err)
			return
		}
		next, stop := iter.Pull(args)
		defer stop()
		var abandoned atomic.Bool
		defer p.sweep() // after the next line
		defer abandoned.Store(true)
		stopWatching := context.AfterFunc(ctx, p.sweep)
		defer stopWatching()

		ahead := 4 * p.size
		ready := make(chan *chunk[A, R], ahead) // never full
		waits := make(map[int]*chunk[A, R])     // for those before it, if ordered
		drawn, yielded, under := 0, 0, 0        // items, items, chunks under way
		for more := true; ; {
			for more && under+len(waits) < ahead {
				c := &chunk[A, R]{ctx: ctx, abandoned: abandoned.Load, name: name, first: drawn}
				for len(c.args) < max(o.size, 1) {
					a, ok := next()
					if more = ok; !ok {
						break
					}
					c.args = append(c.args, a)
				}
				if len(c.args) == 0 {
					break
				}
				c.results = make([]R, len(c.args))
				c.onDone = func(c *chunk[A, R]) { ready <- c; p.settled() }
				if err := p.submit(c); err != nil {
					yield(none, err)
					return
				}
				drawn, under = drawn+len(c.args), under+1
			}
			if under+len(waits) == 0 {
				return
			}
			c := waits[yielded]
			if c == nil {
				if ctx.Err() != nil {
					p.sweep() // for what was submitted after it had ended
				}
				wait := trace.StartRegion(ctx, waitfor.WaitRegion+"the pool")
				c, under = <-ready, under-1
				wait.End()
			}
			if ordered && c.first != yielded {
				waits[c.first] = c
				continue
			}
			delete(waits, yielded)
			yielded += len(c.args)
			for i, v := range c.results {
				var err error
				if c.errs != nil {
					err = c.errs[i]
				}
				var item *ItemError
				if !yield(v, err) || err != nil && !errors.As(err, &item) {
					return
				}
			}
		}
	}
}
