//go:build mpi

package openmpi

/*
#include "cgo_p2p.h"
*/
import "C"

import (
	"slices"

	"cookbook/internal/mpi/engine"
)

// A lateRecv is a receive that MPI has not been told of: of a message of any size, for which MPI wants memory before it
// knows how much, or one that was begun while there were such. It is given its message in a call that this rank makes on the
// communicator between two ranks, and by the rules of MPI: messages go to receives in the order in which these were begun.
// While it makes other calls, messages wait.
type lateRecv struct {
	c           *comm
	buf         *[]byte
	t           engine.Datatype
	source, tag int
	e           engine.Envelope
	done        bool
	err         error
}

func (c *comm) recvLate(buf *[]byte, t engine.Datatype, source, tag int) *lateRecv {
	q := &lateRecv{c: c, buf: buf, t: t, source: source, tag: tag}
	c.late = append(c.late, q)
	return q
}

func (q *lateRecv) wants(e engine.Envelope) bool {
	return (q.source == e.Source || q.source == engine.AnySource) && (q.tag == e.Tag || q.tag == engine.AnyTag)
}

// firstLate is the receive that a message is for, nil if it is for none.
func (c *comm) firstLate(e engine.Envelope) *lateRecv {
	for _, q := range c.late {
		if q.wants(e) {
			return q
		}
	}
	return nil
}

// fillLate gives late receives the messages that have come.
func (c *comm) fillLate(op engine.Call) error {
	for i := 0; i < len(c.late); {
		took, err := c.take(op, c.late[i], false)
		if err != nil {
			return err
		}
		if took {
			i = 0 // the message may have been for one before
		} else {
			i++
		}
	}
	return nil
}

// take takes a message such as q wants, if wait when it comes, and gives it to the first receive that wants it.
func (c *comm) take(op engine.Call, q *lateRecv, wait bool) (bool, error) {
	e := &c.w.found
	if err := c.result(op, C.ck_mprobe(C.int(q.source), C.int(q.tag), c.c, cFlag(wait), &c.w.kept, e)); err != nil || e.there == 0 {
		return false, err
	}
	found := fromC(e)
	q = c.firstLate(found)
	c.late = slices.DeleteFunc(c.late, func(other *lateRecv) bool { return other == q })
	if *q.buf == nil {
		*q.buf = make([]byte, found.Bytes)
	}
	q.e, q.done = found, true
	mt, n, err := c.kind(op, len(*q.buf), q.t)
	if err == nil {
		err = c.result(op, C.ck_mrecv(bufferOf(*q.buf), n, mt, c.w.kept))
	}
	q.err = err
	return true, nil
}

func (q *lateRecv) Finish(op engine.Call, wait bool) (engine.Envelope, bool, error) {
	c := q.c
	for !q.done {
		if wait && len(c.late) == 1 {
			if _, err := c.take(op, q, true); err != nil {
				return engine.Nothing, false, err
			}
			continue
		}
		if err := c.fillLate(op); err != nil {
			return engine.Nothing, false, err
		}
		if q.done || !wait {
			break
		}
		C.sched_yield()
	}
	return q.e, q.done, q.err
}
