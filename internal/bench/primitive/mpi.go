package primitive

import (
	"context"
	"time"

	"cookbook/internal/mpi"
)

// MPI are the operations of chapter 3 that mpi4py has: buffers of bytes and numbers, ranks on one machine. Ranks in Go talk through
// shared memory, and those in Python through the library that mpirun belongs to.
func MPI() []Primitive {
	return of(3, "mpi_bench.py",
		Primitive{Name: "MPI, 8 bytes one way", Key: "pingpong_8B", Go: ranks(2, "pingpong", 8), Per: 2},
		Primitive{Name: "MPI, 1 MiB one way", Key: "pingpong_1MiB", Go: ranks(2, "pingpong", 1<<20), Per: 2},
		Primitive{Name: "MPI, a value one way", Key: "value_pingpong", Go: ranks(2, "value", 0), Per: 2},
		Primitive{Name: "MPI, barrier of 2", Key: "barrier", Go: ranks(2, "barrier", 0)},
		Primitive{Name: "MPI, allreduce of a number, 2", Key: "allreduce_2", Go: ranks(2, "allreduce", 8)},
		Primitive{Name: "MPI, allreduce of 1 MiB, 2", Key: "allreduce_1MiB", Go: ranks(2, "allreduce", 1<<20)},
	)
}

// order is what the ranks are to do.
type order struct {
	What     string
	Bytes, N int
}

func ranks(n int, what string, bytes int) Body {
	return func(ctx context.Context, rounds int) (time.Duration, error) {
		took, err := mpi.Run(ctx, carryOut, n, order{what, bytes, rounds})
		if err != nil {
			return 0, err
		}
		return took[0], nil
	}
}

// carryOut returns how long the rounds took in this rank.
var carryOut = mpi.Register("bench.order", func(_ context.Context, c *mpi.Comm, o order) (time.Duration, error) {
	work := o.work(c)
	for range o.N/10 + 1 {
		if err := work(); err != nil {
			return 0, err
		}
	}
	if err := c.Barrier(); err != nil {
		return 0, err
	}
	return timed(o.N, work)
})

func (o order) work(c *mpi.Comm) func() error {
	block, ones, sums := make([]byte, o.Bytes), make([]float64, max(1, o.Bytes/8)), make([]float64, max(1, o.Bytes/8))
	other := 1 - c.Rank()
	turn := func(send, receive func() error) func() error { // rank 0 serves
		if c.Rank() != 0 {
			send, receive = receive, send
		}
		return func() error {
			if err := send(); err != nil {
				return err
			}
			return receive()
		}
	}
	switch o.What {
	case "pingpong":
		return turn(func() error { return mpi.Send(c, block, other, 0) }, func() error {
			_, err := mpi.Recv(c, block, other, 0)
			return err
		})
	case "value":
		return turn(func() error { return mpi.SendValue(c, 7, other, 0) }, func() error {
			_, _, err := mpi.RecvValue[int](c, other, 0)
			return err
		})
	case "allreduce":
		return func() error { return mpi.Allreduce(c, ones, sums, mpi.Sum) }
	}
	return c.Barrier
}
