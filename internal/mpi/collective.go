package mpi

import (
	"bytes"

	"cookbook/internal/mpi/engine"
)

// The collective calls (MPI 4.0 §6). All ranks of the communicator have to make the same ones in the same order, with the
// same root, operator and type, and with lengths that fit. The local engine notices if they do not: ErrMismatch.
//
// The send and recv of one call may overlap, in part or as a whole. What is sent is what was there when the call began. So the
// same slice as send and recv is what MPI_IN_PLACE is. An overlap costs a copy of send; the same slice does not in Reduce, Allreduce
// and Scan.

// Barrier waits until all ranks have called it: MPI_Barrier.
func (c *Comm) Barrier() error {
	if err := c.enter(engine.CallBarrier); err != nil {
		return err
	}
	defer c.leave()
	return c.t.Barrier(engine.CallBarrier)
}

// Bcast gives all ranks what is in the root's buffer: MPI_Bcast. All buffers have one length.
func Bcast[T Element](c *Comm, buf []T, root int) error {
	const call = engine.CallBcast
	return c.rooted(call, root, func() error {
		return c.t.Bcast(call, engine.Raw(buf), engine.TypeOf[T](), root)
	})
}

// Scatter cuts the root's send into equal blocks, one for each rank, and puts this rank's into recv: MPI_Scatter. Only the
// root's send counts; its length has to be that of recv times the number of ranks.
func Scatter[T Element](c *Comm, send, recv []T, root int) error {
	const call = engine.CallScatter
	if c.Rank() == root {
		if err := c.checkBlocks(call, "send", len(send), "recv", len(recv)); err != nil {
			return err
		}
	}
	t := engine.TypeOf[T]()
	out, in := buffers(send, recv)
	return c.rooted(call, root, func() error {
		return c.t.Scatter(call, out, engine.Layout{Each: len(recv) * t.Size}, in, t, root)
	})
}

// Scatterv is Scatter with blocks of different lengths: rank r gets the counts[r] elements of the root's send that begin at
// displs[r]: MPI_Scatterv. If displs is nil, the blocks follow one another. Only the root's send, counts and displs count;
// each recv must have the length of its block.
func Scatterv[T Element](c *Comm, send []T, counts, displs []int, recv []T, root int) error {
	const call = engine.CallScatterv
	t := engine.TypeOf[T]()
	var l engine.Layout
	if c.Rank() == root {
		var err error
		if l, err = c.blocks(call, counts, displs, len(send), t, false); err != nil {
			return err
		}
	}
	out, in := buffers(send, recv)
	return c.rooted(call, root, func() error {
		return c.t.Scatter(call, out, l, in, t, root)
	})
}

// Gather puts the blocks that all ranks send one after another into the root's recv: MPI_Gather. All send have one length;
// only the root's recv counts, and has that length times the number of ranks.
func Gather[T Element](c *Comm, send, recv []T, root int) error {
	const call = engine.CallGather
	if c.Rank() == root {
		if err := c.checkBlocks(call, "recv", len(recv), "send", len(send)); err != nil {
			return err
		}
	}
	t := engine.TypeOf[T]()
	out, in := buffers(send, recv)
	return c.rooted(call, root, func() error {
		return c.t.Gather(call, out, in, engine.Layout{Each: len(send) * t.Size}, t, root)
	})
}

// Gatherv is Gather with blocks of different lengths: what rank r sends, counts[r] elements, comes to the root's recv at
// displs[r]: MPI_Gatherv. If displs is nil, the blocks follow one another. Only the root's recv, counts and displs count.
func Gatherv[T Element](c *Comm, send, recv []T, counts, displs []int, root int) error {
	const call = engine.CallGatherv
	t := engine.TypeOf[T]()
	var l engine.Layout
	if c.Rank() == root {
		var err error
		if l, err = c.blocks(call, counts, displs, len(recv), t, true); err != nil {
			return err
		}
	}
	out, in := buffers(send, recv)
	return c.rooted(call, root, func() error {
		return c.t.Gather(call, out, in, l, t, root)
	})
}

// Allgather is Gather to all ranks: MPI_Allgather. Each recv has the length of send times the number of ranks.
func Allgather[T Element](c *Comm, send, recv []T) error {
	const call = engine.CallAllgather
	if err := c.checkBlocks(call, "recv", len(recv), "send", len(send)); err != nil {
		return err
	}
	t := engine.TypeOf[T]()
	out, in := buffers(send, recv)
	return c.rooted(call, 0, func() error {
		return c.t.Allgather(call, out, in, engine.Layout{Each: len(send) * t.Size}, t)
	})
}

// Allgatherv is Gatherv to all ranks, which give the same counts and displs: MPI_Allgatherv.
func Allgatherv[T Element](c *Comm, send, recv []T, counts, displs []int) error {
	const call = engine.CallAllgatherv
	t := engine.TypeOf[T]()
	l, err := c.blocks(call, counts, displs, len(recv), t, true)
	if err != nil {
		return err
	}
	if mine := l.Counts[c.Rank()]; mine != len(send)*t.Size {
		return c.errorf(call, ErrCount, "%d elements to send, and counts says %d", len(send), mine/t.Size)
	}
	out, in := buffers(send, recv)
	return c.rooted(call, 0, func() error {
		return c.t.Allgather(call, out, in, l, t)
	})
}

// Alltoall sends block r of send to rank r, and puts what rank r has for this one into block r of recv: MPI_Alltoall. The
// two have one length, the same on all ranks, and a multiple of their number.
func Alltoall[T Element](c *Comm, send, recv []T) error {
	const call = engine.CallAlltoall
	n := c.Size()
	switch {
	case len(send) != len(recv):
		return c.errorf(call, ErrCount, "send has %d elements and recv %d: want as many", len(send), len(recv))
	case len(send)%n != 0:
		return c.errorf(call, ErrCount, "%d elements cannot be cut into %d equal blocks, one for each rank", len(send), n)
	}
	t := engine.TypeOf[T]()
	l := engine.Layout{Each: len(send) / n * t.Size}
	out, in := buffers(send, recv)
	return c.rooted(call, 0, func() error {
		return c.t.Alltoall(call, out, l, in, l, t)
	})
}

// Alltoallv is Alltoall with blocks of different lengths: sendCounts[r] elements from sendDispls[r] go to rank r, and
// recvCounts[r] from it come to recvDispls[r]: MPI_Alltoallv. If displs are nil, the blocks follow one another. What one
// rank sends to another has to be what that one awaits.
func Alltoallv[T Element](c *Comm, send []T, sendCounts, sendDispls []int, recv []T, recvCounts, recvDispls []int) error {
	const call = engine.CallAlltoallv
	t := engine.TypeOf[T]()
	sl, err := c.blocks(call, sendCounts, sendDispls, len(send), t, false)
	if err != nil {
		return err
	}
	rl, err := c.blocks(call, recvCounts, recvDispls, len(recv), t, true)
	if err != nil {
		return err
	}
	out, in := buffers(send, recv)
	return c.rooted(call, 0, func() error {
		return c.t.Alltoall(call, out, sl, in, rl, t)
	})
}

// Reduce combines what all ranks send, element by element, into the root's recv: MPI_Reduce. All send have one length, and
// the root's recv has it as well; that of the others is left as it is. The operator is applied in the order of the ranks: see
// [Op].
func Reduce[T Element](c *Comm, send, recv []T, op Op[T], root int) error {
	const call = engine.CallReduce
	isRoot := c.Rank() == root
	if isRoot && len(send) != len(recv) {
		return c.errorf(call, ErrCount, "send has %d elements and recv %d: want as many", len(send), len(recv))
	}
	return c.rooted(call, root, func() error {
		out, in := apart(send, recv)
		if !isRoot {
			in = nil
		}
		return c.t.Reduce(call, out, in, engine.TypeOf[T](), engine.Operator(op()), root)
	})
}

// Allreduce is Reduce to all ranks: MPI_Allreduce. All get the bits that Reduce comes to.
func Allreduce[T Element](c *Comm, send, recv []T, op Op[T]) error {
	const call = engine.CallAllreduce
	return c.reduceToAll(call, len(send), len(recv), func() error {
		out, in := apart(send, recv)
		return c.t.Allreduce(call, out, in, engine.TypeOf[T](), engine.Operator(op()))
	})
}

// Scan gives each rank what the ranks up to and with itself come to: MPI_Scan. The last rank gets the bits that Reduce comes
// to.
func Scan[T Element](c *Comm, send, recv []T, op Op[T]) error {
	const call = engine.CallScan
	return c.reduceToAll(call, len(send), len(recv), func() error {
		out, in := apart(send, recv)
		return c.t.Scan(call, out, in, engine.TypeOf[T](), engine.Operator(op()))
	})
}

func (c *Comm) reduceToAll(op engine.Call, sends, receives int, f func() error) error {
	if sends != receives {
		return c.errorf(op, ErrCount, "send has %d elements and recv %d: want as many", sends, receives)
	}
	return c.rooted(op, 0, f)
}

// buffers is what a call sends and where it receives, for transports: if they overlap, a copy of what is sent.
func buffers[S, R Element](send []S, recv []R) (out, in []byte) {
	out, in = engine.Raw(send), engine.Raw(recv)
	if engine.Overlap(out, in) {
		out = bytes.Clone(out)
	}
	return out, in
}

// apart is buffers for calls whose transports take the same buffer for both.
func apart[T Element](send, recv []T) (out, in []byte) {
	if len(send) > 0 && len(send) == len(recv) && &send[0] == &recv[0] {
		return engine.Raw(send), engine.Raw(recv)
	}
	return buffers(send, recv)
}

// rooted makes a collective call, if there is such a root.
func (c *Comm) rooted(op engine.Call, root int, f func() error) error {
	if uint(root) >= uint(c.Size()) {
		return c.errorf(op, ErrRoot, "root %d: there are ranks 0 to %d", root, c.Size()-1)
	}
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.leave()
	return f()
}

// checkBlocks looks whether the longer buffer has a block for each rank.
func (c *Comm) checkBlocks(op engine.Call, long string, longLen int, short string, shortLen int) error {
	if n := c.Size(); longLen != n*shortLen {
		return c.errorf(op, ErrCount, "%s has %d elements; %d ranks with %d each (%s) make %d", long, longLen, n, shortLen, short, n*shortLen)
	}
	return nil
}

// blocks makes a layout of counts and displacements of elements in a buffer. Blocks to be written must not overlap. Where a
// block without elements begins is not looked at.
func (c *Comm) blocks(op engine.Call, counts, displs []int, length int, t engine.Datatype, written bool) (engine.Layout, error) {
	n := c.Size()
	if len(counts) != n {
		return engine.Layout{}, c.errorf(op, ErrCount, "%d counts for %d ranks", len(counts), n)
	}
	if displs != nil && len(displs) != n {
		return engine.Layout{}, c.errorf(op, ErrCount, "%d displacements for %d ranks", len(displs), n)
	}
	l := engine.Layout{Counts: make([]int, n), Displs: make([]int, n)}
	next := 0
	for r, count := range counts {
		at := next
		if displs != nil && count != 0 {
			at = displs[r]
		}
		if count < 0 || at < 0 || count > length || at > length-count {
			return engine.Layout{}, c.errorf(op, ErrCount, "block %d: %d elements from %d on, of %d", r, count, at, length)
		}
		next = at + count
		l.Counts[r], l.Displs[r] = count*t.Size, at*t.Size
	}
	if written && displs != nil {
		for r := range n {
			for q := range r {
				if counts[r] > 0 && counts[q] > 0 && displs[r] < displs[q]+counts[q] && displs[q] < displs[r]+counts[r] {
					return engine.Layout{}, c.errorf(op, ErrCount, "blocks %d and %d overlap", q, r)
				}
			}
		}
	}
	return l, nil
}
