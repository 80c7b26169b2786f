//go:build mpi

package openmpi

/*
#include "cgo_collective.h"
*/
import "C"

import (
	"bytes"
	"reflect"

	"cookbook/internal/mpi/engine"
)

// wholeBytes is the size of a buffer, times the number of ranks, up to which ranks combine whole buffers rather than their parts
// of them.
const wholeBytes = 16 << 10

// starBytes is the size of a buffer up to which crowded ranks reduce by a star. MPI sends messages of that size without waiting for
// the receiver.
const starBytes = 256

// anyOrder reports whether MPI may combine: the result has the same bits in whatever order it does. That is so for integers. Of
// floats, Open MPI takes one order or another by the length of the buffer, and its Min and Max know neither NaN nor −0. And its
// sums of small integers stop at the largest where the processor has AVX: 100 + 100 is 127 in an int8, and −56 in Go.
func anyOrder(t engine.Datatype, o engine.Operator) bool {
	integer := t.Kind >= reflect.Int && t.Kind <= reflect.Uint64
	small := t.Size <= 2 && o.Code == engine.OpSum
	return integer && o.Code != engine.OpOwn && !small
}

func (c *comm) inParts(bytes int) bool { return bytes*c.n > wholeBytes }

func (c *comm) Reduce(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, root int) error {
	if anyOrder(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_reduce(bufferOf(send), bufferOf(recv), n, mt, C.int(o.Code), C.int(root), c.c))
	}
	if c.inParts(len(send)) {
		part, l, err := c.combinePart(op, send, t, o)
		if err != nil {
			return err
		}
		return c.Gather(op, part, recv, l, t, root)
	}
	var all []byte
	if c.me == root {
		all = c.room(len(send) * c.n)
	}
	err := c.Gather(op, send, all, engine.Layout{Each: len(send)}, t, root)
	if err == nil && c.me == root {
		o.Fold(recv, all, c.n)
	}
	return err
}

func (c *comm) Allreduce(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	if c.w.crowded && len(send) <= starBytes && c.n > 1 {
		return c.reduceByStar(op, send, recv, t, o)
	}
	if anyOrder(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_allreduce(bufferOf(send), bufferOf(recv), n, mt, C.int(o.Code), c.c))
	}
	if c.inParts(len(send)) {
		part, l, err := c.combinePart(op, send, t, o)
		if err != nil {
			return err
		}
		return c.Allgather(op, part, recv, l, t)
	}
	return c.combineAll(op, send, recv, t, o, c.n)
}

func (c *comm) Scan(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	if anyOrder(t, o) {
		mt, n, err := c.kind(op, len(send), t)
		if err != nil {
			return err
		}
		return c.result(op, C.ck_scan(bufferOf(send), bufferOf(recv), n, mt, C.int(o.Code), c.c))
	}
	if c.inParts(len(send)) {
		all, l, err := c.sharedParts(op, send, t)
		if err != nil {
			return err
		}
		each := engine.Equal(l.Counts[c.me], c.n)
		sum := bytes.Clone(each.Of(all, 0))
		for r := 1; r < c.n; r++ { // rank r gets what the ranks up to and with it come to
			o.Combine(sum, each.Of(all, r))
			copy(each.Of(all, r), sum)
		}
		return c.Alltoall(op, all, each, recv, l, t)
	}
	return c.combineAll(op, send, recv, t, o, c.me+1)
}

// reduceByStar combines on rank 0 what all ranks send, and gives it to all.
func (c *comm) reduceByStar(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	if c.star == 0 {
		if err := c.result(op, C.ck_dup(c.c, &c.star)); err != nil {
			return err
		}
	}
	mt, n, err := c.kind(op, len(send), t)
	if err != nil {
		return err
	}
	if c.me != 0 {
		return c.result(op, C.ck_star_leaf(bufferOf(send), bufferOf(recv), n, mt, c.star))
	}
	all := c.room(len(send) * c.n)
	copy(all, send)
	if err := c.result(op, C.ck_star_in(bufferOf(all), n, mt, C.int(len(send)), C.int(c.n), c.star)); err != nil {
		return err
	}
	o.Fold(recv, all, c.n)
	return c.result(op, C.ck_star_out(bufferOf(recv), n, mt, C.int(c.n), c.star))
}

// room is memory for the blocks of all ranks. Up to wholeBytes it is kept for the next call.
func (c *comm) room(bytes int) []byte {
	if bytes > wholeBytes {
		return make([]byte, bytes)
	}
	if cap(c.scratch) < bytes {
		c.scratch = make([]byte, bytes)
	}
	return c.scratch[:bytes]
}

// combineAll combines what the first ranks send.
func (c *comm) combineAll(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, ranks int) error {
	all := c.room(len(send) * c.n)
	err := c.Allgather(op, send, all, engine.Layout{Each: len(send)}, t)
	if err == nil {
		o.Fold(recv, all, ranks)
	}
	return err
}

// sharedParts gives this rank its part of what each rank sends, one behind the other. The parts are those of the layout.
func (c *comm) sharedParts(op engine.Call, send []byte, t engine.Datatype) ([]byte, engine.Layout, error) {
	l := engine.PartsOf(send, t.Size, c.n)
	each := engine.Equal(l.Counts[c.me], c.n)
	all := make([]byte, each.End())
	return all, l, c.Alltoall(op, send, l, all, each, t)
}

// combinePart combines this rank's part of what all ranks send.
func (c *comm) combinePart(op engine.Call, send []byte, t engine.Datatype, o engine.Operator) ([]byte, engine.Layout, error) {
	all, l, err := c.sharedParts(op, send, t)
	if err != nil {
		return nil, l, err
	}
	part := make([]byte, l.Counts[c.me])
	o.Fold(part, all, c.n)
	return part, l, nil
}
