package ch3

import (
	"context"
	"fmt"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

var pointToPointWrong = []catalog.Wrong{
	{Name: "any-source", Title: "takes the first message for that of rank 1", Run: takeFirstForRank1},
	{Name: "any-then-named", Title: "receives from any rank, and then from rank 2", Run: waitForRank2Again},
}

// takeFirstForRank1 has rank 0 receive from any rank, twice, and count on rank 1 to be the first.
func takeFirstForRank1(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, inOrder, 3, struct{}{}, mpi.WithLog(out))
	return err
}

var inOrder = mpi.Register("ch3.in_order", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (struct{}, error) {
	rank := comm.Rank()
	if rank > 0 {
		return struct{}{}, sendRank(ctx, comm)
	}
	for expected := 1; expected <= 2; expected++ {
		text, _, err := mpi.RecvValue[string](comm, mpi.AnySource, 0)
		if err != nil {
			return struct{}{}, err
		}
		mpi.Log(ctx).Actor("rank 0").Printf("rank %d says: %s", expected, text)
	}
	return struct{}{}, nil
})

// sendRank sends rank 0 a text. Rank 2 has something else to do before.
func sendRank(ctx context.Context, comm *mpi.Comm) error {
	rank := comm.Rank()
	if rank == 2 {
		if err := mpi.Log(ctx).Sleep(ctx, 5*time.Second); err != nil {
			return err
		}
	}
	return mpi.SendValue(comm, fmt.Sprintf("I am %d", rank), 0, 0)
}

// waitForRank2Again has rank 0 receive from any rank, and then from rank 2. That hangs if rank 2 was the first.
func waitForRank2Again(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, receiveAgain, 3, struct{}{}, mpi.WithLog(out), mpi.WithTimeout(5*time.Second))
	return err
}

var receiveAgain = mpi.Register("ch3.receive_again", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (struct{}, error) {
	if comm.Rank() > 0 {
		return struct{}{}, sendRank(ctx, comm)
	}
	for _, source := range []int{mpi.AnySource, 2} {
		text, _, err := mpi.RecvValue[string](comm, source, 0)
		if err != nil {
			return struct{}{}, err
		}
		mpi.Log(ctx).Actor("rank 0").Printf("received: %s", text)
	}
	return struct{}{}, nil
})
