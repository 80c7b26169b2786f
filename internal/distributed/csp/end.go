package csp

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// An End is what reading and writing ends have in common: how a process lets go of them.
type End interface {
	// Poison ends the channel at once, for all its ends, and tells so whoever reads or writes there.
	Poison()
	// Retire gives up this end. When the last end of a side has retired the channel ends for the other side. A retired end is
	// used no more. More retiring changes nothing.
	Retire()
}

// In is a reading end, whether its channel is in this process or in another one.
type In[T any] interface {
	End
	// Read waits for a value. The error wraps ErrPoisoned, ErrRetired or ErrLost, or the cause of ctx.
	Read(ctx context.Context) (T, error)
}

// Out is a writing end, whether its channel is in this process or in another one.
type Out[T any] interface {
	End
	// Write hands a value over and waits until it is taken, by a reader or by the buffer. The error is as of Read. A value
	// whose Write has returned an error was not read, but for ErrLost, where nobody knows.
	Write(ctx context.Context, v T) error
}

// end is what both ends are made of.
type end[T any] struct {
	c    *Channel[T]
	side *side
	once sync.Once
	gone chan struct{} // closed by Retire
	busy atomic.Bool   // in use, for an end that is the only one of its side
}

// Poison implements [End].
func (e *end[T]) Poison() { e.c.Poison() }

// Retire implements [End].
func (e *end[T]) Retire() {
	e.once.Do(func() {
		close(e.gone)
		e.side.leave()
	})
}

// enter holds the end for one use.
func (e *end[T]) enter() {
	if e.side.one && !e.busy.CompareAndSwap(false, true) {
		panic(fmt.Sprintf("csp: channel %s is of kind %s, but two processes use its only %s end at once; make a channel of another kind for several",
			e.c.name, e.c.kind, e.side.what))
	}
}

func (e *end[T]) exit() {
	if e.side.one {
		e.busy.Store(false)
	}
}

func (e *end[T]) doing() string {
	if e.side == &e.c.readers {
		return "read from"
	}
	return "write to"
}

func (e *end[T]) retired() error {
	return fmt.Errorf("%s channel %s: %w", e.doing(), e.c.name, ErrRetired)
}

func (e *end[T]) stopped(ctx context.Context) error {
	return fmt.Errorf("%s channel %s: %w", e.doing(), e.c.name, context.Cause(ctx))
}

// A Reader is a reading end of a channel in this process: [In]. The end of a side that has one is for one process at a
// time, and panics if two use it at once. Other ends may be shared, but a process that is to retire on its own needs its own.
type Reader[T any] struct{ end[T] }

// Read implements [In]. A value that is there is had even if ctx has ended.
func (r *Reader[T]) Read(ctx context.Context) (T, error) {
	i, err := r.read(ctx)
	return i.received(), err
}

// read is Read for whoever hands the item on.
func (r *Reader[T]) read(ctx context.Context) (item[T], error) {
	r.enter()
	defer r.exit()
	if i, ready, err := r.try(); ready {
		return i, err
	}
	c := r.c
	select {
	case i := <-c.items:
		return i, nil
	case <-c.poisoned:
	case <-c.writers.gone:
	case <-r.gone:
	case <-ctx.Done():
		return item[T]{}, r.stopped(ctx)
	}
	i, _, err := r.try() // which now says how the channel has ended
	return i, err
}

// try reads without waiting. It is not ready if a Read would wait.
func (r *Reader[T]) try() (i item[T], ready bool, err error) {
	c := r.c
	if isClosed(c.poisoned) {
		return i, true, c.poisonError("read from")
	}
	if isClosed(r.gone) {
		return i, true, r.retired()
	}
	over := isClosed(c.writers.gone) // asked first: what a writer wrote before it retired is there now
	select {
	case i = <-c.items:
		return i, true, nil
	default:
	}
	if over {
		return i, true, r.retired()
	}
	return i, false, nil
}

// A Writer is a writing end of a channel in this process: [Out]. For its use by several processes see [Reader].
type Writer[T any] struct{ end[T] }

// Write implements [Out].
func (w *Writer[T]) Write(ctx context.Context, v T) error { return w.write(ctx, sending(w.c.name, v)) }

// write is Write for an item that comes from elsewhere.
func (w *Writer[T]) write(ctx context.Context, i item[T]) error {
	w.enter()
	defer w.exit()
	if ready, err := w.try(i); ready {
		return err
	}
	c := w.c
	select {
	case c.items <- i:
		return nil
	case <-c.poisoned:
		return c.poisonError("write to")
	case <-c.readers.gone:
		return w.retired()
	case <-w.gone:
		return w.retired()
	case <-ctx.Done():
		return w.stopped(ctx)
	}
}

// try writes without waiting. It is not ready if a Write would wait.
func (w *Writer[T]) try(i item[T]) (ready bool, err error) {
	c := w.c
	switch {
	case isClosed(c.poisoned):
		return true, c.poisonError("write to")
	case isClosed(w.gone), isClosed(c.readers.gone):
		return true, w.retired()
	}
	select {
	case c.items <- i:
		return true, nil
	default:
		return false, nil
	}
}
