package ch3

import (
	"bytes"
	"context"
	"fmt"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

var mpiDeadlockWrong = []catalog.Wrong{
	{Name: "recv-recv", Title: "receives first on both ranks", Run: bothReceiveFirst},
	{Name: "send-send", Title: "sends a long message first on both ranks", Run: bothSendFirst},
}

// Two ranks swap messages, and both make their two calls in the same order.

func bothReceiveFirst(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, swap, 2, swapping{ReceiveFirst: true, Size: 1}, mpi.WithLog(out), mpi.WithTimeout(patience))
	return err
}

// bothSendFirst works with messages of up to eagerLimit bytes, which the engine keeps until they are received.
func bothSendFirst(ctx context.Context, out *transcript.Log) error {
	_, err := mpi.Run(ctx, swap, 2, swapping{Size: longMessage}, mpi.WithLog(out), mpi.WithTimeout(patience))
	return err
}

var swap = mpi.Register("ch3.swap", func(ctx context.Context, comm *mpi.Comm, s swapping) (struct{}, error) {
	rank := comm.Rank()
	p := &party{
		comm: comm, me: mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank)), other: 1 - rank,
		mine: bytes.Repeat([]byte{"ab"[rank]}, s.Size), received: make([]byte, s.Size),
	}
	if s.ReceiveFirst {
		return struct{}{}, receiveFirst(p)
	}
	return struct{}{}, sendFirst(p)
})

// swapping says how both ranks swap.
type swapping struct {
	ReceiveFirst bool
	Size         int // bytes of each message
}
