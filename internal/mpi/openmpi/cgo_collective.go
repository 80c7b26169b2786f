//go:build mpi

package openmpi

/*
#include "cgo_collective.h"
*/
import "C"

import "cookbook/internal/mpi/engine"

func (c *comm) Barrier(op engine.Call) error { return c.result(op, C.ck_barrier(c.c)) }

func (c *comm) Bcast(op engine.Call, buf []byte, t engine.Datatype, root int) error {
	mt, n, err := c.kind(op, len(buf), t)
	if err != nil {
		return err
	}
	return c.result(op, C.ck_bcast(bufferOf(buf), n, mt, C.int(root), c.c))
}

// blocks are a layout as MPI takes it.
type blocks struct {
	t, each        C.int
	counts, displs []C.int
}

// blocksOf translates a layout.
func (c *comm) blocksOf(op engine.Call, l engine.Layout, t engine.Datatype) (b blocks, err error) {
	if b.t, b.each, err = c.kind(op, l.Each, t); err != nil || sameSizes(op, l) {
		return b, err
	}
	b.counts, b.displs = make([]C.int, c.n), make([]C.int, c.n)
	for r := range l.Counts {
		if _, b.counts[r], err = c.kind(op, l.Counts[r], t); err == nil {
			_, b.displs[r], err = c.kind(op, l.Displs[r], t)
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// sameSizes reports whether all ranks call for blocks of one size. Of others only the root knows the layout.
func sameSizes(op engine.Call, l engine.Layout) bool {
	return l.Counts == nil && op != engine.CallScatterv && op != engine.CallGatherv
}

func (c *comm) Scatter(op engine.Call, send []byte, l engine.Layout, recv []byte, t engine.Datatype, root int) error {
	b, err := c.blocksOf(op, l, t)
	if err != nil {
		return err
	}
	mt, n, err := c.kind(op, len(recv), t)
	if err != nil {
		return err
	}
	if sameSizes(op, l) {
		return c.result(op, C.ck_scatter(bufferOf(send), b.each, b.t, bufferOf(recv), n, mt, C.int(root), c.c))
	}
	return c.result(op, C.ck_scatterv(bufferOf(send), &b.counts[0], &b.displs[0], b.t, bufferOf(recv), n, mt, C.int(root), c.c))
}

func (c *comm) Gather(op engine.Call, send []byte, recv []byte, l engine.Layout, t engine.Datatype, root int) error {
	b, err := c.blocksOf(op, l, t)
	if err != nil {
		return err
	}
	mt, n, err := c.kind(op, len(send), t)
	if err != nil {
		return err
	}
	if sameSizes(op, l) {
		return c.result(op, C.ck_gather(bufferOf(send), n, mt, bufferOf(recv), b.each, b.t, C.int(root), c.c))
	}
	return c.result(op, C.ck_gatherv(bufferOf(send), n, mt, bufferOf(recv), &b.counts[0], &b.displs[0], b.t, C.int(root), c.c))
}

func (c *comm) Allgather(op engine.Call, send []byte, recv []byte, l engine.Layout, t engine.Datatype) error {
	b, err := c.blocksOf(op, l, t)
	if err != nil {
		return err
	}
	mt, n, err := c.kind(op, len(send), t)
	if err != nil {
		return err
	}
	if sameSizes(op, l) {
		return c.result(op, C.ck_allgather(bufferOf(send), n, mt, bufferOf(recv), b.each, b.t, c.c))
	}
	return c.result(op, C.ck_allgatherv(bufferOf(send), n, mt, bufferOf(recv), &b.counts[0], &b.displs[0], b.t, c.c))
}

func (c *comm) Alltoall(op engine.Call, send []byte, sl engine.Layout, recv []byte, rl engine.Layout, t engine.Datatype) error {
	s, err := c.blocksOf(op, sl, t)
	if err != nil {
		return err
	}
	r, err := c.blocksOf(op, rl, t)
	if err != nil {
		return err
	}
	if sameSizes(op, sl) {
		return c.result(op, C.ck_alltoall(bufferOf(send), s.each, s.t, bufferOf(recv), r.each, r.t, c.c))
	}
	return c.result(op, C.ck_alltoallv(bufferOf(send), &s.counts[0], &s.displs[0], s.t, bufferOf(recv), &r.counts[0], &r.displs[0], r.t, c.c))
}
