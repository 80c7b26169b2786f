//go:build mpi

package openmpi

/*
#cgo noescape ck_send
#cgo nocallback ck_send
#cgo noescape ck_recv
#cgo nocallback ck_recv
#cgo noescape ck_sendrecv
#cgo nocallback ck_sendrecv
#cgo noescape ck_probe
#cgo nocallback ck_probe
#cgo noescape ck_mprobe
#cgo nocallback ck_mprobe
#cgo noescape ck_mrecv
#cgo nocallback ck_mrecv
#cgo noescape ck_finish
#cgo nocallback ck_finish
#include "cgo.h"
*/
import "C"

import (
	"runtime"
	"slices"

	"cookbook/internal/mpi/engine"
)

func (c *comm) Send(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, synchronous bool) error {
	if len(c.late) > 0 {
		q, err := c.begin(op, buf, t, dest, tag, synchronous)
		if err != nil {
			return err
		}
		_, _, err = q.Finish(op, true)
		return err
	}
	mt, n, err := c.kind(op, len(buf), t)
	if err != nil {
		return err
	}
	return c.result(op, C.ck_send(bufferOf(buf), n, mt, C.int(dest), C.int(tag), c.c, cFlag(synchronous)))
}

func (c *comm) Recv(op engine.Call, buf *[]byte, t engine.Datatype, source, tag int) (engine.Envelope, error) {
	if *buf == nil || len(c.late) > 0 {
		q := c.recvLate(buf, t, source, tag)
		e, _, err := q.Finish(op, true)
		return e, err
	}
	mt, n, err := c.kind(op, len(*buf), t)
	if err != nil {
		return engine.Nothing, err
	}
	var e C.ck_envelope
	rc := C.ck_recv(bufferOf(*buf), n, mt, C.int(source), C.int(tag), c.c, &e)
	return fromC(&e), c.result(op, rc)
}

func (c *comm) Sendrecv(
	op engine.Call, send []byte, st engine.Datatype, dest, sendTag int, recv *[]byte, rt engine.Datatype, source, recvTag int,
) (engine.Envelope, error) {
	if *recv == nil || len(c.late) > 0 {
		in := c.recvLate(recv, rt, source, recvTag)
		out, err := c.begin(op, send, st, dest, sendTag, false)
		if err != nil {
			return engine.Nothing, err
		}
		e, _, err := in.Finish(op, true)
		if err != nil {
			return engine.Nothing, err
		}
		_, _, err = out.Finish(op, true)
		return e, err
	}
	smt, sn, err := c.kind(op, len(send), st)
	if err != nil {
		return engine.Nothing, err
	}
	rmt, rn, err := c.kind(op, len(*recv), rt)
	if err != nil {
		return engine.Nothing, err
	}
	var e C.ck_envelope
	rc := C.ck_sendrecv(bufferOf(send), sn, smt, C.int(dest), C.int(sendTag), bufferOf(*recv), rn, rmt, C.int(source), C.int(recvTag), c.c, &e)
	return fromC(&e), c.result(op, rc)
}

func (c *comm) Probe(op engine.Call, source, tag int, wait bool) (engine.Envelope, bool, error) {
	for {
		if err := c.fillLate(op); err != nil {
			return engine.Nothing, false, err
		}
		var e C.ck_envelope
		atOnce := wait && len(c.late) == 0
		if err := c.result(op, C.ck_probe(C.int(source), C.int(tag), c.c, cFlag(atOnce), &e)); err != nil {
			return engine.Nothing, false, err
		}
		found := fromC(&e)
		if e.there != 0 && c.firstLate(found) == nil {
			return found, true, nil
		}
		if e.there == 0 && !wait {
			return engine.Nothing, false, nil
		}
	}
}

func cFlag(yes bool) C.int {
	if yes {
		return 1
	}
	return 0
}

func fromC(e *C.ck_envelope) engine.Envelope {
	return engine.Envelope{Source: int(e.source), Tag: int(e.tag), Bytes: int(e.bytes)}
}

// A request is one of MPI.
type request struct {
	c   *comm
	r   C.MPI_Request
	pin runtime.Pinner
}

func (c *comm) Isend(op engine.Call, buf []byte, t engine.Datatype, dest, tag int) (engine.Pending, error) {
	return c.begin(op, buf, t, dest, tag, false)
}

// begin begins to send.
func (c *comm) begin(op engine.Call, buf []byte, t engine.Datatype, dest, tag int, synchronous bool) (engine.Pending, error) {
	mt, n, err := c.kind(op, len(buf), t)
	if err != nil {
		return nil, err
	}
	q := &request{c: c}
	b := bufferOf(buf)
	q.pin.Pin(b)
	return q.begun(op, C.ck_isend(b, n, mt, C.int(dest), C.int(tag), c.c, cFlag(synchronous), &q.r))
}

func (c *comm) Irecv(op engine.Call, buf *[]byte, t engine.Datatype, source, tag int) (engine.Pending, error) {
	if *buf == nil || len(c.late) > 0 {
		return c.recvLate(buf, t, source, tag), nil
	}
	mt, n, err := c.kind(op, len(*buf), t)
	if err != nil {
		return nil, err
	}
	q := &request{c: c}
	b := bufferOf(*buf)
	q.pin.Pin(b)
	return q.begun(op, C.ck_irecv(b, n, mt, C.int(source), C.int(tag), c.c, &q.r))
}

func (q *request) begun(op engine.Call, rc C.int) (engine.Pending, error) {
	if err := q.c.result(op, rc); err != nil {
		q.pin.Unpin()
		return nil, err
	}
	q.c.w.begun[q] = struct{}{}
	return q, nil
}

func (q *request) Finish(op engine.Call, wait bool) (engine.Envelope, bool, error) {
	for {
		if err := q.c.fillLate(op); err != nil {
			return engine.Nothing, false, err
		}
		atOnce := wait && len(q.c.late) == 0
		r := q.r
		var e C.ck_envelope
		rc := C.ck_finish(&r, cFlag(atOnce), &e)
		q.r = r
		if e.there == 0 && rc == C.MPI_SUCCESS {
			if wait {
				continue
			}
			return engine.Nothing, false, nil
		}
		q.pin.Unpin()
		delete(q.c.w.begun, q)
		return fromC(&e), true, q.c.result(op, rc)
	}
}

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
	var m C.MPI_Message
	var e C.ck_envelope
	if err := c.result(op, C.ck_mprobe(C.int(q.source), C.int(q.tag), c.c, cFlag(wait), &m, &e)); err != nil || e.there == 0 {
		return false, err
	}
	found := fromC(&e)
	q = c.firstLate(found)
	c.late = slices.DeleteFunc(c.late, func(other *lateRecv) bool { return other == q })
	if *q.buf == nil {
		*q.buf = make([]byte, found.Bytes)
	}
	q.e, q.done = found, true
	mt, n, err := c.kind(op, len(*q.buf), q.t)
	if err == nil {
		err = c.result(op, C.ck_mrecv(bufferOf(*q.buf), n, mt, &m))
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
