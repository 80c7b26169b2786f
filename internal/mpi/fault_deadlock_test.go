package mpi

import (
	"context"
	"errors"

	"cookbook/internal/mpi/engine"
)

var faultDeadlocks = []faultCase{
	{name: "two of nine wait for each other, the others in a barrier", ranks: 9, class: ErrDeadlock,
		says: []string{"rank 2 waits in Recv for a message from rank 5 with tag 25", "rank 5 waits in Recv for a message from rank 2 with tag 52"},
		program: func(_ context.Context, c *Comm) error {
			return faultTwo(c, c.Barrier)
		}},
	{name: "two of nine wait for each other, the others have ended", ranks: 9, class: ErrDeadlock, silent: []int{0, 1, 3, 4, 6, 7, 8},
		says:    []string{"rank 2 waits in Recv", "rank 5 waits in Recv"},
		program: func(_ context.Context, c *Comm) error { return faultTwo(c, func() error { return nil }) }},
	{name: "two of nine wait for each other, the others compute", ranks: 9, class: ErrDeadlock,
		says:    []string{"rank 2 waits in Recv", "rank 5 waits in Recv"},
		program: func(_ context.Context, c *Comm) error { return faultTwo(c, func() error { return faultCompute(c) }) }},
	{name: "a ring of three", ranks: 3, class: ErrDeadlock, says: []string{"rank 0 waits", "rank 1 waits", "rank 2 waits"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, (c.Rank()+1)%3, 0) }},
	{name: "a rank waits for itself", ranks: 1, class: ErrDeadlock,
		says:    []string{"rank 0 waits in Recv for a message from rank 0"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, 0, 0) }},
	{name: "a rank waits for one that has ended", ranks: 2, class: ErrDeadlock, silent: []int{1},
		says: []string{"rank 0 waits in Recv", "rank 1 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, 1, 0)
			}
			return nil
		}},
	{name: "a message has another tag", ranks: 2, class: ErrDeadlock, silent: []int{0},
		says: []string{"rank 1 waits in Recv for a message from rank 0 with tag 2"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return faultRecv(c, 0, 2)
			}
			return Send(c, []int{1}, 1, 1)
		}},
	{name: "Ssend against Ssend", ranks: 2, class: ErrDeadlock,
		says: []string{"rank 0 waits in Ssend for rank 1", "rank 1 waits in Ssend for rank 0"},
		program: func(_ context.Context, c *Comm) error {
			if err := Ssend(c, []int{1}, 1-c.Rank(), 0); err != nil {
				return err
			}
			return faultRecv(c, 1-c.Rank(), 0)
		}},
	{name: "large Send against large Send", ranks: 2, class: ErrDeadlock,
		says:    []string{"rank 0 waits in Send for rank 1", "rank 1 waits in Send for rank 0"},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, engine.DefaultEager+1) }},
	{name: "small Send against small Send", ranks: 2,
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, engine.DefaultEager) }},
	{name: "many small Sends against many small Sends", ranks: 3, anyMPI: true,
		program: func(_ context.Context, c *Comm) error {
			const count, n = 2000, 1000 // far more than can be on its way at once
			for range count {
				if err := Send(c, make([]byte, n), (c.Rank()+1)%3, 0); err != nil {
					return err
				}
			}
			for range count {
				if _, err := Recv(c, make([]byte, n), (c.Rank()+2)%3, 0); err != nil {
					return err
				}
			}
			return nil
		}},
	{name: "small Send against small Send without any limit", ranks: 2, class: ErrDeadlock,
		opts:    []Option{WithEagerLimit(0)},
		says:    []string{"in Send"},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, 1) }},
	{name: "large Send against large Send below a higher limit", ranks: 2, opts: []Option{WithEagerLimit(64 << 10)},
		program: func(_ context.Context, c *Comm) error { return faultHeadOn(c, 60<<10) }},
	{name: "Send within a ring of nine", ranks: 9, class: ErrDeadlock, says: []string{"in Send"},
		program: func(_ context.Context, c *Comm) error {
			if err := Send(c, make([]byte, 1<<20), (c.Rank()+1)%9, 0); err != nil {
				return err
			}
			_, err := Recv(c, make([]byte, 1<<20), (c.Rank()+8)%9, 0)
			return err
		}},
	{name: "a message from anybody when nobody is left", ranks: 4, class: ErrDeadlock, silent: []int{1, 2, 3},
		says: []string{"rank 0 waits in Recv", "has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 0 {
				return faultRecv(c, AnySource, AnyTag)
			}
			return nil
		}},
	{name: "all wait for anybody", ranks: 4, class: ErrDeadlock, says: []string{"waits in Recv for a message from any rank"},
		program: func(_ context.Context, c *Comm) error { return faultRecv(c, AnySource, AnyTag) }},
	{name: "all look for a message", ranks: 2, class: ErrDeadlock, says: []string{"waits in Probe"},
		program: func(_ context.Context, c *Comm) error {
			_, err := c.Probe(1-c.Rank(), AnyTag)
			return err
		}},
	{name: "all wait for what they have begun to receive", ranks: 2, class: ErrDeadlock, says: []string{"waits in Wait"},
		program: func(_ context.Context, c *Comm) error {
			r, err := Irecv(c, []int{0}, 1-c.Rank(), 0)
			if err != nil {
				return err
			}
			_, err = r.Wait()
			return err
		}},
	{name: "one sends what nobody receives", ranks: 2, class: ErrDeadlock, silent: []int{1},
		says: []string{"rank 0 waits in Wait for rank 1", "rank 1 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 1 {
				return nil
			}
			r, err := Isend(c, make([]byte, 1<<20), 1, 0)
			if err != nil {
				return err
			}
			return Waitall(r)
		}},
	{name: "one does not come to a barrier for it has ended", ranks: 4, class: ErrDeadlock, silent: []int{2},
		says: []string{"in Barrier", "rank 2 has ended"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				return nil
			}
			return c.Barrier()
		}},
	{name: "one does not come to a barrier for it waits", ranks: 4, class: ErrDeadlock,
		says: []string{"in Barrier for rank 2", "rank 2 waits in Recv for a message from rank 0"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 2 {
				return faultRecv(c, 0, 0)
			}
			return c.Barrier()
		}},
	{name: "one does not come to a collective call with data", ranks: 4, class: ErrDeadlock,
		says: []string{"rank 3 waits in Recv for a message from rank 1"},
		program: func(_ context.Context, c *Comm) error {
			if c.Rank() == 3 {
				return faultRecv(c, 1, 0)
			}
			big := make([]float64, 50_000)
			return Allreduce(c, big, make([]float64, len(big)), Sum)
		}},
	{name: "two parts of the world wait for each other", ranks: 4, class: ErrDeadlock,
		says: []string{"rank 0 waits", "rank 1 waits"},
		program: func(_ context.Context, c *Comm) error {
			// 0 and 2 are a part, 1 and 3 the other. The first of each waits for the other's second, who wait in their
			// barriers.
			part, err := c.Split(c.Rank()%2, 0)
			if err != nil {
				return err
			}
			if part.Rank() == 0 {
				if err := faultRecv(c, 3-c.Rank(), 0); err != nil {
					return err
				}
			}
			return part.Barrier()
		}},
	{name: "a barrier in another order than the other's", ranks: 2, class: ErrDeadlock, says: []string{"in Barrier"},
		program: func(_ context.Context, c *Comm) error {
			other, err := c.Dup()
			if err != nil {
				return err
			}
			if c.Rank() == 0 {
				return errors.Join(c.Barrier(), other.Barrier())
			}
			return errors.Join(other.Barrier(), c.Barrier())
		}},
}

// faultTwo lets ranks 2 and 5 wait for each other.
func faultTwo(c *Comm, others func() error) error {
	switch c.Rank() {
	case 2:
		return faultRecv(c, 5, 25)
	case 5:
		return faultRecv(c, 2, 52)
	}
	return others()
}

// faultHeadOn lets two ranks send to each other before they receive.
func faultHeadOn(c *Comm, n int) error {
	if err := Send(c, make([]byte, n), 1-c.Rank(), 0); err != nil {
		return err
	}
	_, err := Recv(c, make([]byte, n), 1-c.Rank(), 0)
	return err
}
