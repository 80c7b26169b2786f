package mpi

import (
	"cmp"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// Values of any type: what mpi4py's lower-case methods do by pickle. Values without pointers, strings, and slices of these
// travel as they lie in memory; all others by encoding/gob, with its rules (exported fields only; what stands in an interface
// needs gob.Register). A value that gob would change without a word, or never come to the end of, is ErrType: one with a cycle,
// or with a pointer to a zero value in a field. Package wire has the whole list. The receiver has to ask for the type that was
// sent; otherwise the error is ErrType.

// SendValue is [Send] for a value of any type: comm.send of mpi4py.
func SendValue[T any](c *Comm, v T, dest, tag int) error {
	return sendValue(c, engine.CallSend, v, dest, tag)
}

// SsendValue is [Ssend] for a value of any type: comm.ssend of mpi4py.
func SsendValue[T any](c *Comm, v T, dest, tag int) error {
	return sendValue(c, engine.CallSsend, v, dest, tag)
}

func sendValue[T any](c *Comm, op engine.Call, v T, dest, tag int) error {
	b, err := encode(c, op, v)
	if err != nil {
		return err
	}
	return c.send(op, b, engine.Encoded, dest, tag, op == engine.CallSsend)
}

// RecvValue is [Recv] for a value of any type, of whatever size: comm.recv of mpi4py.
func RecvValue[T any](c *Comm, source, tag int) (T, Status, error) {
	var b []byte
	e, err := c.recv(engine.CallRecv, nil, &b, engine.Encoded, source, tag)
	if err != nil || e.Source == ProcNull {
		return *new(T), Status{e.Source, e.Tag, e.Bytes}, err
	}
	v, err := decode[T](c, engine.CallRecv, b)
	return v, Status{e.Source, e.Tag, e.Bytes}, err
}

// SendrecvValue is [Sendrecv] for values of any type: comm.sendrecv of mpi4py.
func SendrecvValue[S, R any](c *Comm, v S, dest, sendTag, source, recvTag int) (R, Status, error) {
	b, err := encode(c, engine.CallSendrecv, v)
	if err != nil {
		return *new(R), Status{}, err
	}
	var in []byte
	e, err := c.sendrecv(b, engine.Encoded, dest, sendTag, &in, engine.Encoded, source, recvTag)
	if err != nil || e.Source == ProcNull {
		return *new(R), Status{e.Source, e.Tag, e.Bytes}, err
	}
	r, err := decode[R](c, engine.CallSendrecv, in)
	return r, Status{e.Source, e.Tag, e.Bytes}, err
}

// IsendValue is [Isend] for a value of any type, which may be changed at once: comm.isend of mpi4py.
func IsendValue[T any](c *Comm, v T, dest, tag int) (*Request, error) {
	b, err := encode(c, engine.CallIsend, v)
	if err != nil {
		return nil, err
	}
	return c.isend(b, engine.Encoded, dest, tag)
}

// A ValueRequest is a receive of a value that was begun.
type ValueRequest[T any] struct {
	c *Comm
	r *Request
	b *[]byte
}

// IrecvValue is [Irecv] for a value of any type: comm.irecv of mpi4py.
func IrecvValue[T any](c *Comm, source, tag int) (*ValueRequest[T], error) {
	b := new([]byte)
	r, err := c.irecv(nil, b, engine.Encoded, source, tag)
	if err != nil {
		return nil, err
	}
	return &ValueRequest[T]{c, r, b}, nil
}

// Wait waits for the value. Of a nil request it is the zero value, as from ProcNull.
func (r *ValueRequest[T]) Wait() (T, Status, error) {
	if r == nil || r.r == nil {
		s, err := (*Request)(nil).Wait()
		return *new(T), s, err
	}
	s, err := r.r.Wait()
	if err != nil || s.Source == ProcNull {
		return *new(T), s, err
	}
	v, err := decode[T](r.c, engine.CallWait, *r.b)
	return v, s, err
}

// BcastValue returns the root's value on all ranks: comm.bcast of mpi4py. What the others give is not looked at.
func BcastValue[T any](c *Comm, v T, root int) (T, error) {
	const call = engine.CallBcast
	var b []byte
	var failed error
	size := int64(-1) // the root cannot: all have to know
	if c.Rank() == root {
		if b, failed = encode(c, call, v); failed == nil {
			size = int64(len(b))
		}
	}
	err := c.rooted(call, root, func() error {
		if err := c.t.Bcast(call, engine.Raw(unsafe.Slice(&size, 1)), engine.TypeOf[int64](), root); err != nil || size < 0 {
			return err
		}
		if c.Rank() != root {
			b = make([]byte, size)
		}
		return c.t.Bcast(call, b, engine.Encoded, root)
	})
	switch {
	case err != nil || failed != nil:
		return v, cmp.Or(failed, err)
	case size < 0:
		return v, c.errorf(call, ErrType, "the root's value cannot be sent")
	case c.Rank() == root:
		return v, nil
	}
	return decode[T](c, call, b)
}

// ScatterValues gives each rank one of the root's values: comm.scatter of mpi4py. What the others give is not looked at. If
// there is not one value for each rank, that is every rank's error, and the communicator remains of use.
func ScatterValues[T any](c *Comm, values []T, root int) (T, error) {
	const call = engine.CallScatter
	n := c.Size()
	var sizes []int64
	var blobs []byte
	var l engine.Layout
	var failed error
	if c.Rank() == root {
		sizes, blobs, l, failed = encodeAll(c, call, values)
		if len(values) != n {
			failed = c.errorf(call, ErrCount, "%d values for %d ranks: there has to be one for each", len(values), n)
		}
		if failed != nil {
			sizes = make([]int64, n)
			for r := range sizes {
				sizes[r] = -1 - int64(len(values)) // all have to know
			}
		}
	}
	var size int64
	var mine []byte
	err := c.rooted(call, root, func() error {
		own := engine.Raw(unsafe.Slice(&size, 1))
		err := c.t.Scatter(call, engine.Raw(sizes), engine.Layout{Each: 8}, own, engine.TypeOf[int64](), root)
		if err != nil || size < 0 {
			return err
		}
		mine = make([]byte, size)
		return c.t.Scatter(engine.CallScatterv, blobs, l, mine, engine.Encoded, root)
	})
	switch {
	case err != nil || failed != nil:
		return *new(T), cmp.Or(failed, err)
	case size < 0 && int(-1-size) != n:
		return *new(T), c.errorf(call, ErrCount, "the root, rank %d, has %d values for %d ranks: there has to be one for each", root, -1-size, n)
	case size < 0:
		return *new(T), c.errorf(call, ErrType, "the root's values cannot be sent")
	}
	return decode[T](c, call, mine)
}

// GatherValues returns all ranks' values on the root, in the order of the ranks, and nil on the others: comm.gather of
// mpi4py.
func GatherValues[T any](c *Comm, v T, root int) ([]T, error) {
	return gatherTo(c, engine.CallGather, v, root)
}

// AllgatherValues returns all ranks' values, in the order of the ranks: comm.allgather of mpi4py.
func AllgatherValues[T any](c *Comm, v T) ([]T, error) {
	return gatherToAll(c, engine.CallAllgather, v)
}

// gatherTo is GatherValues as a part of a call.
func gatherTo[T any](c *Comm, call engine.Call, v T, root int) ([]T, error) {
	return gatherValues(c, call, v, root, c.Rank() == root, func(size *int64, sizes []int64) error {
		return c.t.Gather(engine.CallGather, engine.Raw(unsafe.Slice(size, 1)), engine.Raw(sizes), engine.Layout{Each: 8}, engine.TypeOf[int64](), root)
	}, func(b, all []byte, l engine.Layout) error {
		return c.t.Gather(engine.CallGatherv, b, all, l, engine.Encoded, root)
	})
}

// gatherToAll is AllgatherValues as a part of a call.
func gatherToAll[T any](c *Comm, call engine.Call, v T) ([]T, error) {
	return gatherValues(c, call, v, 0, true, func(size *int64, sizes []int64) error {
		return c.t.Allgather(engine.CallAllgather, engine.Raw(unsafe.Slice(size, 1)), engine.Raw(sizes), engine.Layout{Each: 8}, engine.TypeOf[int64]())
	}, func(b, all []byte, l engine.Layout) error {
		return c.t.Allgather(engine.CallAllgatherv, b, all, l, engine.Encoded)
	})
}

// gatherValues gathers lengths and then values. gets: this rank gets them.
func gatherValues[T any](
	c *Comm, call engine.Call, v T, root int, gets bool,
	lengths func(*int64, []int64) error, values func(b, all []byte, l engine.Layout) error,
) ([]T, error) {
	b, failed := encode(c, call, v)
	size := int64(len(b)) // 0: it cannot be sent; the others get on
	var sizes []int64
	var all []byte
	var l engine.Layout
	if gets {
		sizes = make([]int64, c.Size())
	}
	err := c.rooted(call, root, func() error {
		if err := lengths(&size, sizes); err != nil {
			return err
		}
		if gets {
			l = engine.LayoutOf(sizes)
			all = make([]byte, l.End())
		}
		return values(b, all, l)
	})
	if err != nil || failed != nil || !gets {
		return nil, cmp.Or(failed, err)
	}
	return decodeAll[T](c, call, all, l)
}

// AlltoallValues sends values[r] to rank r and returns what all ranks have for this one: comm.alltoall of mpi4py.
func AlltoallValues[T any](c *Comm, values []T) ([]T, error) {
	const call = engine.CallAlltoall
	n := c.Size()
	if len(values) != n {
		return nil, c.errorf(call, ErrCount, "%d values for %d ranks: there has to be one for each", len(values), n)
	}
	sizes, blobs, sl, failed := encodeAll(c, call, values)
	if failed != nil {
		sizes, blobs, sl = make([]int64, n), nil, engine.LayoutOf(make([]int64, n))
	}
	var rl engine.Layout
	var in []byte
	err := c.rooted(call, 0, func() error {
		theirs := make([]int64, n)
		each := engine.Layout{Each: 8}
		if err := c.t.Alltoall(call, engine.Raw(sizes), each, engine.Raw(theirs), each, engine.TypeOf[int64]()); err != nil {
			return err
		}
		rl = engine.LayoutOf(theirs)
		in = make([]byte, rl.End())
		return c.t.Alltoall(engine.CallAlltoallv, blobs, sl, in, rl, engine.Encoded)
	})
	if err != nil || failed != nil {
		return nil, cmp.Or(failed, err)
	}
	return decodeAll[T](c, call, in, rl)
}

// ReduceValue combines all ranks' values in the order of the ranks and returns the result on the root: comm.reduce of
// mpi4py. On the others it returns the zero value.
func ReduceValue[T any](c *Comm, v T, f func(a, b T) T, root int) (T, error) {
	all, err := gatherTo(c, engine.CallReduce, v, root)
	return combine(all, f), err
}

// AllreduceValue is ReduceValue to all ranks: comm.allreduce of mpi4py.
func AllreduceValue[T any](c *Comm, v T, f func(a, b T) T) (T, error) {
	all, err := gatherToAll(c, engine.CallAllreduce, v)
	return combine(all, f), err
}

// ScanValue combines the values of the ranks up to and with this one: comm.scan of mpi4py.
func ScanValue[T any](c *Comm, v T, f func(a, b T) T) (T, error) {
	all, err := gatherToAll(c, engine.CallScan, v)
	return combine(all[:min(len(all), c.Rank()+1)], f), err
}

func combine[T any](all []T, f func(a, b T) T) (v T) {
	for i, next := range all {
		if i == 0 {
			v = next
		} else {
			v = f(v, next)
		}
	}
	return v
}
