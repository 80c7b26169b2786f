package mpi

import (
	"fmt"
	"sync/atomic"

	"cookbook/internal/mpi/engine"
)

// What stands for a rank or a tag.
const (
	ProcNull  = engine.ProcNull  // no rank: sending to it and receiving from it do nothing (MPI 4.0 §3.10)
	AnySource = engine.AnySource // receive from whichever rank (MPI 4.0 §3.2.4)
	AnyTag    = engine.AnyTag    // receive with whichever tag
	Undefined = engine.Undefined // the colour of a rank that is to be in no communicator (MPI 4.0 §7.4.2)
)

// MaxTag is the largest tag (MPI_TAG_UB is at least this).
const MaxTag = 32767

// A Comm is a communicator: ranks, numbered from 0, whose messages meet no others (MPI 4.0 §7). Each rank has its own *Comm.
// A rank makes one call at a time on all its communicators together: what goes on meanwhile was begun by [Isend] and
// [Irecv]. A second goroutine gets ErrBusy (MPI_THREAD_SERIALIZED, MPI 4.0 §11.6.2).
//
// A call that fails because of its arguments alone has done nothing. After any other error no communicator of the world is
// of use any more: that is every rank's error then, at its next call or the one it waits in.
type Comm struct {
	t     engine.Transport
	busy  *atomic.Bool // of the rank
	freed bool
	buf   []byte // of the receive that goes on, here so that it needs no memory of its own

	requests []Request // that are not given out yet
	free     *goesOn   // what is no longer used, by next
}

// NewComm returns the communicator of all ranks, as one of them makes its calls on the transport of its engine. [Run] gives
// a program its own; this is for the tests of engines.
func NewComm(t engine.Transport) *Comm { return &Comm{t: t, busy: new(atomic.Bool)} }

// Rank is the caller's number in the communicator, 0 to Size()−1: MPI_Comm_rank.
func (c *Comm) Rank() int { return c.t.Rank() }

// Size is the number of ranks: MPI_Comm_size.
func (c *Comm) Size() int { return c.t.Size() }

func (c *Comm) worldRank() int { return c.t.WorldRank(c.t.Rank()) }

// enter begins a call. One goroutine of a rank at a time is let in; leave lets the next in.
func (c *Comm) enter(op engine.Call) error {
	if !c.busy.CompareAndSwap(false, true) {
		return c.errorf(op, ErrBusy, "another goroutine of this rank is in a call; a rank makes one at a time")
	}
	if c.freed {
		c.leave()
		return c.errorf(op, ErrComm, "the communicator was freed")
	}
	return nil
}

func (c *Comm) leave() { c.busy.Store(false) }

// finish makes the last call of a rank: what its engine does when the function has returned.
func (c *Comm) finish(f func() error) error {
	if err := c.enter(engine.CallFinalize); err != nil {
		return err
	}
	defer c.leave()
	return f()
}

// Split puts ranks of the same colour into a communicator of their own, in the order of their keys, and of their ranks where
// keys are equal. A rank that gives the colour Undefined gets nil. All ranks have to call it: MPI_Comm_split.
func (c *Comm) Split(color, key int) (*Comm, error) {
	if color < 0 && color != Undefined {
		return nil, c.errorf(engine.CallSplit, ErrCount, "colour %d: want 0 or more, or Undefined", color)
	}
	return c.split(engine.CallSplit, color, key)
}

// Dup makes a communicator of the same ranks, whose messages meet none of this one: MPI_Comm_dup. All ranks have to call it.
func (c *Comm) Dup() (*Comm, error) { return c.split(engine.CallDup, 0, c.Rank()) }

func (c *Comm) split(op engine.Call, color, key int) (*Comm, error) {
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.leave()
	t, err := c.t.Split(op, color, key)
	if err != nil || t == nil {
		return nil, err
	}
	return &Comm{t: t, busy: c.busy}, nil
}

// Free gives up a communicator that Split, Dup or CartCreate has made: MPI_Comm_free. All its ranks have to call it, and
// none may use it afterwards. What is not freed is freed when the rank ends; a world has at most 64 communicators at a time.
func (c *Comm) Free() error {
	if err := c.enter(engine.CallFree); err != nil {
		return err
	}
	defer c.leave()
	err := c.t.Free(engine.CallFree)
	c.freed = err == nil
	return err
}

// Abort ends all ranks, this one at once: it does not return. [Run] returns ErrAborted with the code: MPI_Abort. What was
// deferred does not run.
func (c *Comm) Abort(code int) { c.t.Abort(code) }

// errorf makes an error of one rank. The text begins with the rank's and the call's name.
func (c *Comm) errorf(op engine.Call, class ErrorClass, format string, args ...any) *Error {
	return &Error{Class: class, Rank: c.worldRank(), Text: fmt.Sprintf("%s: ", op) + fmt.Sprintf(format, args...)}
}
