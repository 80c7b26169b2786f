package ch3

import (
	"context"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

var reduceWrong = []catalog.Wrong{
	{Name: "mismatched-collectives", Title: "leaves Reduce out on a rank that has nothing to add", Run: skipReduce},
}

// skipReduce lets a rank that has nothing to add leave Reduce out. It comes to the barrier while the others reduce.
func skipReduce(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, addSome, 3, struct{}{}, mpi.WithLog(out), mpi.WithTimeout(5*time.Second))
	return err
}

var addSome = mpi.Register("ch3.add_some", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (int, error) {
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))
	mine, sum := []int{2 - rank}, []int{0} // rank 2 has 0
	out.Printf("has %d", mine[0])
	if mine[0] != 0 {
		if err := mpi.Reduce(comm, mine, sum, mpi.Sum, 0); err != nil {
			return 0, err
		}
	}
	if err := comm.Barrier(); err != nil {
		return 0, err
	}
	if rank == 0 {
		out.Printf("the sum is %d", sum[0])
	}
	return sum[0], nil
})
