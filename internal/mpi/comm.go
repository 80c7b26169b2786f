package mpi

import (
	"sync/atomic"
	"time"
)

// What stands for a rank or a tag.
const (
	ProcNull  = -1 // no rank: sending to it and receiving from it do nothing (MPI 4.0 §3.10)
	AnySource = -2 // receive from whichever rank (MPI 4.0 §3.2.4)
	AnyTag    = -2 // receive with whichever tag
	Undefined = -1 // the colour of a rank that is to be in no communicator (MPI 4.0 §7.4.2)
)

// MaxTag is the largest tag (MPI_TAG_UB is at least this).
const MaxTag = 32767

// A Comm is a communicator: ranks, numbered from 0, whose messages meet no others (MPI 4.0 §7). Each rank has its own *Comm.
// A rank makes one call at a time on all its communicators together: what goes on meanwhile was begun by [Isend] and
// [Irecv]. A second goroutine gets ErrBusy (MPI_THREAD_SERIALIZED, MPI 4.0 §11.6.2).
//
// A call that fails because of its arguments alone has done nothing. After any other error no communicator of the world is of
// use any more: that is every rank's error then, at its next call or the one it waits in.
type Comm struct {
	t     transport
	busy  *atomic.Bool // of the rank
	freed bool
	buf   []byte // of the receive that goes on, here so that it needs no memory of its own
}

// Rank is the caller's number in the communicator, 0 to Size()−1: MPI_Comm_rank.
func (c *Comm) Rank() int { return c.t.rank() }

// Size is the number of ranks: MPI_Comm_size.
func (c *Comm) Size() int { return c.t.size() }

func (c *Comm) worldRank() int { return c.t.worldRank(c.t.rank()) }

// enter begins a call. One goroutine of a rank at a time is let in; leave lets the next in.
func (c *Comm) enter(op callName) error {
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

// Split puts ranks of the same colour into a communicator of their own, in the order of their keys, and of their ranks where
// keys are equal. Who gives the colour Undefined gets none: nil. All ranks have to call it: MPI_Comm_split.
func (c *Comm) Split(color, key int) (*Comm, error) {
	if color < 0 && color != Undefined {
		return nil, c.errorf(callSplit, ErrCount, "colour %d: want 0 or more, or Undefined", color)
	}
	return c.split(callSplit, color, key)
}

// Dup makes a communicator of the same ranks, whose messages meet none of this one: MPI_Comm_dup. All ranks have to call it.
func (c *Comm) Dup() (*Comm, error) { return c.split(callDup, 0, c.Rank()) }

func (c *Comm) split(op callName, color, key int) (*Comm, error) {
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.leave()
	t, err := c.t.split(op, color, key)
	if err != nil || t == nil {
		return nil, err
	}
	return &Comm{t: t, busy: c.busy}, nil
}

// Free gives up a communicator that Split, Dup or CartCreate has made: MPI_Comm_free. All its ranks have to call it, and none
// may use it afterwards. What is not freed is freed when the rank ends; a world has at most 64 communicators at a time.
func (c *Comm) Free() error {
	if err := c.enter(callFree); err != nil {
		return err
	}
	defer c.leave()
	err := c.t.free(callFree)
	c.freed = err == nil
	return err
}

// Abort ends all ranks, this one at once: it does not return. [Run] returns ErrAborted with the code: MPI_Abort. What was
// deferred does not run.
func (c *Comm) Abort(code int) { c.t.abort(code) }

// Wtime is a time in seconds since some moment in the past: MPI_Wtime. On one machine it is the same for all ranks.
func Wtime() float64 { return float64(wtime()) / float64(time.Second) }
