package worker

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"cookbook/internal/wire"
)

// A request with the flag forEach calls its function for each item of a slice. The answer, if there is a result, is
//
//	the number of items that failed, and for each its index, the text of its error or panic, the stack of the panic
//	the slice of results, in which those that failed have the zero value
//
// When one item fails, the others are called all the same.

// DoEach calls the function of that name in the worker's process for each of args, in one call. The results are written to
// results, which must be as long as args; failed gets the index and the error of each item that came to none. The error is
// that of [Do]; with it, no item has come to a result.
func DoEach[A, R any](ctx context.Context, w *Worker, name string, args []A, results []R, failed func(item int, err *RemoteError)) error {
	return w.call(ctx, name, forEach,
		func(to []byte) ([]byte, error) { return wire.AppendSlice(to, args) },
		func(from []byte) error { return readEach(name, from, results, failed) })
}

// readEach reads the answer.
func readEach[R any](name string, from []byte, results []R, failed func(item int, err *RemoteError)) error {
	failures, from, err := cutFailures(from, len(results))
	if err != nil {
		return err
	}
	got := results[:0] // numbers are read to where they belong
	if err := wire.ReadSlice(from, &got); err != nil {
		return err
	}
	if len(got) != len(results) {
		return fmt.Errorf("%w: %d results of %d items", wire.ErrNonsense, len(got), len(results))
	}
	copy(results, got)
	for _, f := range failures {
		failed(f.item, &RemoteError{Func: name, Msg: f.msg, Stack: f.stack})
	}
	return nil
}

// An itemFailure is what became of one item, if not a result.
type itemFailure struct {
	item       int
	msg, stack string
}

// calls is one such request, in the worker.
type calls[A, R any] struct {
	ctx     context.Context
	f       func(context.Context, A) (R, error)
	args    []A
	next    int
	results []R
	failed  []itemFailure
}

func callForEach[A, R any](ctx context.Context, f func(context.Context, A) (R, error), spare *sync.Pool, body, answer []byte) []byte {
	all, ok := spare.Get().(*calls[A, R]) // its slices serve again: new ones took half of the time
	if !ok {
		all = new(calls[A, R])
	}
	defer func() {
		clear(all.args)
		clear(all.results)
		*all = calls[A, R]{args: all.args[:0], results: all.results[:0]}
		spare.Put(all)
	}()
	if err := wire.ReadSlice(body, &all.args); err != nil {
		return append(append(answer, answerError), "its arguments cannot be read: "+err.Error()...)
	}
	all.ctx, all.f = ctx, f
	all.results = slices.Grow(all.results, len(all.args))[:len(all.args)]
	for all.next < len(all.args) { // once, unless an item panics or ends its goroutine by runtime.Goexit
		var wait sync.WaitGroup
		wait.Go(all.goOn)
		wait.Wait()
	}
	filled, err := wire.AppendSlice(appendFailures(append(answer, answerResult), all.failed), all.results)
	if err != nil {
		return append(append(answer, answerError), "its results cannot be sent: "+err.Error()...)
	}
	return filled
}

// goOn calls the function for the next items, up to the last or to one that does not return.
func (c *calls[A, R]) goOn() {
	returned := false
	defer func() {
		if returned {
			return
		}
		text := "the function called runtime.Goexit"
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
		c.failed = append(c.failed, itemFailure{c.next - 1, text, string(debug.Stack())})
	}()
	for c.next < len(c.args) {
		i := c.next
		c.next++
		result, err := c.f(c.ctx, c.args[i])
		if err != nil {
			c.failed = append(c.failed, itemFailure{i, err.Error(), ""})
			continue
		}
		c.results[i] = result
	}
	returned = true
}

func appendFailures(to []byte, failed []itemFailure) []byte {
	to = binary.AppendUvarint(to, uint64(len(failed)))
	for _, f := range failed {
		to = binary.AppendUvarint(to, uint64(f.item))
		to = wire.AppendField(wire.AppendField(to, f.msg), f.stack)
	}
	return to
}

// cutFailures reads what appendFailures wrote of a request with n items.
func cutFailures(from []byte, n int) (failed []itemFailure, rest []byte, err error) {
	count, size := binary.Uvarint(from)
	if size <= 0 || count > uint64(n) {
		return nil, nil, wire.ErrNonsense
	}
	from = from[size:]
	for least := uint64(0); count > 0; count-- { // each behind the last
		item, size := binary.Uvarint(from)
		if size <= 0 || item < least || item >= uint64(n) {
			return nil, nil, wire.ErrNonsense
		}
		f := itemFailure{item: int(item)}
		if f.msg, from, err = wire.CutField[string](from[size:]); err != nil {
			return nil, nil, err
		}
		if f.stack, from, err = wire.CutField[string](from); err != nil {
			return nil, nil, err
		}
		failed, least = append(failed, f), item+1
	}
	return failed, from, nil
}
