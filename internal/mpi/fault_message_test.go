package mpi

import (
	"context"
)

var faultMessages = []faultCase{
	{name: "a small message larger than its buffer", ranks: 3, class: ErrTruncate,
		says: []string{"rank 1: Recv: the message from rank 0"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []int{1, 2}, 1, 0) }, func() error { return faultRecv(c, 0, 0) })
		}},
	{name: "a large message larger than its buffer", ranks: 3, class: ErrTruncate, says: []string{"200000"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, make([]byte, 200_000), 1, 0) }, func() error {
				_, err := Recv(c, make([]byte, 199_999), AnySource, AnyTag)
				return err
			})
		}},
	{name: "a message larger than the buffer of a receive that was begun", ranks: 3, class: ErrTruncate,
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Ssend(c, []int{1, 2}, 1, 0) }, func() error {
				r, err := Irecv(c, []int(nil), 0, 0)
				if err != nil {
					return err
				}
				return Waitall(r)
			})
		}},
	{name: "a message of another type", ranks: 3, class: ErrType, says: []string{"float64", "int32"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []float64{1}, 1, 0) }, func() error {
				_, err := Recv(c, []int32{1, 2, 3}, 0, 0)
				return err
			})
		}},
	{name: "a value where a buffer was asked for", ranks: 3, class: ErrType, says: []string{"value"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return SendValue(c, "words", 1, 0) }, func() error { return faultRecv(c, 0, 0) })
		}},
	{name: "a buffer where a value was asked for", ranks: 3, class: ErrType, says: []string{"value"},
		program: func(_ context.Context, c *Comm) error {
			return faultSendRecv(c, func() error { return Send(c, []byte("words"), 1, 0) }, func() error {
				_, _, err := RecvValue[string](c, 0, 0)
				return err
			})
		}},
	{name: "a rank that does not exist", ranks: 2, class: ErrRank, silent: []int{1},
		says: []string{"rank 0: Send: send to rank 2: there are ranks 0 to 1"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return Send(c, []int{1}, 2, 0)
			}
			return nil
		}},
}

// faultSendRecv lets rank 0 do one thing and rank 1 the other, and then all wait for all.
func faultSendRecv(c *Comm, zero, one func() error) error {
	var err error
	switch c.Rank() {
	case 0:
		err = zero()
	case 1:
		err = one()
	}
	if err != nil {
		return err
	}
	return c.Barrier()
}
