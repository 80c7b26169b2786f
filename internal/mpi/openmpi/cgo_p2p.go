//go:build mpi

package openmpi

/*
#include "cgo_p2p.h"
*/
import "C"

import (
	"runtime"

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
	e := &c.w.found
	rc := C.ck_recv(bufferOf(*buf), n, mt, C.int(source), C.int(tag), c.c, e)
	return fromC(e), c.result(op, rc)
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
	e := &c.w.found
	rc := C.ck_sendrecv(bufferOf(send), sn, smt, C.int(dest), C.int(sendTag), bufferOf(*recv), rn, rmt, C.int(source), C.int(recvTag), c.c, e)
	return fromC(e), c.result(op, rc)
}

func (c *comm) Probe(op engine.Call, source, tag int, wait bool) (engine.Envelope, bool, error) {
	for {
		if err := c.fillLate(op); err != nil {
			return engine.Nothing, false, err
		}
		e := &c.w.found
		atOnce := wait && len(c.late) == 0
		if err := c.result(op, C.ck_probe(C.int(source), C.int(tag), c.c, cFlag(atOnce), e)); err != nil {
			return engine.Nothing, false, err
		}
		found := fromC(e)
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
	r   C.ck_request
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
		e := &q.c.w.found
		err := q.c.result(op, C.ck_finish(q.r, cFlag(atOnce), e))
		if e.there == 0 && err == nil {
			if wait {
				continue
			}
			return engine.Nothing, false, nil
		}
		q.pin.Unpin()
		delete(q.c.w.begun, q)
		return fromC(e), true, err
	}
}
