package ch3

import (
	"context"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

var broadcastWrong = []catalog.Wrong{
	{Name: "recv-for-bcast", Title: "calls Bcast on the root alone, and Recv on the others", Run: receiveBroadcast},
}

// receiveBroadcast lets the root make the collective call alone. The other ranks call Recv, as if the root sent to each.
func receiveBroadcast(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, receiveValue, 3, 100, mpi.WithLog(out), mpi.WithTimeout(5*time.Second))
	return err
}

var receiveValue = mpi.Register("ch3.receive_value", func(ctx context.Context, comm *mpi.Comm, value int) (got int, err error) {
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	if comm.Rank() == 0 {
		out.Printf("has %d to share", value)
		got, err = mpi.BcastValue(comm, value, 0)
	} else {
		got, _, err = mpi.RecvValue[int](comm, 0, 0)
	}
	if err == nil {
		out.Printf("has %d", got)
	}
	return got, err
})
