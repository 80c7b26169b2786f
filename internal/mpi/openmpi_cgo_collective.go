//go:build mpi

package mpi

/*
#include "openmpi_cgo.h"
*/
import "C"

func (c *cgoComm) barrier(op callName) error { return c.result(op, C.MPI_Barrier(c.c)) }

func (c *cgoComm) bcast(op callName, buf []byte, t datatype, root int) error {
	mt, n, err := c.kind(op, len(buf), t)
	if err != nil {
		return err
	}
	return c.result(op, C.ck_bcast(bufferOf(buf), n, mt, C.int(root), c.c))
}

// cgoBlocks are a layout as MPI takes it.
type cgoBlocks struct {
	t              C.MPI_Datatype
	each           C.int
	counts, displs []C.int
}

// blocksOf translates a layout.
func (c *cgoComm) blocksOf(op callName, l layout, t datatype) (b cgoBlocks, err error) {
	if b.t, b.each, err = c.kind(op, l.each, t); err != nil {
		return b, err
	}
	b.counts, b.displs = make([]C.int, c.n), make([]C.int, c.n)
	for r := range l.counts {
		if _, b.counts[r], err = c.kind(op, l.counts[r], t); err == nil {
			_, b.displs[r], err = c.kind(op, l.displs[r], t)
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// sameSizes reports whether all ranks call for blocks of one size. Of others only the root knows the layout.
func sameSizes(op callName, l layout) bool {
	return l.counts == nil && op != callScatterv && op != callGatherv
}

func (c *cgoComm) scatter(op callName, send []byte, l layout, recv []byte, t datatype, root int) error {
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

func (c *cgoComm) gather(op callName, send []byte, recv []byte, l layout, t datatype, root int) error {
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

func (c *cgoComm) allgather(op callName, send []byte, recv []byte, l layout, t datatype) error {
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

func (c *cgoComm) alltoall(op callName, send []byte, sl layout, recv []byte, rl layout, t datatype) error {
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

// mpiKnows reports whether MPI combines elements of the type as Go does. It has no operator for a Loc; and sums of small integers
// stop at the largest in Open MPI 4.1 where the processor has AVX: 100 + 100 is 127 in an int8, and −56 in Go.
func mpiKnows(t datatype, o operator) bool {
	small := t.size <= 2 && o.code == opSum
	return datatypeIndex(t) != 0 && o.code <= opBor && !small
}

func (c *cgoComm) reduce(op callName, send, recv []byte, t datatype, o operator, root int) error {
	if mpiKnows(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_reduce(bufferOf(send), bufferOf(recv), n, mt, C.int(o.code), C.int(root), c.c))
	}
	var all []byte
	if c.me == root {
		all = make([]byte, len(send)*c.n)
	}
	err := c.gather(op, send, all, layout{each: len(send)}, t, root)
	if err == nil && c.me == root {
		foldBytes(recv, all, o, c.n)
	}
	return err
}

func (c *cgoComm) allreduce(op callName, send, recv []byte, t datatype, o operator) error {
	if mpiKnows(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_allreduce(bufferOf(send), bufferOf(recv), n, mt, C.int(o.code), c.c))
	}
	return c.foldAll(op, send, recv, t, o, c.n)
}

func (c *cgoComm) scan(op callName, send, recv []byte, t datatype, o operator) error {
	if mpiKnows(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_scan(bufferOf(send), bufferOf(recv), n, mt, C.int(o.code), c.c))
	}
	return c.foldAll(op, send, recv, t, o, c.me+1)
}

// foldAll combines, for an operator that MPI lacks, what the first ranks send.
func (c *cgoComm) foldAll(op callName, send, recv []byte, t datatype, o operator, ranks int) error {
	all := make([]byte, len(send)*c.n)
	err := c.allgather(op, send, all, layout{each: len(send)}, t)
	if err == nil {
		foldBytes(recv, all, o, ranks)
	}
	return err
}

// foldBytes combines the first so many blocks of all, in their order.
func foldBytes(into, all []byte, o operator, blocks int) {
	n := len(into)
	copy(into, all)
	for r := 1; r < blocks; r++ {
		o.combine(into, all[r*n:(r+1)*n])
	}
}
