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

// Every rank of a program runs the same function, and only its number is different.

// sayHello is the program: every rank runs all of it.
var sayHello = mpi.Register("ch3.mpi-hello", func(ctx context.Context, comm *mpi.Comm, _ struct{}) (rankInfo, error) {
	rank, size := comm.Rank(), comm.Size()
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	me.Printf("hello world from process %d", rank)
	if err := comm.Barrier(); err != nil { // no rank goes on before all have come, so all have said hello
		return rankInfo{}, err
	}

	// In turn: each rank but the first waits for the one before it. The message is empty: only its arrival matters.
	if rank > 0 {
		if _, err := mpi.Recv(comm, []byte{}, rank-1, 0); err != nil {
			return rankInfo{}, err
		}
	}
	me.Printf("hello again from process %d of %d", rank, size)
	if rank < size-1 {
		if err := mpi.Send(comm, []byte{}, rank+1, 0); err != nil {
			return rankInfo{}, err
		}
	}

	host, err := os.Hostname()
	return rankInfo{rank, size, host, os.Getpid()}, err
})

// rankInfo is what a rank knows about itself.
type rankInfo struct {
	Rank, Size int
	Host       string
	PID        int
}

func helloFromAll(ctx context.Context, out *transcript.Log, ranks int) error {
	out.Note("All ranks run the same program at the same time. First they say hello in any order. Then they say it in turn, " +
		"because each waits for a message from the rank before it.")
	answers, err := mpi.Run(ctx, sayHello, ranks, struct{}{}, mpi.WithLog(out))
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
		return func(ctx context.Context, out *transcript.Log) error { return helloFromAll(ctx, out, *ranks) }
	},
}
