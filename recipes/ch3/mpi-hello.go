package ch3

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// A helloAnswer is what a rank knows about itself.
type helloAnswer struct {
	Rank, Size int
	Host       string
	PID        int
}

// helloRank is the program: every rank runs all of it, and only the number that comm.Rank returns is different.
var helloRank = mpi.Register("ch3.mpi-hello", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (helloAnswer, error) {
	rank, size := comm.Rank(), comm.Size()
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	me.Printf("hello world from process %d", rank)
	if err := comm.Barrier(); err != nil { // nobody goes on until all have come, so all have said hello
		return helloAnswer{}, err
	}

	// In turn: each rank but the first waits for the one before it. The message is empty; that it comes is what it says.
	if rank > 0 {
		if _, err := mpi.Recv(comm, []byte{}, rank-1, 0); err != nil {
			return helloAnswer{}, err
		}
	}
	me.Printf("hello again from process %d of %d", rank, size)
	if rank < size-1 {
		if err := mpi.Send(comm, []byte{}, rank+1, 0); err != nil {
			return helloAnswer{}, err
		}
	}

	host, err := os.Hostname()
	return helloAnswer{rank, size, host, os.Getpid()}, err
})

func helloRun(ctx context.Context, out *transcript.Log, ranks int) error {
	out.Note("All run the same program at once. First they say hello as they come, and then in turn, because each waits for " +
		"a message from the rank before it.")
	answers, err := mpi.Run(ctx, helloRank, ranks, struct{}{}, mpi.WithLog(out))
	if err != nil {
		return err
	}
	out.Printf("%d of %d ranks have ended", len(answers), ranks)

	inOrder, processes := true, map[string]bool{}
	for r, a := range answers {
		inOrder = inOrder && a.Rank == r && a.Size == ranks
		processes[fmt.Sprintf("%s %d", a.Host, a.PID)] = true
	}
	out.Check("the ranks count from 0, and each knows how many they are", inOrder, true)
	out.Check("each is a process of its own", len(processes), ranks)
	return nil
}

var mpiHello = catalog.Recipe{
	ID: "ch3.mpi-hello", Section: "3.11", Title: "Say hello from every rank of a program",
	Python: "mpi4py: Comm.Get_rank, Comm.Get_size", Go: "mpi.Run, Comm.Rank, Comm.Size",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 5, 1, mpi.MaxRanks, "ranks to start")
		return func(ctx context.Context, out *transcript.Log) error { return helloRun(ctx, out, *ranks) }
	},
}
