package ch3

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

type gatherTask struct{ Root, Zero int }

// A gatherRecord is what a rank gave, and what it got: from Gather, if it is the root, and from Allgather in any case.
type gatherRecord struct {
	Gave      int
	Got, Know []int
}

var gatherRank = mpi.Register("ch3.gather", func(ctx context.Context, comm *mpi.Comm, task gatherTask) (gatherRecord, error) {
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	data := (rank + 1) * (rank + 1)
	if rank == task.Zero {
		data = 0
	}
	record := gatherRecord{Gave: data}
	out.Printf("process = %d gives %d", rank, data)

	all, err := mpi.GatherValues(comm, data, task.Root)
	if err != nil {
		return record, err
	}
	record.Got = all
	if rank == task.Root {
		mpi.Log(ctx).Note("The root prints what has come. It computes nothing itself.")
		out.Printf("rank = %d ...receiving data from other processes", rank)
		for from, value := range all {
			if from == rank {
				out.Printf("process %d has its own %d", rank, value)
			} else {
				out.Printf("process %d receiving %d from process %d", rank, value, from)
			}
		}
		mpi.Log(ctx).Note("Allgather: every rank gets all of it.")
	}

	// The same for buffers, and for all ranks. Each has to have room for what all send.
	record.Know = make([]int, comm.Size())
	if err := mpi.Allgather(comm, []int{data}, record.Know); err != nil {
		return record, err
	}
	out.Printf("process = %d knows %v", rank, record.Know)
	return record, nil
})

func gatherRun(ctx context.Context, out *transcript.Log, ranks int, task gatherTask) error {
	out.Note("Each rank has a value. Rank %d is to have them all.", task.Root)
	records, err := mpi.Run(ctx, gatherRank, ranks, task, mpi.WithLog(out))
	if err != nil {
		return err
	}

	var given, squares []int
	for r, record := range records {
		given, squares = append(given, record.Gave), append(squares, (r+1)*(r+1))
	}
	empty, know := 0, 0
	for _, record := range records {
		if record.Got == nil {
			empty++
		}
		if slices.Equal(record.Know, given) {
			know++
		}
	}
	out.Check("the root has what each rank gave", slices.Equal(records[task.Root].Got, given), true)
	out.Check("ranks that get nothing from Gather", empty, ranks-1)
	out.Check("ranks that know everything after Allgather", know, ranks)
	if task.Zero < 0 {
		out.Check("these are the squares", slices.Equal(given, squares), true)
	} else {
		out.Note("A program that computes what it should receive would have printed %d for rank %d.", squares[task.Zero], task.Zero)
	}
	return nil
}

var gather = catalog.Recipe{
	ID: "ch3.gather", Section: "3.16", Title: "Collect a value from every rank by a gather",
	Python: "comm.gather", Go: "mpi.GatherValues, mpi.Allgather",
	Needs:  []catalog.Need{catalog.Processes, catalog.SharedMemory},
	Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 5, 1, mpi.MaxRanks, "ranks to start")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that collects")
		zero := catalog.Int(f, "zero", -1, -1, mpi.MaxRanks-1, "rank that gives 0 in place of its square, or -1 for no rank")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			if *zero >= *ranks {
				return catalog.Usagef("--zero %d: want 0 to %d, one of the %d ranks, or -1", *zero, *ranks-1, *ranks)
			}
			return gatherRun(ctx, out, *ranks, gatherTask{Root: *root, Zero: *zero})
		}
	},
}
