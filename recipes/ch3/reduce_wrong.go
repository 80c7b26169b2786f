package ch3

import (
	"context"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

var reduceWrong = []catalog.Wrong{
	{Name: "mismatched-collectives", Title: "leaves Reduce out on a rank that has nothing to add", Run: skipReduce},
}

// skipReduce lets rank 1 leave Reduce out if nothing has come for it to add. Then it is at the barrier while rank 0 reduces.
func skipReduce(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, addWhatCame, 2, struct{}{}, mpi.WithLog(out), mpi.WithTimeout(5*time.Second))
	return err
}

var addWhatCame = mpi.Register("ch3.add_what_came", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (struct{}, error) {
	mine, sum := []int{1}, []int{0}
	add, err := true, error(nil)
	if comm.Rank() == 0 {
		mpi.Log(ctx).Actor("rank 0").Printf("sending 2 to rank 1")
		err = mpi.Send(comm, []int{2}, 1, 0)
	} else {
		add, err = receiveIfThere(ctx, comm, mine)
	}
	if err == nil && add {
		err = mpi.Reduce(comm, mine, sum, mpi.Sum, 0)
	}
	if err == nil {
		err = comm.Barrier()
	}
	if err == nil && comm.Rank() == 0 {
		mpi.Log(ctx).Actor("rank 0").Printf("the sum is %d", sum[0])
	}
	return struct{}{}, err
})

// receiveIfThere looks for a message of rank 0 after some time, and reports whether there is one.
func receiveIfThere(ctx context.Context, comm *mpi.Comm, buf []int) (bool, error) {
	if err := mpi.Log(ctx).Sleep(ctx, 2*time.Second); err != nil {
		return false, err
	}
	_, there, err := comm.Iprobe(0, 0)
	if there {
		_, err = mpi.Recv(comm, buf, 0, 0)
	}
	return there, err
}
